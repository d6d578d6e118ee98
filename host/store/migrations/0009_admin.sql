-- What admins look after: messages that did not get through, library by library.

CREATE INDEX message_failed_of ON message (library, id) WHERE state = 'failed';

-- What a keyword's word is answered with after it was removed (WALKTHROUGHS c6).
ALTER TABLE made_keyword ADD COLUMN closing TEXT;

-- What somebody did with their own account stands under no library.
CREATE INDEX audit_of_staff ON audit (staff, id) WHERE library IS NULL;
