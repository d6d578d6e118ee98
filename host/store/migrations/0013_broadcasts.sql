-- Lists as people look after them, and what is sent to their members.

-- How a list grows and who leaves it, by day, without looking at any phone.
CREATE INDEX consent_fact_of_list ON consent_fact (library, list, at) WHERE list IS NOT NULL;

-- One message to a list. `texts` is what goes out, by language; `walked` is the last patron that was
-- looked at when its recipients were put down, and none when all were.
CREATE TABLE broadcast (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  library  TEXT NOT NULL,
  list     TEXT NOT NULL,
  state    TEXT NOT NULL,
  audience TEXT NOT NULL,
  written  TEXT NOT NULL,
  texts    TEXT NOT NULL,
  author   TEXT NOT NULL,
  approver TEXT,
  created  INTEGER NOT NULL,
  changed  INTEGER NOT NULL,
  due      INTEGER NOT NULL,
  walked   INTEGER
) STRICT;
CREATE INDEX broadcast_of_library ON broadcast (library, id);
CREATE INDEX broadcast_active ON broadcast (due) WHERE state IN ('scheduled', 'sending');

-- Each person once, whatever happens between two steps: a message is made in the same commit in
-- which it is noted here.
CREATE TABLE broadcast_recipient (
  broadcast INTEGER NOT NULL REFERENCES broadcast (id),
  phone     INTEGER NOT NULL REFERENCES phone (id),
  patron    INTEGER NOT NULL,
  number    TEXT NOT NULL,
  message   INTEGER,
  left_out  TEXT,
  PRIMARY KEY (broadcast, phone)
) STRICT, WITHOUT ROWID;
CREATE INDEX broadcast_waiting ON broadcast_recipient (broadcast, phone)
  WHERE message IS NULL AND left_out IS NULL;

ALTER TABLE message ADD COLUMN broadcast INTEGER;
CREATE INDEX message_of_broadcast ON message (broadcast, state) WHERE broadcast IS NOT NULL;
