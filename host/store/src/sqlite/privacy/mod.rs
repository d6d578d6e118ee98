//! What patrons may ask of what is held about them, and when it ends by itself (WALKTHROUGHS a15,
//! b1). Words go, and whose they were; what is counted stays in rows that are nobody's.

mod forget; // all of one phone's holder
mod links; // MYDATA
mod retention; // terms
mod words; // what a text, a message and a question hold

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, PhoneId};

use super::SqliteStore;
use super::reader::SqliteReader;
use crate::patron_file::PatronFile;
use crate::privacy::{Gone, Oldest, PrivacyReader, PrivacyStore, Retain};
use crate::{Done, StoreError};

pub(super) use forget::{again, forget};
pub(super) use links::{keep, prune};
pub(super) use words::unseal;

impl PrivacyStore for SqliteStore {
    fn open_link(&self, hash: [u8; 32], now: At, done: Done<Option<PhoneId>>) {
        self.submit(move |tx| links::open(tx, &hash, now), done);
    }

    fn retain(&self, retain: Retain, done: Done<Gone>) {
        self.submit(move |tx| retention::portion(tx, &retain), done);
    }

    fn retained(&self, now: At, done: Done<()>) {
        self.submit(move |tx| retention::ran(tx, now), done);
    }
}

impl PrivacyReader for SqliteReader {
    fn link_is_open(&self, hash: [u8; 32], now: At) -> Result<bool, StoreError> {
        Ok(links::find(&self.db, &hash, now)?.is_some())
    }

    fn held_of(&self, phone: PhoneId) -> Result<Option<PatronFile>, StoreError> {
        super::patron_files::of_phone(&self.db, &self.keys, phone)
    }

    fn oldest(&self, library: Option<&LibraryId>) -> Result<Oldest, StoreError> {
        retention::oldest(&self.db, library)
    }

    fn last_retained(&self) -> Result<Option<At>, StoreError> {
        retention::last(&self.db)
    }
}
