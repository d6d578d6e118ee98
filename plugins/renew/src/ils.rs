//! What `renew` asks of a library system, whichever it is.

use callslip::Date;
use callslip::prelude::*;

/// Listed at once, and renewed in one turn, in which a flow asks few times; more is counted.
pub(crate) const LOANS_MAX: usize = 4;

/// A card that was accepted. What the system wants to know again stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) card: String,
    /// The system's own id of the patron.
    pub(crate) id: String,
    /// Only where the protocol asks for it each time.
    pub(crate) pin: String,
}

/// A patron as the system knows them, before anything was proved.
pub(crate) struct OnFile {
    pub(crate) account: Account,
    pub(crate) numbers: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loan {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) due: Option<Date>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    pub(crate) loans: Vec<Loan>,
    /// How many are not listed.
    pub(crate) more: usize,
    /// With its currency; none when nothing is owed.
    pub(crate) owed: Option<String>,
}

/// What renewing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewed {
    Until(Option<Date>),
    Refused(Why),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// As often as it can be.
    TooOften,
    /// Somebody waits for it.
    Wanted,
    Other,
}

#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) title: String,
    pub(crate) ready: bool,
}

/// Something that can be put on hold.
#[derive(Clone, Debug)]
pub(crate) struct Title {
    pub(crate) id: String,
    pub(crate) title: String,
}

/// A library system. Each call answers within what one turn may ask, and none is made twice
/// without looking whether the first was heard.
pub(crate) trait Ils {
    /// The patron of a card, for comparing numbers; nothing of it is told to anybody.
    async fn on_file(&self, card: &str) -> Result<Option<OnFile>, Failure>;
    /// None: an unknown card or a wrong PIN, which nobody can tell apart (g3).
    async fn check(&self, card: &str, pin: &str) -> Result<Option<Account>, Failure>;
    /// None: the card is not accepted any more.
    async fn summary(&self, account: &Account) -> Result<Option<Summary>, Failure>;
    async fn renew(&self, account: &Account, loan: &Loan) -> Result<Renewed, Failure>;
    /// What became of each of `loans`, [`LOANS_MAX`] at most, in their order.
    async fn renew_all(&self, account: &Account, loans: &[Loan]) -> Result<Vec<Renewed>, Failure>;
    async fn holds(&self, account: &Account) -> Result<Vec<Held>, Failure>;
    async fn search(&self, words: &str) -> Result<Vec<Title>, Failure>;
    /// False: the system does not allow it.
    async fn place(&self, account: &Account, title: &Title) -> Result<bool, Failure>;
}

/// The day in `2031-05-09T23:59:00-04:00`, `2031-05-09 23:59` or `20310509    235900`.
pub(crate) fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    let dashed = text.get(..10).and_then(Date::parse);
    dashed.or_else(|| {
        let (year, rest) = (text.get(..4)?, text.get(4..8)?);
        let (month, day) = rest.split_at_checked(2)?;
        Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    })
}

/// Whether a loan that was due then and is due now has been renewed in between.
pub(crate) fn is_later(before: Option<Date>, now: Option<Date>) -> bool {
    matches!((before, now), (Some(before), Some(now)) if now > before)
}

/// An answer that is none.
pub(crate) fn unreadable(why: &str) -> Failure {
    Failure::Unreadable(why.to_owned())
}

impl Renewed {
    /// For the journal: what came of it, and until when.
    pub(crate) fn kept(self) -> (u8, String) {
        match self {
            Renewed::Until(due) => (0, due.map(|due| due.to_string()).unwrap_or_default()),
            Renewed::Refused(Why::TooOften) => (1, String::new()),
            Renewed::Refused(Why::Wanted) => (2, String::new()),
            Renewed::Refused(Why::Other) => (3, String::new()),
        }
    }

    /// What it was before it was kept.
    pub(crate) fn of((kind, due): (u8, String)) -> Renewed {
        match kind {
            0 => Renewed::Until(Date::parse(&due)),
            1 => Renewed::Refused(Why::TooOften),
            2 => Renewed::Refused(Why::Wanted),
            _ => Renewed::Refused(Why::Other),
        }
    }
}
