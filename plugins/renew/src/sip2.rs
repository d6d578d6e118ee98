//! Any library system by SIP2, the protocol of self-check machines (3M, version 2.00).
//!
//! The host logs in, numbers and sums up. A message has parts of fixed length and then fields of
//! two letters each; what a system adds of its own is passed over. SIP2 asks for the PIN with each
//! message, so it is kept sealed with the card.

use callslip::prelude::*;

use crate::ils::{
    Account, Held, Ils, LOANS_MAX, Loan, OnFile, Renewed, Summary, Title, Why, day, is_later,
    unreadable,
};

/// What stands before the fields of an answer.
const PATRON_FIXED: usize = 61;
const ITEM_FIXED: usize = 26;
const RENEW_FIXED: usize = 24;
const RENEW_ALL_FIXED: usize = 29;
const HOLD_FIXED: usize = 22;
/// Of the counts in a patron's answer: holds that wait for a copy.
const UNAVAILABLE_HOLDS: usize = 57;
const LOANS_COUNT: usize = 45;

/// Which of a patron's things are listed.
const HOLDS: &str = "Y         ";
const LOANS: &str = "  Y       ";
const NOTHING: &str = "          ";

pub(crate) struct Sip2<'a> {
    pub(crate) talk: &'a Talk,
    /// As the grant names it.
    pub(crate) server: &'a str,
    pub(crate) institution: &'a str,
    pub(crate) pickup: &'a str,
}

/// The fields of an answer.
struct Fields<'m>(Vec<(&'m str, &'m str)>);

