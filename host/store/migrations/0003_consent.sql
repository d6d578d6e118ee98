-- Consent at three levels, and who said what when it changed.

-- Libraries and lists that a phone has stopped apart from a number, by which text; list '' is the
-- library itself.
CREATE TABLE stopped (
  phone   INTEGER NOT NULL REFERENCES phone (id),
  library TEXT NOT NULL,
  list    TEXT NOT NULL,
  text    INTEGER NOT NULL,
  PRIMARY KEY (phone, library, list)
) STRICT, WITHOUT ROWID;

-- A line of the ledger: what of, how plainly said, what was shown, by which gateway and keyword.
ALTER TABLE consent_fact ADD COLUMN library TEXT;
ALTER TABLE consent_fact ADD COLUMN list TEXT;
ALTER TABLE consent_fact ADD COLUMN certainty TEXT NOT NULL DEFAULT 'sure';
ALTER TABLE consent_fact ADD COLUMN shown TEXT;
ALTER TABLE consent_fact ADD COLUMN gateway TEXT NOT NULL DEFAULT '';
ALTER TABLE consent_fact ADD COLUMN keyword TEXT;

-- The list whose members a message goes to.
ALTER TABLE message ADD COLUMN list TEXT;

-- Somebody may be in danger.
ALTER TABLE ticket ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0;
