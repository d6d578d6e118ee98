//! What a store keeps of the people behind the desk: accounts, sessions, links, the audit log, and
//! what they have switched off. A change and its line in the log are one commit.

mod values;

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{KeywordId, LibraryId, StaffId};
use callslip_core::staff::Staff;
use callslip_core::switches::Switches;

use crate::tallies::{Tally, TallyRow};
use crate::{Done, StoreError};
pub use values::{
    Account, AuditLine, AuditPage, Author, FaultCount, FaultLine, Link, MadeKeyword, Misled,
    NewAccount, Note, PasswordHash, PluginId, Session, StaffChange, StaffCommit, StaffCommitted,
    StaffRefused, StoredPlugin, Switching, TokenHash, TotpSecret, Traffic, UnmatchedText,
};

pub trait StaffStore: Send + Sync {
    fn staff_reader(&self) -> Result<Box<dyn StaffReader>, StoreError>;

    /// Makes one change, with its line in the log, or says why not and leaves everything as it was.
    fn staff_commit(&self, commit: StaffCommit, done: Done<StaffCommitted>);
}

pub trait StaffReader: Send {
    /// No account was ever made.
    fn nobody_yet(&self) -> Result<bool, StoreError>;

    /// By the name that is typed to sign in. An account that is disabled is given, too.
    fn account(&self, name: &str) -> Result<Option<Account>, StoreError>;

    fn account_of(&self, staff: &StaffId) -> Result<Option<Account>, StoreError>;

    /// Where this person's notices go.
    fn email(&self, staff: &StaffId) -> Result<Option<String>, StoreError>;

    /// Who has this session, if it has not expired and the account is not disabled.
    fn session(&self, token: &TokenHash, now: At)
    -> Result<Option<(Account, Session)>, StoreError>;

    /// Somebody's, the latest first.
    fn sessions(&self, staff: &StaffId, now: At) -> Result<Vec<Session>, StoreError>;

    /// A link that still works.
    fn link(&self, token: &TokenHash, now: At) -> Result<Option<Link>, StoreError>;

    /// Everybody, by name.
    fn accounts(&self) -> Result<Vec<Account>, StoreError>;

    /// The latest first: those of these libraries, and with `machine` those of none.
    fn audit(&self, page: &AuditPage) -> Result<Vec<AuditLine>, StoreError>;

    fn switches(&self) -> Result<Switches, StoreError>;

    /// What came and went lately at each of our numbers: of the last texts and messages, those
    /// since then.
    fn traffic(&self, since: At) -> Result<Vec<Traffic>, StoreError>;

    /// When somebody last said STOP to each of our numbers, as far as the last lines tell.
    fn last_stops(&self) -> Result<Vec<(String, At)>, StoreError>;

    /// Of each component that failed since then: how often, and the last fault.
    fn faults(&self, since: At) -> Result<Vec<FaultCount>, StoreError>;

    /// The last of these libraries, the latest first.
    fn last_faults(
        &self,
        libraries: &[LibraryId],
        max: usize,
    ) -> Result<Vec<FaultLine>, StoreError>;

    /// Plugins that came by the console, each version; of each name the one that was installed
    /// first stands first.
    fn plugins(&self) -> Result<Vec<StoredPlugin>, StoreError>;

    /// What no keyword of this library knew since then, the latest first.
    fn unmatched(
        &self,
        library: &LibraryId,
        since: At,
        max: usize,
    ) -> Result<Vec<UnmatchedText>, StoreError>;

    /// Answers of this library's keywords since then that did not help: the patron asked for a
    /// person, or came to a ticket, within `soon`. The latest first.
    fn misled(
        &self,
        library: &LibraryId,
        since: At,
        soon: Duration,
        max: usize,
    ) -> Result<Vec<Misled>, StoreError>;

    /// Groups of such texts that somebody does not want to see any more, by their name.
    fn ignored(&self, library: &LibraryId) -> Result<Vec<String>, StoreError>;

    /// The keywords that were made in the console, as they are now.
    fn made_keywords(&self) -> Result<Vec<MadeKeyword>, StoreError>;

    /// One keyword's versions, the latest first.
    fn versions(
        &self,
        library: &LibraryId,
        keyword: &KeywordId,
        max: usize,
    ) -> Result<Vec<MadeKeyword>, StoreError>;

    /// What was counted between two moments, by the hour.
    fn tallied(
        &self,
        library: &LibraryId,
        what: Tally,
        between: (At, At),
    ) -> Result<Vec<TallyRow>, StoreError>;

    /// What a flow has counted for the library: keys that begin so, with their values.
    fn counted(
        &self,
        library: &LibraryId,
        storage: &str,
        prefix: &str,
        max: usize,
    ) -> Result<Vec<(String, String)>, StoreError>;

    /// Whose counter a link shows: of a keyword.
    fn counter(&self, link: &TokenHash) -> Result<Option<(LibraryId, KeywordId)>, StoreError>;

    /// Since when a keyword's counter is shown to whoever has the link.
    fn counter_since(
        &self,
        library: &LibraryId,
        keyword: &KeywordId,
    ) -> Result<Option<At>, StoreError>;

    /// Who is called so: for a page that names colleagues.
    fn shown(&self, staff: &StaffId) -> Result<Option<String>, StoreError>;

    /// Who has a role there, without those who are switched off.
    fn staff_of(&self, library: &LibraryId) -> Result<Vec<Staff>, StoreError>;
}
