-- What a gateway that keeps a connection of its own must know again after a crash: parts of texts,
-- and texts of which nobody knows whether the gateway has heard that we have them. Gone as soon as
-- it is not needed. `key` is drawn by chance; what it stands for is sealed.
CREATE TABLE gateway_note (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  gateway TEXT NOT NULL,
  key     TEXT NOT NULL,
  sealed  BLOB NOT NULL,
  UNIQUE (gateway, key)
) STRICT;
