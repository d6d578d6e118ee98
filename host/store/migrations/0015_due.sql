-- What a moment begins and no text: reminders of flows and of people, questions that nobody answered
-- in time, invitations to come back.

-- `id` is the store's; `handle` is by what a flow knows its reminder. What a row says is sealed until
-- its turn, and gone then. `text` stands for the text of the turn that it began: what becomes of the
-- row is written in that turn's commit. `send` is the page's own name for what a person set with it.
CREATE TABLE due (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  kind         TEXT NOT NULL,
  handle       INTEGER UNIQUE,
  at           INTEGER NOT NULL,
  useful_until INTEGER NOT NULL,
  phone        INTEGER NOT NULL REFERENCES phone (id),
  number       TEXT NOT NULL,
  library      TEXT NOT NULL,
  keyword      TEXT,
  session      INTEGER,
  ticket       INTEGER,
  staff        TEXT,
  agreed       INTEGER,
  send         TEXT,
  sealed       BLOB,
  state        TEXT NOT NULL,
  text         INTEGER,
  reason       TEXT,
  created      INTEGER NOT NULL,
  changed      INTEGER NOT NULL
) STRICT;
CREATE INDEX due_waiting ON due (at, id) WHERE state = 'waiting';
CREATE UNIQUE INDEX due_of_send ON due (send) WHERE send IS NOT NULL;
CREATE INDEX due_of_phone ON due (phone, library, id);
CREATE INDEX due_of_text ON due (text) WHERE text IS NOT NULL;
CREATE INDEX due_of_session ON due (session) WHERE session IS NOT NULL;
CREATE INDEX due_of_library ON due (library, id);
