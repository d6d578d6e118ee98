-- What is counted for reports, and which posters there are.

-- Counts by the hour, so that a day can be any library's. No column holds anything of a person;
-- they stay when texts and tickets are deleted. `hour` is hours since 1970 UTC; the parts of `key`
-- stand in the order that `callslip_store::tallies` says, with a tab between them.
CREATE TABLE tally (
  library TEXT NOT NULL,
  what    TEXT NOT NULL,
  hour    INTEGER NOT NULL,
  key     TEXT NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (library, what, hour, key)
) STRICT, WITHOUT ROWID;

-- Posters that were made: the mark is texted behind the keyword (WALKTHROUGHS a20).
CREATE TABLE poster (
  library TEXT NOT NULL,
  keyword TEXT NOT NULL,
  mark    TEXT NOT NULL,
  place   TEXT NOT NULL,
  since   INTEGER NOT NULL,
  by      TEXT NOT NULL,
  PRIMARY KEY (library, keyword, mark)
) STRICT, WITHOUT ROWID;

-- Who came by which poster, until that day ends.
CREATE TABLE came (
  phone   INTEGER NOT NULL REFERENCES phone (id),
  library TEXT NOT NULL,
  keyword TEXT NOT NULL,
  mark    TEXT NOT NULL,
  until   INTEGER NOT NULL,
  PRIMARY KEY (phone, library)
) STRICT, WITHOUT ROWID;
CREATE INDEX came_until ON came (until);

-- Counters for a hall, by the hash of their link.
CREATE TABLE counter (
  hash    BLOB PRIMARY KEY,
  library TEXT NOT NULL,
  keyword TEXT NOT NULL,
  since   INTEGER NOT NULL,
  by      TEXT NOT NULL,
  UNIQUE (library, keyword)
) STRICT, WITHOUT ROWID;

-- How far the desk's history was counted, from its beginning: by its hours, which the store does
-- not know.
CREATE TABLE tally_walk (event INTEGER NOT NULL) STRICT;
INSERT INTO tally_walk (event) VALUES (0);

-- All that is still there of before. Simulated phones are in no report (f5), nor is what stands for
-- a text where somebody at the desk wrote.
INSERT INTO tally (library, what, hour, key, n)
SELECT t.library, 'text', t.done / 3600000,
       coalesce(t.keyword, '') || char(9) || t.gateway || char(9) || t.outcome || char(9) ||
       CASE WHEN t.outcome = 'ticketed' THEN 'people' WHEN t.outcome = 'silent' THEN ''
            WHEN t.flow IS NOT NULL THEN 'flow' ELSE 'host' END || char(9) || coalesce(t.reason, ''),
       count(*)
  FROM text t JOIN phone p ON p.id = t.phone
 WHERE t.done IS NOT NULL AND t.outcome IS NOT NULL AND t.library IS NOT NULL
   AND p.namespace = 'real' AND t.sender <> 'desk'
 GROUP BY 1, 3, 4;

INSERT INTO tally (library, what, hour, key, n)
SELECT m.library, 'message', m.changed / 3600000,
       m.gateway || char(9) || s.step || char(9) ||
       CASE WHEN s.step <> 'failed' THEN ''
            -- A gateway may quote whom it was for.
            WHEN m.reason GLOB '*[0-9][0-9][0-9][0-9][0-9][0-9][0-9]*' THEN 'other'
            ELSE substr(coalesce(m.reason, ''), 1, 80) END, count(*)
  FROM message m JOIN phone p ON p.id = m.phone
  JOIN (SELECT 'handed' AS state, 'out' AS step UNION ALL SELECT 'sent', 'out'
        UNION ALL SELECT 'delivered', 'out' UNION ALL SELECT 'delivered', 'delivered'
        UNION ALL SELECT 'failed', 'failed') s ON s.state = m.state
 WHERE m.library IS NOT NULL AND p.namespace = 'real'
 GROUP BY 1, 3, 4;

INSERT INTO tally (library, what, hour, key, n)
SELECT c.library, 'list', c.at / 3600000,
       c.list || char(9) || CASE WHEN c.after = 'in' THEN 'joined' ELSE 'left' END, count(*)
  FROM consent_fact c JOIN phone p ON p.id = c.phone
 WHERE c.list IS NOT NULL AND c.library IS NOT NULL AND c.after IN ('in', 'out')
   AND c.before <> c.after AND p.namespace = 'real'
 GROUP BY 1, 3, 4;
