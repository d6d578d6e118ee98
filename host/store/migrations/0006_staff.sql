-- People with an account of the machine. A password is an Argon2id string, tokens of links and
-- sessions are hashes, a second step's secret is sealed.

CREATE TABLE staff (
  id        TEXT PRIMARY KEY,
  name      TEXT NOT NULL UNIQUE,
  shown     TEXT NOT NULL,
  operator  INTEGER NOT NULL,
  password  TEXT,
  totp      BLOB,
  -- The last step of time that a code was taken for: none is taken twice.
  totp_step INTEGER,
  made      INTEGER NOT NULL,
  disabled  INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_role (
  staff   TEXT NOT NULL REFERENCES staff (id),
  library TEXT NOT NULL,
  role    TEXT NOT NULL,
  PRIMARY KEY (staff, library)
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_role_of_library ON staff_role (library, staff);

CREATE TABLE staff_session (
  hash    BLOB PRIMARY KEY,
  staff   TEXT NOT NULL REFERENCES staff (id),
  began   INTEGER NOT NULL,
  seen    INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_session_of ON staff_session (staff, began);
CREATE INDEX staff_session_expires ON staff_session (expires);

-- Links that work once. `staff` is null for the link that makes the first account.
CREATE TABLE staff_link (
  hash    BLOB PRIMARY KEY,
  staff   TEXT REFERENCES staff (id),
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who did what, for good. `who` is the name at that time.
CREATE TABLE audit (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  staff   TEXT,
  who     TEXT NOT NULL,
  library TEXT,
  what    TEXT NOT NULL,
  about   TEXT NOT NULL
) STRICT;
CREATE INDEX audit_of_library ON audit (library, id);

-- States that lie over the files (WALKTHROUGHS c1, c7). `keyword` is empty for the library.
CREATE TABLE switched (
  library TEXT NOT NULL,
  what    TEXT NOT NULL,
  keyword TEXT NOT NULL,
  told    TEXT NOT NULL,
  -- The day that a library is closed on.
  date    TEXT,
  since   INTEGER NOT NULL,
  by      TEXT NOT NULL,
  PRIMARY KEY (library, what, keyword)
) STRICT, WITHOUT ROWID;

-- What patrons asked that no keyword knew.
CREATE INDEX text_unmatched ON text (library, id)
 WHERE reason IN ('unmatched', 'near-miss', 'ask', 'correction');

-- Groups of such texts that a library does not want to see any more.
CREATE TABLE unmatched_ignored (
  library TEXT NOT NULL,
  key     TEXT NOT NULL,
  since   INTEGER NOT NULL,
  PRIMARY KEY (library, key)
) STRICT, WITHOUT ROWID;

-- Keywords that were made in the console, as TOML: every version of each; the last one counts, and
-- one without TOML is gone.
CREATE TABLE made_keyword (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  library TEXT NOT NULL,
  keyword TEXT NOT NULL,
  toml    TEXT,
  at      INTEGER NOT NULL,
  by      TEXT NOT NULL
) STRICT;
CREATE INDEX made_keyword_of ON made_keyword (library, keyword, id);
