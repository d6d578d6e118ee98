-- Calls that leave marks outside the house (e2): on record before they are made, with their answer
-- after, and gone with their turn's commit.
CREATE TABLE outside (
    text INTEGER NOT NULL REFERENCES text (id) ON DELETE CASCADE,
    -- A keyed hash of what is asked, and of how many of the same went before it in this turn.
    call BLOB NOT NULL,
    asked INTEGER NOT NULL,
    -- Null: it was begun, and what came of it is not known.
    sealed BLOB,
    PRIMARY KEY (text, call)
) STRICT, WITHOUT ROWID;

-- Wrong tries at secrets, and those whose answer is still to come (g3).
CREATE TABLE try (
    id INTEGER PRIMARY KEY,
    library TEXT NOT NULL,
    storage TEXT NOT NULL,
    -- A keyed hash, such as of a card's number.
    subject BLOB NOT NULL,
    phone INTEGER NOT NULL REFERENCES phone (id) ON DELETE CASCADE,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX try_of_library ON try (library, storage, at);
CREATE INDEX try_of_phone ON try (phone);