impl Ils for Sip2<'_> {
    async fn on_file(&self, card: &str) -> Result<Option<OnFile>, Failure> {
        let answer = self.patron(card, "", NOTHING).await?;
        let fields = Fields::of(&answer, PATRON_FIXED)?;
        if fields.first("BL") != Some("Y") {
            return Ok(None);
        }
        let account = Account {
            card: card.to_owned(),
            id: String::new(),
            pin: String::new(),
        };
        let numbers = fields.all("BF").map(str::to_owned).collect();
        Ok(Some(OnFile { account, numbers }))
    }

    async fn check(&self, card: &str, pin: &str) -> Result<Option<Account>, Failure> {
        let answer = self.patron(card, pin, NOTHING).await?;
        let fields = Fields::of(&answer, PATRON_FIXED)?;
        let accepted = fields.first("BL") == Some("Y") && fields.first("CQ") == Some("Y");
        Ok(accepted.then(|| Account {
            card: card.to_owned(),
            id: String::new(),
            pin: pin.to_owned(),
        }))
    }

    async fn summary(&self, account: &Account) -> Result<Option<Summary>, Failure> {
        let answer = self.patron(&account.card, &account.pin, LOANS).await?;
        let fields = Fields::of(&answer, PATRON_FIXED)?;
        let wrong_pin = !account.pin.is_empty() && fields.first("CQ") == Some("N");
        if fields.first("BL") != Some("Y") || wrong_pin {
            return Ok(None);
        }
        let all: Vec<&str> = fields.all("AU").collect();
        let mut loans = Vec::new();
        for item in all.iter().take(LOANS_MAX) {
            loans.push(self.item(item).await?);
        }
        let counted = count(&answer, LOANS_COUNT).max(all.len());
        Ok(Some(Summary {
            more: counted - loans.len(),
            loans,
            owed: owed(&fields),
        }))
    }

    async fn renew(&self, account: &Account, loan: &Loan) -> Result<Renewed, Failure> {
        let message = format!(
            "29NN{}{}{}AB{}|AC|BON|",
            self.now(),
            " ".repeat(18),
            self.who(account),
            clean(&loan.id)
        );
        let answer = match self.ask(&message).await {
            // Looked at before it is asked again: a renewal too many is one fewer for the patron.
            Err(Failure::Unclear) => {
                let now = self.item(&loan.id).await?;
                if is_later(loan.due, now.due) {
                    return Ok(Renewed::Until(now.due));
                }
                self.ask(&message).await?
            }
            other => other?,
        };
        let fields = Fields::of(known(&answer, "30")?, RENEW_FIXED)?;
        Ok(match answer.get(2..3) {
            Some("1") => Renewed::Until(fields.first("AH").and_then(day)),
            _ => Renewed::Refused(why(&fields)),
        })
    }

    async fn renew_all(&self, account: &Account, loans: &[Loan]) -> Result<Vec<Renewed>, Failure> {
        let message = format!("65{}{}AC|BON|", self.now(), self.who(account));
        let answer = match self.ask(&message).await {
            Err(Failure::Unclear) => None,
            other => Some(other?),
        };
        let mut refused = Vec::new();
        if let Some(answer) = &answer {
            let fields = Fields::of(known(answer, "66")?, RENEW_ALL_FIXED)?;
            refused.extend(fields.all("BN").map(str::to_owned));
        }
        // The answer has no dates, and none at all says less: each is looked at.
        let mut all = Vec::new();
        for loan in loans {
            let now = self.item(&loan.id).await?;
            let named = refused
                .iter()
                .any(|one| *one == loan.id || *one == loan.title);
            all.push(match is_later(loan.due, now.due) && !named {
                true => Renewed::Until(now.due),
                false => Renewed::Refused(Why::Other),
            });
        }
        Ok(all)
    }

    async fn holds(&self, account: &Account) -> Result<Vec<Held>, Failure> {
        let answer = self.patron(&account.card, &account.pin, HOLDS).await?;
        let fields = Fields::of(&answer, PATRON_FIXED)?;
        let mut held = Vec::new();
        for item in fields.all("AS").take(LOANS_MAX) {
            let title = self.item(item).await?.title;
            held.push(Held { title, ready: true });
        }
        // Those that wait have no item yet: the protocol counts them.
        let waiting = count(&answer, UNAVAILABLE_HOLDS);
        held.extend((0..waiting.min(LOANS_MAX)).map(|_| Held {
            title: String::new(),
            ready: false,
        }));
        Ok(held)
    }

    /// SIP2 searches nothing: the item's number is needed.
    async fn search(&self, words: &str) -> Result<Vec<Title>, Failure> {
        let item = clean(words.trim());
        if item.is_empty() || item.contains(' ') {
            return Ok(Vec::new());
        }
        let found = self.item(&item).await?;
        // An item that is not known comes back with its number, or with nothing, for a title.
        let known = !found.title.is_empty() && found.title != item;
        Ok(known
            .then_some(Title {
                id: item,
                title: found.title,
            })
            .into_iter()
            .collect())
    }

    async fn place(&self, account: &Account, title: &Title) -> Result<bool, Failure> {
        let message = format!(
            "15+{}BS{}|BY2|{}AB{}|AC|BON|",
            self.now(),
            clean(self.pickup),
            self.who(account),
            clean(&title.id)
        );
        // Unclear stays so: what is on hold cannot be seen by its number. A person looks.
        let answer = self.ask(&message).await?;
        Fields::of(known(&answer, "16")?, HOLD_FIXED)?;
        Ok(answer.get(2..3) == Some("1"))
    }
}

