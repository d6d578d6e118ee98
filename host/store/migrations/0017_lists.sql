-- Whom a spreadsheet, or somebody at the desk, names for a list: asked once, with the proof that was
-- claimed, and on it when they say yes (WALKTHROUGHS g5). Who was asked is never asked again.
CREATE TABLE invitation (
  library  TEXT NOT NULL,
  list     TEXT NOT NULL,
  phone    INTEGER NOT NULL REFERENCES phone (id),
  number   TEXT NOT NULL,
  at       INTEGER NOT NULL,
  by       TEXT NOT NULL,
  proof    TEXT NOT NULL,
  text     INTEGER NOT NULL,
  answered INTEGER,
  PRIMARY KEY (library, list, phone)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_open ON invitation (phone, number) WHERE answered IS NULL;
