-- What is known of a phone whatever number it texts. `country` is empty where the number tells
-- none, NULL until it is looked at. `meter` is JSON: what the phone was answered lately. `tenure`
-- counts its holders before this one; the former holder's history stands at a phone of its own,
-- which `former_of` ties to this one and to which nothing can be sent.
ALTER TABLE phone ADD COLUMN country TEXT;
ALTER TABLE phone ADD COLUMN last_text INTEGER;
ALTER TABLE phone ADD COLUMN tenure INTEGER NOT NULL DEFAULT 0;
ALTER TABLE phone ADD COLUMN meter TEXT;
-- Why no list's message goes to it, and since when; its next text lifts that.
ALTER TABLE phone ADD COLUMN lists_suspended INTEGER;
ALTER TABLE phone ADD COLUMN lists_suspended_for TEXT;
ALTER TABLE phone ADD COLUMN former_of INTEGER REFERENCES phone (id);

UPDATE phone SET last_text = (SELECT max(received) FROM text WHERE text.phone = phone.id);

-- When the gateway says that the text was sent; NULL where it does not say.
ALTER TABLE text ADD COLUMN sent INTEGER;

-- Segments that each library has sent, by the month: 202606 is June of 2026, by UTC. What simulated
-- phones are answered costs nothing and is counted apart.
CREATE TABLE spend (
  month     INTEGER NOT NULL,
  namespace TEXT NOT NULL,
  library   TEXT NOT NULL,
  segments  INTEGER NOT NULL,
  PRIMARY KEY (month, namespace, library)
) STRICT, WITHOUT ROWID;
