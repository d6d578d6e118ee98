-- Another library answers for it, as its patron agreed in `guest_text`, until it closes.
ALTER TABLE ticket ADD COLUMN guest TEXT;
ALTER TABLE ticket ADD COLUMN guest_since INTEGER;
ALTER TABLE ticket ADD COLUMN guest_text INTEGER;
CREATE INDEX ticket_of_guest ON ticket (guest, place, since, id)
 WHERE guest IS NOT NULL AND closed IS NULL;

-- When its patron was asked how it went; 0: was not to be asked.
ALTER TABLE ticket ADD COLUMN surveyed INTEGER;
CREATE INDEX ticket_to_survey ON ticket (library, since)
 WHERE place = 'closed' AND close_reason = 'answered' AND surveyed IS NULL
   AND last_staff_at IS NOT NULL;
