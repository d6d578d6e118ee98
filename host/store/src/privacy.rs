//! What a patron's rights and the terms of what is kept ask of a store (WALKTHROUGHS a15, b1).

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, PhoneId};

use crate::patron_file::PatronFile;
use crate::{Done, StoreError};

pub trait PrivacyStore {
    /// Takes a link of MYDATA, which is good for nothing afterwards: whose data it shows. None: it
    /// is unknown, was shown, is too old, or the phone has another holder.
    fn open_link(&self, hash: [u8; 32], now: At, done: Done<Option<PhoneId>>);

    /// One portion of what has come to its term. Call again until nothing went.
    fn retain(&self, retain: Retain, done: Done<Gone>);

    /// The job has run through.
    fn retained(&self, now: At, done: Done<()>);
}

pub trait PrivacyReader {
    /// Whether it would show something now. Looking does not use it up.
    fn link_is_open(&self, hash: [u8; 32], now: At) -> Result<bool, StoreError>;

    /// All that is held of the phone's present holder.
    fn held_of(&self, phone: PhoneId) -> Result<Option<PatronFile>, StoreError>;

    /// The oldest that has words yet; what is of no library, without one.
    fn oldest(&self, library: Option<&LibraryId>) -> Result<Oldest, StoreError>;

    /// When the job last ran through.
    fn last_retained(&self) -> Result<Option<At>, StoreError>;
}

#[derive(Clone, Debug)]
pub enum Retain {
    /// What texts and questions of a library hold, or of none.
    Words {
        library: Option<LibraryId>,
        /// Texts that came before. Those in a question that is open stay until it was quiet so long.
        texts_before: At,
        /// Questions that were closed before, with their texts.
        questions_before: At,
        now: At,
        max: usize,
    },
    /// What belongs to the machine.
    Records {
        faults_before: At,
        consent_before: At,
        now: At,
        max: usize,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    pub texts: usize,
    pub questions: usize,
    pub records: usize,
}

impl Gone {
    pub fn any(self) -> bool {
        self != Gone::default()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oldest {
    /// When it came.
    pub text: Option<At>,
    /// When it was closed.
    pub question: Option<At>,
}
