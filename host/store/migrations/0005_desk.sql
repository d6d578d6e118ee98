-- The desk, where people answer. Times are milliseconds since 1970 UTC; enumerations are words.

-- What somebody at the desk did stands in the one order of a phone's texts, as a text of sender
-- `desk` that has no words of the patron's: so a conversation is one walk.
ALTER TABLE text ADD COLUMN staff TEXT;
CREATE INDEX text_of_ticket ON text (ticket, id) WHERE ticket IS NOT NULL;

-- Until then nothing of theirs goes to a person; and how they want to be answered.
ALTER TABLE patron ADD COLUMN muted_until INTEGER;
ALTER TABLE patron ADD COLUMN muted_why TEXT;
ALTER TABLE patron ADD COLUMN channel TEXT;
ALTER TABLE patron ADD COLUMN channel_note TEXT;

-- `place` is whose turn it is, `since` what that counts from: since when the patron waits, was
-- answered, is closed; until when it is snoozed. `last_text` is the patron's last one,
-- `last_message` the last that the patron got, `promised` when they were told that somebody
-- answers, `undone` when staff questioned an opt-out to answer this one.
ALTER TABLE ticket ADD COLUMN place TEXT NOT NULL DEFAULT 'waiting';
ALTER TABLE ticket ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN last_text INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN last_message INTEGER;
ALTER TABLE ticket ADD COLUMN promised INTEGER;
ALTER TABLE ticket ADD COLUMN undone INTEGER;
ALTER TABLE ticket ADD COLUMN close_reason TEXT;
UPDATE ticket SET place = CASE WHEN closed IS NULL THEN 'waiting' ELSE 'closed' END,
                  since = coalesce(closed, last_patron_at), last_text = id;
DROP INDEX ticket_of_phone;
CREATE INDEX ticket_of_phone ON ticket (phone, closed);
CREATE INDEX ticket_queue ON ticket (library, place, since, id);
CREATE INDEX ticket_queue_of_topic ON ticket (library, place, topic, since, id);
CREATE INDEX ticket_claimed ON ticket (claimed_by, since, id) WHERE closed IS NULL;
CREATE INDEX ticket_snoozed ON ticket (since) WHERE place = 'snoozed';

-- Beside a ticket stand the lists that its patron is on.
CREATE INDEX list_member_of_patron ON list_member (patron, library, list);

-- What was done, by whom, for ever readable beside its ticket. Reasons are staff's own words; no
-- patron's text stands here.
CREATE TABLE desk_event (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  library TEXT NOT NULL,
  ticket  INTEGER,
  staff   TEXT,
  what    TEXT NOT NULL,
  detail  TEXT
) STRICT;
CREATE INDEX desk_event_of_ticket ON desk_event (ticket, id) WHERE ticket IS NOT NULL;
CREATE INDEX desk_event_of_library ON desk_event (library, id);

-- What open pages are to look at again; kept for a day.
CREATE TABLE desk_change (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  library TEXT NOT NULL,
  ticket  INTEGER,
  what    TEXT NOT NULL
) STRICT;

-- Who looks at a ticket, and who types.
CREATE TABLE presence (
  ticket INTEGER NOT NULL,
  staff  TEXT NOT NULL,
  looked INTEGER NOT NULL,
  typed  INTEGER,
  PRIMARY KEY (ticket, staff)
) STRICT, WITHOUT ROWID;

-- The page makes `send`, so that a second click is the first one. `turn` is the reply's text row,
-- `before` how things stood, for taking it back; nothing where there is
-- no way back.
CREATE TABLE desk_send (
  send   TEXT PRIMARY KEY,
  ticket INTEGER NOT NULL,
  staff  TEXT NOT NULL,
  turn   INTEGER NOT NULL,
  body   TEXT NOT NULL,
  before TEXT,
  at     INTEGER NOT NULL,
  due    INTEGER NOT NULL,
  undone INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX desk_send_of_ticket ON desk_send (ticket, turn);

-- `seen` is the patron's last text when the draft was written.
CREATE TABLE draft (
  ticket  INTEGER NOT NULL,
  staff   TEXT NOT NULL,
  body    TEXT NOT NULL,
  seen    INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  PRIMARY KEY (ticket, staff)
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket INTEGER NOT NULL,
  staff  TEXT NOT NULL,
  at     INTEGER NOT NULL,
  body   TEXT NOT NULL
) STRICT;
CREATE INDEX note_of_ticket ON note (ticket, id);

-- Full text of what was said. It holds no words of its own, so that taking one out (with
-- 'secure-delete') leaves none behind; `tags` are the library and what kind of text it is, as
-- words, so that one library's search never walks another's. A row's id is its turn's times 64,
-- and for a message 1 and its place in the turn more.
-- Rows are added some time after their turn, many at once: a turn pays nothing for them.
CREATE VIRTUAL TABLE search USING fts5 (
  body, tags, content = '', tokenize = "unicode61 remove_diacritics 2"
);
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);

-- How far the walk has come, and which texts had no turn yet when it passed.
CREATE TABLE search_walk (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  text INTEGER NOT NULL
) STRICT;
INSERT INTO search_walk (one, text) VALUES (1, 0);
CREATE TABLE search_later (
  text INTEGER PRIMARY KEY
) STRICT;

