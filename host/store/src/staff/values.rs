//! What goes into the staff's part of the store and comes out of it.

use std::fmt;

use callslip_core::at::At;
use callslip_core::directory::FlowName;
use callslip_core::flow::Plugin;
use callslip_core::grants::Capability;
use callslip_core::ids::{Digest, KeywordId, LibraryId, StaffId, TicketId};
use callslip_core::source::Mark;
use callslip_core::staff::{Role, Staff};

/// The hash of a session's or a link's token. The token itself is kept nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash(pub [u8; 32]);

/// An Argon2id string, which nobody need read.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(hidden)")
    }
}

/// What a second step's codes are made of.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(pub Vec<u8>);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(hidden)")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub staff: Staff,
    /// None: a link has to be used first.
    pub password: Option<PasswordHash>,
    pub totp: Option<TotpSecret>,
    pub made: At,
    pub disabled: Option<At>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub token: TokenHash,
    pub began: At,
    pub seen: At,
    pub expires: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// None: it makes the first account.
    pub staff: Option<Staff>,
    pub expires: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    pub id: StaffId,
    pub name: String,
    pub shown: String,
    pub operator: bool,
    pub roles: Vec<(LibraryId, Role)>,
}

#[derive(Clone, Debug)]
pub struct StaffCommit {
    pub now: At,
    pub by: Author,
    pub change: StaffChange,
    /// None: nothing that anybody will look for.
    pub note: Option<Note>,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// None: the machine itself, or its command line.
    pub staff: Option<StaffId>,
    pub name: String,
}

/// The line in the log. It never holds a number or a patron's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// None: the machine's.
    pub library: Option<LibraryId>,
    /// In kebab-case, such as `signed-in`.
    pub what: String,
    pub about: String,
}

#[derive(Clone, Debug)]
pub enum StaffChange {
    /// A link for the first account; earlier ones stop working.
    OfferFirst {
        link: TokenHash,
        expires: At,
    },
    /// Uses that link.
    MakeFirst {
        link: TokenHash,
        account: NewAccount,
        password: PasswordHash,
    },
    /// An account that a link opens.
    Add {
        account: NewAccount,
        link: TokenHash,
        expires: At,
    },
    /// A link to a new password; earlier ones stop working.
    OfferReset {
        staff: StaffId,
        link: TokenHash,
        expires: At,
    },
    /// Uses that link: a new password, no second step, signed out everywhere.
    Reset {
        link: TokenHash,
        password: PasswordHash,
    },
    /// A new password by its owner, who stays signed in here and nowhere else.
    Password {
        staff: StaffId,
        password: PasswordHash,
        keep: TokenHash,
    },
    /// A second step, proved by a code of this step of time, or none any more. Its owner stays
    /// signed in here and nowhere else.
    Totp {
        staff: StaffId,
        secret: Option<(TotpSecret, i64)>,
        keep: TokenHash,
    },
    /// Where notices go. None: nowhere.
    Email {
        staff: StaffId,
        email: Option<String>,
    },
    SignIn {
        staff: StaffId,
        session: TokenHash,
        expires: At,
        /// The step of time of the code that was given; refused when it was taken before.
        totp_step: Option<i64>,
    },
    SignOut {
        session: TokenHash,
    },
    SignOutEverywhere {
        staff: StaffId,
    },
    /// Still there: the session lasts until then.
    Seen {
        session: TokenHash,
        expires: At,
    },
    Role {
        staff: StaffId,
        library: LibraryId,
        /// None: taken away.
        role: Option<Role>,
    },
    Disable {
        staff: StaffId,
    },
    Enable {
        staff: StaffId,
    },
    Switch(Switching),
    /// A keyword made or changed in the console, as TOML; None: removed. Refused when somebody has
    /// changed it since `over`, the version that the form showed.
    MakeKeyword {
        library: LibraryId,
        keyword: KeywordId,
        toml: Option<String>,
        over: Option<i64>,
    },
    /// A keyword of the console is taken away; whoever still texts its word is told this (c6).
    RemoveKeyword {
        library: LibraryId,
        keyword: KeywordId,
        closing: String,
        over: i64,
    },
    /// A group of unmatched texts is not shown any more, or again.
    Ignore {
        library: LibraryId,
        key: String,
        ignored: bool,
    },
    /// A version of a plugin, to be looked at; [`StaffChange::InstallPlugin`] puts it on the shelf.
    OfferPlugin {
        /// None: the machine's.
        owner: Option<LibraryId>,
        plugin: Plugin,
        bytes: Vec<u8>,
    },
    /// Also one that was withdrawn.
    InstallPlugin(PluginId),
    /// No keyword gets it any more.
    WithdrawPlugin(PluginId),
    /// A new link to a keyword's counter, in the place of an earlier one; none: it ends.
    Counter {
        library: LibraryId,
        keyword: KeywordId,
        link: Option<TokenHash>,
    },
    /// The line in the log alone.
    Noted,
}

