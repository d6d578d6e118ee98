-- What somebody in danger waits for stands before the rest of the queue.
CREATE INDEX ticket_urgent ON ticket (library, since, id)
 WHERE urgent = 1 AND place = 'waiting' AND closed IS NULL;

-- A moment was chosen for it: nothing else to its phone waits for it.
ALTER TABLE message ADD COLUMN scheduled INTEGER NOT NULL DEFAULT 0;
