-- Plugins that came by the console: each version, with who brought it. A library's own has its id
-- as owner, the machine's an empty one: equal names of two owners are two plugins (WALKTHROUGHS
-- g5). Of an installed one `component` has the bytes for good, where a waiting session finds them.
CREATE TABLE plugin (
  owner     TEXT NOT NULL,
  name      TEXT NOT NULL,
  version   TEXT NOT NULL,
  digest    TEXT NOT NULL,
  summary   TEXT NOT NULL,
  -- Names of what it asks for, with spaces between.
  needs     TEXT NOT NULL,
  size      INTEGER NOT NULL,
  uploaded  INTEGER NOT NULL,
  by        TEXT NOT NULL,
  -- Null: it was looked at and no more.
  installed INTEGER,
  withdrawn INTEGER,
  -- Until it is installed; then `component` has them.
  bytes     BLOB,
  PRIMARY KEY (owner, name, version)
) STRICT;

-- What the flow said to its author in the run that failed.
ALTER TABLE fault ADD COLUMN log TEXT NOT NULL DEFAULT '';
