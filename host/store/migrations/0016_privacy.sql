-- What patrons may ask of what is held about them, and how it ends (WALKTHROUGHS a15, b1).

-- Since when all of its holder's is deleted: the sealed number goes too, once nothing is on its way
-- to it.
ALTER TABLE phone ADD COLUMN forgotten INTEGER;
CREATE INDEX phone_forgotten ON phone (id) WHERE forgotten IS NOT NULL;

-- Links that show once, by their hash, what is held of a phone's holder of that time.
CREATE TABLE data_link (
  hash   BLOB PRIMARY KEY,
  phone  INTEGER NOT NULL REFERENCES phone (id),
  tenure INTEGER NOT NULL,
  until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX data_link_until ON data_link (until);

-- When its words went, and with them whose it was. What is counted stays in the row.
ALTER TABLE text ADD COLUMN gone INTEGER;
CREATE INDEX text_to_go ON text (library, id) WHERE gone IS NULL;
ALTER TABLE ticket ADD COLUMN gone INTEGER;
CREATE INDEX ticket_to_go ON ticket (library, closed) WHERE gone IS NULL AND closed IS NOT NULL;
CREATE INDEX fault_at ON fault (at);
CREATE INDEX consent_fact_at ON consent_fact (at);
CREATE INDEX session_of_phone_ended ON session (phone, ended) WHERE ended IS NOT NULL;
CREATE INDEX ticket_of_patron ON ticket (patron);
CREATE INDEX broadcast_recipient_phone ON broadcast_recipient (phone);
CREATE INDEX desk_send_of_turn ON desk_send (turn);
CREATE INDEX fault_of_text ON fault (text);
