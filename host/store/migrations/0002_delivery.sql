-- Delivery: what a message is for, how long it is of use, what happened to it on its way.

-- `purpose` and its `priority`: 0 goes first. `ask_due`: when the gateway is asked about a message
-- that it has and says nothing of. `again`: the message that a person had sent in its place.
ALTER TABLE message ADD COLUMN purpose TEXT NOT NULL DEFAULT 'answer';
ALTER TABLE message ADD COLUMN priority INTEGER NOT NULL DEFAULT 1;
ALTER TABLE message ADD COLUMN useful_until INTEGER NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE message ADD COLUMN ask_due INTEGER;
ALTER TABLE message ADD COLUMN again INTEGER;

DROP INDEX message_due;
DROP INDEX message_unsent;
CREATE INDEX message_due ON message (number, priority, due, id) WHERE state = 'queued';
CREATE INDEX message_unsent ON message (phone, id) WHERE state IN ('queued', 'leased', 'unclear');
CREATE INDEX message_useful ON message (useful_until) WHERE state IN ('queued', 'unclear');
CREATE INDEX message_failed ON message (id) WHERE state = 'failed';
CREATE INDEX message_ask ON message (ask_due) WHERE ask_due IS NOT NULL;

-- Only what went another way than straight. Lines are added, never changed.
CREATE TABLE message_event (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  message INTEGER NOT NULL REFERENCES message (id),
  at      INTEGER NOT NULL,
  what    TEXT NOT NULL,
  detail  TEXT
) STRICT;
CREATE INDEX message_event_of_message ON message_event (message, id);

-- Messages that each number has handed over by the outbox, by the day in UTC.
CREATE TABLE handed_over (
  number TEXT NOT NULL,
  day    INTEGER NOT NULL,
  count  INTEGER NOT NULL,
  PRIMARY KEY (number, day)
) STRICT, WITHOUT ROWID;

-- Copies at gateways that are still to be emptied (WALKTHROUGHS b2).
CREATE TABLE redaction (
  gateway     TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  due         INTEGER NOT NULL,
  tries       INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (gateway, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX redaction_due ON redaction (due);
