-- Times are milliseconds since 1970 UTC. Enumerations are the words that the code uses.
-- No column holds a phone number in the clear; `number` is always the library's own.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A sealed number as the host knows it, owned by no library. `version` is what a turn's commit
-- is checked against.
CREATE TABLE phone (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  namespace TEXT NOT NULL,
  found_by  BLOB NOT NULL UNIQUE,
  sealed    BLOB NOT NULL,
  key_id    TEXT NOT NULL,
  kind      TEXT NOT NULL,
  version   INTEGER NOT NULL DEFAULT 0,
  since     INTEGER NOT NULL
) STRICT;

-- One text that came in. Until its turn is committed, body and media stand in `sealed` alone.
CREATE TABLE text (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  phone           INTEGER NOT NULL REFERENCES phone (id),
  number          TEXT NOT NULL,
  gateway         TEXT NOT NULL,
  sender          TEXT NOT NULL,
  gateway_consent TEXT,
  received        INTEGER NOT NULL,
  sealed          BLOB,
  body            TEXT,
  media           TEXT,
  attempts        INTEGER NOT NULL,
  lease_owner     TEXT,
  lease_until     INTEGER,
  done            INTEGER,
  outcome         TEXT,
  library         TEXT,
  keyword         TEXT,
  flow            TEXT,
  ticket          INTEGER,
  reason          TEXT
) STRICT;
CREATE INDEX text_waiting ON text (id) WHERE done IS NULL;
CREATE INDEX text_of_phone ON text (phone, id);

-- Which texts came before: kept apart and small, because its key is random and it outlives the
-- texts (WALKTHROUGHS g7).
CREATE TABLE seen (
  gateway TEXT NOT NULL,
  hash    BLOB NOT NULL,
  text    INTEGER NOT NULL,
  day     INTEGER NOT NULL,
  PRIMARY KEY (gateway, hash)
) STRICT, WITHOUT ROWID;

-- One phone at one number. `consent` and `library` are also in `state`; the columns decide.
CREATE TABLE conversation (
  phone   INTEGER NOT NULL REFERENCES phone (id),
  number  TEXT NOT NULL,
  consent TEXT NOT NULL,
  library TEXT,
  state   TEXT NOT NULL,
  updated INTEGER NOT NULL,
  PRIMARY KEY (phone, number)
) STRICT, WITHOUT ROWID;

-- What was asked of us, in which words. Lines are added, never changed.
CREATE TABLE consent_fact (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  at     INTEGER NOT NULL,
  phone  INTEGER NOT NULL REFERENCES phone (id),
  number TEXT NOT NULL,
  text   INTEGER NOT NULL,
  before TEXT NOT NULL,
  after  TEXT NOT NULL,
  by     TEXT NOT NULL,
  words  TEXT NOT NULL
) STRICT;
CREATE INDEX consent_fact_of_phone ON consent_fact (phone, number, id);

-- One library's view of a phone.
CREATE TABLE patron (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  phone    INTEGER NOT NULL REFERENCES phone (id),
  library  TEXT NOT NULL,
  alias    TEXT NOT NULL,
  language TEXT,
  since    INTEGER NOT NULL,
  UNIQUE (phone, library),
  UNIQUE (library, alias)
) STRICT;