/// Which of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PluginId {
    /// None: the machine's, for every library.
    pub owner: Option<LibraryId>,
    pub name: String,
    pub version: String,
}

/// A version of a plugin that came by the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPlugin {
    pub id: PluginId,
    pub digest: Digest,
    pub summary: String,
    pub needs: Vec<Capability>,
    /// Bytes.
    pub size: u64,
    pub uploaded: At,
    pub by: String,
    /// None: it was looked at and no more.
    pub installed: Option<At>,
    pub withdrawn: Option<At>,
}

impl StoredPlugin {
    /// A keyword can be given it.
    pub fn is_there(&self) -> bool {
        self.installed.is_some() && self.withdrawn.is_none()
    }

    /// As keywords name it.
    pub fn flow(&self) -> FlowName {
        let PluginId {
            owner,
            name,
            version,
        } = &self.id;
        FlowName {
            name: match owner {
                Some(library) => format!("{library}/{name}"),
                None => name.clone(),
            },
            version: Some(version.clone()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switching {
    KeywordOff {
        library: LibraryId,
        keyword: KeywordId,
        told: String,
    },
    KeywordOn {
        library: LibraryId,
        keyword: KeywordId,
    },
    Closed {
        library: LibraryId,
        date: String,
        because: String,
    },
    Opened {
        library: LibraryId,
    },
    Outage {
        library: LibraryId,
        told: String,
    },
    OutageOver {
        library: LibraryId,
    },
    /// A poster is made (a20).
    PosterMade {
        library: LibraryId,
        keyword: KeywordId,
        mark: Mark,
        place: String,
    },
    /// Its mark is a patron's own word again.
    PosterGone {
        library: LibraryId,
        keyword: KeywordId,
        mark: Mark,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaffCommitted {
    /// With the account that it was about, if it was about one.
    Saved(Option<StaffId>),
    Refused(StaffRefused),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffRefused {
    /// Used, expired or never given.
    LinkGone,
    /// There are accounts already.
    NotFirst,
    NameTaken,
    NoSuchAccount,
    /// That code was taken before.
    CodeUsed,
    /// Somebody else has changed it meanwhile.
    Newer,
    /// A library would be left without an owner, or the machine without an operator.
    LastOne,
    /// Another file is this version of this plugin.
    VersionTaken,
    NoSuchPlugin,
    /// As much as is kept is kept already.
    TooMany,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    pub libraries: Vec<LibraryId>,
    pub machine: bool,
    /// What these people did with their accounts, which is under no library.
    pub people: Vec<StaffId>,
    /// Lines before this one; None: from the latest on.
    pub before: Option<i64>,
    pub max: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    pub id: i64,
    pub at: At,
    pub staff: Option<StaffId>,
    pub who: String,
    pub library: Option<LibraryId>,
    pub what: String,
    pub about: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub number: String,
    pub texts: u64,
    pub last_text: Option<At>,
    pub messages: u64,
    pub failed: u64,
    pub last_message: Option<At>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultCount {
    pub flow: String,
    /// Equal names are not one plugin.
    pub digest: Digest,
    pub count: u64,
    pub last: At,
    /// Of the last one: what went wrong, for the plugin's author.
    pub cause: String,
}

/// One fault, for the plugin's author: nothing of the patron's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultLine {
    /// Names it to others.
    pub id: i64,
    pub at: At,
    pub library: LibraryId,
    pub keyword: Option<KeywordId>,
    pub flow: String,
    pub digest: Digest,
    pub cause: String,
    /// What the flow said to its author in that run, a line each.
    pub log: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedText {
    pub at: At,
    pub body: String,
    pub ticket: Option<TicketId>,
    /// As the verdict has it.
    pub reason: String,
}

/// A keyword's answer after which the patron soon asked for a person all the same (a14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misled {
    pub at: At,
    pub keyword: KeywordId,
    /// What was answered; none when it is not kept.
    pub asked: Option<String>,
    /// What came then.
    pub then: String,
    pub ticket: Option<TicketId>,
}

/// A version of a keyword that was made in the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeKeyword {
    pub version: i64,
    pub library: LibraryId,
    pub keyword: KeywordId,
    /// None: removed.
    pub toml: Option<String>,
    /// What its word is answered with since then.
    pub closing: Option<String>,
    pub at: At,
    pub by: String,
}
