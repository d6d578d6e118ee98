-- Notices to staff and to the machine's operator on their way out. `key` tells what has been told
-- already; no word of a patron's stands here, it is looked up when the notice goes out.
CREATE TABLE alert (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  key         TEXT NOT NULL UNIQUE,
  library     TEXT,
  kind        TEXT NOT NULL,
  ticket      INTEGER,
  way         TEXT NOT NULL,
  recipient   TEXT NOT NULL,
  about       TEXT NOT NULL,
  state       TEXT NOT NULL,
  attempt     INTEGER NOT NULL DEFAULT 0,
  created     INTEGER NOT NULL,
  changed     INTEGER NOT NULL,
  due         INTEGER NOT NULL,
  lease_until INTEGER,
  reason      TEXT
) STRICT;
CREATE INDEX alert_due ON alert (due, id) WHERE state = 'queued';
CREATE INDEX alert_leased ON alert (lease_until) WHERE state = 'leased';
CREATE INDEX alert_ended ON alert (changed) WHERE state IN ('sent', 'dropped', 'failed');
CREATE INDEX alert_failed ON alert (id) WHERE state = 'failed';
CREATE INDEX alert_of_ticket ON alert (ticket, kind) WHERE ticket IS NOT NULL;

-- How far the desk's history has been looked through for what is to be told.
CREATE TABLE alert_walk (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  event INTEGER NOT NULL
) STRICT;
INSERT INTO alert_walk (one, event) SELECT 1, coalesce(max(id), 0) FROM desk_event;

-- Where a person is told of questions on the topics that they know.
ALTER TABLE staff ADD COLUMN email TEXT;

-- Pictures that came with a text, by their place in it: drawn anew, sealed, and gone with the
-- text's own account of them.
CREATE TABLE picture (
  text        INTEGER NOT NULL REFERENCES text (id) ON DELETE CASCADE,
  place       INTEGER NOT NULL,
  state       TEXT NOT NULL,
  attempt     INTEGER NOT NULL DEFAULT 0,
  created     INTEGER NOT NULL,
  due         INTEGER NOT NULL,
  lease_until INTEGER,
  sealed      BLOB,
  reason      TEXT,
  PRIMARY KEY (text, place)
) STRICT;
CREATE INDEX picture_due ON picture (due) WHERE state = 'waiting';
CREATE INDEX picture_leased ON picture (lease_until) WHERE state = 'leased';

CREATE TRIGGER text_loses_pictures AFTER UPDATE OF media ON text WHEN new.media IS NULL
BEGIN
  DELETE FROM picture WHERE text = new.id;
END;

-- A patron's yes to being texted first, in their words, to a question in ours.
CREATE TABLE agreement (
  ticket INTEGER PRIMARY KEY,
  patron INTEGER NOT NULL REFERENCES patron (id) ON DELETE CASCADE,
  text   INTEGER NOT NULL REFERENCES text (id) ON DELETE CASCADE,
  asked  TEXT NOT NULL,
  words  TEXT NOT NULL,
  staff  TEXT NOT NULL,
  at     INTEGER NOT NULL
) STRICT;
CREATE INDEX agreement_of_text ON agreement (text);
CREATE INDEX agreement_of_patron ON agreement (patron);