CREATE TABLE profile (
  patron INTEGER NOT NULL REFERENCES patron (id),
  field  TEXT NOT NULL,
  value  TEXT NOT NULL,
  PRIMARY KEY (patron, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE list_member (
  library TEXT NOT NULL,
  list    TEXT NOT NULL,
  patron  INTEGER NOT NULL REFERENCES patron (id),
  since   INTEGER NOT NULL,
  PRIMARY KEY (library, list, patron)
) STRICT, WITHOUT ROWID;

-- A flow that waits. Journal, pinned record, question and its words stand in `sealed`, which is
-- emptied when the session ends.
CREATE TABLE session (
  id      INTEGER PRIMARY KEY,
  phone   INTEGER NOT NULL REFERENCES phone (id),
  library TEXT NOT NULL,
  keyword TEXT NOT NULL,
  number  TEXT NOT NULL,
  digest  TEXT NOT NULL,
  state   TEXT NOT NULL,
  asked   INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  sealed  BLOB,
  ended   INTEGER,
  reason  TEXT
) STRICT;
CREATE INDEX session_of_phone ON session (phone) WHERE ended IS NULL;
CREATE INDEX session_expires ON session (expires) WHERE ended IS NULL;

-- A question that waits for a person. A claim holds until `claimed_until`; each one raises
-- `fence`, which a sender must know.
CREATE TABLE ticket (
  id             INTEGER PRIMARY KEY,
  library        TEXT NOT NULL,
  phone          INTEGER NOT NULL REFERENCES phone (id),
  patron         INTEGER NOT NULL REFERENCES patron (id),
  number         TEXT NOT NULL,
  topic          TEXT,
  summary        TEXT,
  cause          TEXT,
  opened         INTEGER NOT NULL,
  last_activity  INTEGER NOT NULL,
  last_patron_at INTEGER NOT NULL,
  last_staff_at  INTEGER,
  claimed_by     TEXT,
  claimed_until  INTEGER,
  fence          INTEGER NOT NULL DEFAULT 0,
  closed         INTEGER
) STRICT;
CREATE INDEX ticket_of_phone ON ticket (phone) WHERE closed IS NULL;
CREATE INDEX ticket_open ON ticket (library, last_activity) WHERE closed IS NULL;

-- A namespace is a library and a keyword's storage name; its totals are what is limited.
CREATE TABLE storage (
  library TEXT NOT NULL,
  name    TEXT NOT NULL,
  keys    INTEGER NOT NULL,
  bytes   INTEGER NOT NULL,
  PRIMARY KEY (library, name)
) STRICT, WITHOUT ROWID;

-- The library's part of a namespace (`patron` 0) or one patron's. Never deleted: `version` only
-- rises, and a key takes its version from it, so that a key made anew is never taken for the old.
CREATE TABLE storage_scope (
  id      INTEGER PRIMARY KEY,
  library TEXT NOT NULL,
  name    TEXT NOT NULL,
  patron  INTEGER NOT NULL,
  version INTEGER NOT NULL,
  UNIQUE (library, name, patron)
) STRICT;

CREATE TABLE storage_value (
  scope   INTEGER NOT NULL REFERENCES storage_scope (id),
  key     TEXT NOT NULL,
  value   TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

-- One message that goes out; its id is its turn's times 32 and its place in the turn.
CREATE TABLE message (
  id           INTEGER PRIMARY KEY,
  phone        INTEGER NOT NULL REFERENCES phone (id),
  number       TEXT NOT NULL,
  gateway      TEXT NOT NULL,
  library      TEXT,
  body         TEXT NOT NULL,
  media        TEXT NOT NULL,
  via          TEXT NOT NULL,
  despite_stop INTEGER NOT NULL,
  state        TEXT NOT NULL,
  attempt      INTEGER NOT NULL DEFAULT 0,
  created      INTEGER NOT NULL,
  changed      INTEGER NOT NULL,
  due          INTEGER NOT NULL,
  lease_owner  TEXT,
  lease_until  INTEGER,
  provider_id  TEXT,
  reason       TEXT
) STRICT;
CREATE INDEX message_due ON message (due, id) WHERE state = 'queued';
CREATE INDEX message_leased ON message (lease_until) WHERE state = 'leased';
CREATE INDEX message_unsent ON message (phone, id) WHERE state IN ('queued', 'leased');
CREATE INDEX message_offered ON message (changed) WHERE state = 'offered';
CREATE INDEX message_handed ON message (changed) WHERE state = 'handed';
CREATE INDEX message_unclear ON message (id) WHERE state = 'unclear';
CREATE INDEX message_provider ON message (gateway, provider_id) WHERE provider_id IS NOT NULL;

-- A flow failed: what the operator and the plugin's author need.
CREATE TABLE fault (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  at     INTEGER NOT NULL,
  text   INTEGER NOT NULL,
  flow   TEXT NOT NULL,
  digest TEXT NOT NULL,
  cause  TEXT NOT NULL
) STRICT;

CREATE TABLE component (
  digest TEXT PRIMARY KEY,
  name   TEXT NOT NULL,
  bytes  BLOB NOT NULL
) STRICT;

-- The SHA-256 of a compiled form, compared before that form is run.
CREATE TABLE compiled (
  digest TEXT NOT NULL,
  engine TEXT NOT NULL,
  hash   TEXT NOT NULL,
  PRIMARY KEY (digest, engine)
) STRICT, WITHOUT ROWID;