-- What the index was told of a row, to tell it the same when it goes.
CREATE VIEW searchable AS
  SELECT t.id AS turn, t.id * 64 AS row, t.body AS body,
         'l' || lower(hex(t.library)) || CASE WHEN t.ticket IS NULL THEN ' kt' ELSE ' kq' END AS tags
    FROM text t
   WHERE t.done IS NOT NULL AND t.body IS NOT NULL AND t.library IS NOT NULL
  UNION ALL
  SELECT t.id, t.id * 64 + 1 + m.id % 32, m.body,
         'l' || lower(hex(m.library)) || CASE WHEN t.sender = 'desk' THEN ' ka' ELSE ' km' END
    FROM text t JOIN message m ON m.id BETWEEN t.id * 32 AND t.id * 32 + 31
   WHERE t.done IS NOT NULL AND m.library IS NOT NULL;

-- Whatever deletes or changes a text or a message, its words leave the index with it.
CREATE TRIGGER text_leaves_search BEFORE DELETE ON text WHEN old.done IS NOT NULL
BEGIN
  INSERT INTO search (search, rowid, body, tags)
  SELECT 'delete', s.row, s.body, s.tags FROM searchable s
   WHERE s.turn = old.id AND old.id <= (SELECT text FROM search_walk)
     AND NOT EXISTS (SELECT 1 FROM search_later WHERE text = old.id);
  DELETE FROM search_later WHERE text = old.id;
END;
CREATE TRIGGER text_changes_search BEFORE UPDATE OF body, library, ticket ON text
  WHEN old.done IS NOT NULL
BEGIN
  INSERT INTO search (search, rowid, body, tags)
  SELECT 'delete', s.row, s.body, s.tags FROM searchable s
   WHERE s.turn = old.id AND old.id <= (SELECT text FROM search_walk)
     AND NOT EXISTS (SELECT 1 FROM search_later WHERE text = old.id);
  INSERT OR IGNORE INTO search_later (text)
  SELECT old.id WHERE old.id <= (SELECT text FROM search_walk);
END;
CREATE TRIGGER message_leaves_search BEFORE DELETE ON message
BEGIN
  INSERT INTO search (search, rowid, body, tags)
  SELECT 'delete', s.row, s.body, s.tags FROM searchable s
   WHERE s.turn = old.id / 32 AND s.row = old.id / 32 * 64 + 1 + old.id % 32
     AND s.turn <= (SELECT text FROM search_walk)
     AND NOT EXISTS (SELECT 1 FROM search_later WHERE text = s.turn);
END;
CREATE TRIGGER message_changes_search BEFORE UPDATE OF body ON message
BEGIN
  INSERT INTO search (search, rowid, body, tags)
  SELECT 'delete', s.row, s.body, s.tags FROM searchable s
   WHERE s.turn = old.id / 32 AND s.turn <= (SELECT text FROM search_walk)
     AND NOT EXISTS (SELECT 1 FROM search_later WHERE text = s.turn);
  INSERT OR IGNORE INTO search_later (text)
  SELECT old.id / 32 WHERE old.id / 32 <= (SELECT text FROM search_walk);
END;
-- One that is added to a turn which the walk has passed: an apology, a message sent again.
CREATE TRIGGER message_joins_search AFTER INSERT ON message
  WHEN new.id / 32 <= (SELECT text FROM search_walk)
BEGIN
  INSERT INTO search (search, rowid, body, tags)
  SELECT 'delete', s.row, s.body, s.tags FROM searchable s
   WHERE s.turn = new.id / 32 AND s.row <> new.id / 32 * 64 + 1 + new.id % 32
     AND NOT EXISTS (SELECT 1 FROM search_later WHERE text = s.turn);
  INSERT OR IGNORE INTO search_later (text) VALUES (new.id / 32);
END;

-- Saved answers: templates, by a name that is the library's own.
CREATE TABLE canned (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  library TEXT NOT NULL,
  name    TEXT NOT NULL COLLATE NOCASE,
  body    TEXT NOT NULL,
  staff   TEXT NOT NULL,
  changed INTEGER NOT NULL,
  UNIQUE (library, name)
) STRICT;

-- Who knows a topic; the topics themselves are the library's file's.
CREATE TABLE topic_staff (
  library TEXT NOT NULL,
  topic   TEXT NOT NULL,
  staff   TEXT NOT NULL,
  PRIMARY KEY (library, topic, staff)
) STRICT, WITHOUT ROWID;
CREATE INDEX topic_staff_of ON topic_staff (staff, library, topic);

-- A flow's answer that staff found wrong; it shows with the texts that nothing matched.
CREATE TABLE wrong_answer (
  text    INTEGER PRIMARY KEY,
  library TEXT NOT NULL,
  keyword TEXT,
  flow    TEXT,
  staff   TEXT NOT NULL,
  at      INTEGER NOT NULL,
  remark  TEXT
) STRICT;
CREATE INDEX wrong_answer_of_library ON wrong_answer (library, text);