impl Sip2<'_> {
    /// 63 and 64.
    async fn patron(&self, card: &str, pin: &str, summary: &str) -> Result<String, Failure> {
        let password = if pin.is_empty() {
            String::new()
        } else {
            format!("AD{}|", clean(pin))
        };
        let message = format!(
            "63000{}{summary}AO{}|AA{}|AC|{password}",
            self.now(),
            clean(self.institution),
            clean(card)
        );
        let answer = self.look(&message).await?;
        let fields = Fields::of(known(&answer, "64")?, PATRON_FIXED)?;
        if fields.first("AA") != Some(clean(card).as_str()) {
            return Err(unreadable("another card than was asked for"));
        }
        Ok(answer)
    }

    /// 17 and 18: title and due date of an item. What is no number is a title already.
    async fn item(&self, id: &str) -> Result<Loan, Failure> {
        let mut loan = Loan {
            id: id.to_owned(),
            title: id.to_owned(),
            due: None,
        };
        if id.contains(' ') {
            return Ok(loan);
        }
        let message = format!(
            "17{}AO{}|AB{}|AC|",
            self.now(),
            clean(self.institution),
            clean(id)
        );
        let answer = self.look(&message).await?;
        let fields = Fields::of(known(&answer, "18")?, ITEM_FIXED)?;
        if let Some(title) = fields.first("AJ").filter(|title| !title.is_empty()) {
            title
                .trim_end_matches([' ', '/', ':'])
                .clone_into(&mut loan.title);
        }
        loan.due = fields.first("AH").and_then(day);
        Ok(loan)
    }

    /// A question that changes nothing may be asked again.
    async fn look(&self, message: &str) -> Result<String, Failure> {
        match self.ask(message).await {
            Err(Failure::Unclear) => self.ask(message).await,
            other => other,
        }
    }

    async fn ask(&self, message: &str) -> Result<String, Failure> {
        self.talk.sip2().exchange(self.server, message).await
    }

    /// Institution, patron and PIN.
    fn who(&self, account: &Account) -> String {
        let mut who = format!("AO{}|AA{}|", clean(self.institution), clean(&account.card));
        if !account.pin.is_empty() {
            who = format!("{who}AD{}|", clean(&account.pin));
        }
        who
    }

    /// `20310506    100000`, on the library's clock.
    fn now(&self) -> String {
        let now = self.talk.local_now();
        let day = now.date.to_string().replace('-', "");
        format!("{day}    {:02}{:02}00", now.minute / 60, now.minute % 60)
    }
}

impl<'m> Fields<'m> {
    fn of(message: &'m str, fixed: usize) -> Result<Fields<'m>, Failure> {
        let fields = message
            .get(fixed..)
            .ok_or_else(|| unreadable("a message that is too short"))?;
        let field = |field: &'m str| field.split_at_checked(2);
        Ok(Fields(fields.split('|').filter_map(field).collect()))
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &'m str> {
        let found = self.0.iter().filter(move |(field, _)| *field == name);
        found.map(|(_, value)| value.trim())
    }

    fn first(&self, name: &str) -> Option<&'m str> {
        self.all(name).next()
    }
}

fn known<'m>(answer: &'m str, kind: &str) -> Result<&'m str, Failure> {
    match answer.starts_with(kind) {
        true => Ok(answer),
        false => Err(unreadable("an answer to another message")),
    }
}

/// Four digits of the fixed part; blanks where a system does not count.
fn count(answer: &str, at: usize) -> usize {
    answer
        .get(at..at + 4)
        .and_then(|count| count.trim().parse().ok())
        .unwrap_or(0)
}

fn owed(fields: &Fields<'_>) -> Option<String> {
    let amount = fields.first("BV")?;
    let owes =
        amount.contains(|digit: char| ('1'..='9').contains(&digit)) && !amount.starts_with('-');
    let currency = fields.first("BH").unwrap_or_default();
    owes.then(|| [amount, " ", currency].concat().trim_end().to_owned())
}

/// What systems write for people to read, where there is no code for it.
fn why(fields: &Fields<'_>) -> Why {
    let said = fields
        .all("AF")
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    match said.as_str() {
        said if said.contains("hold") || said.contains("reserve") => Why::Wanted,
        said if said.contains("renew") && said.contains("max") || said.contains("too many") => {
            Why::TooOften
        }
        _ => Why::Other,
    }
}

/// Nothing that a patron types can begin another field or another message.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|letter| *letter != '|' && !letter.is_control())
        .collect()
}
