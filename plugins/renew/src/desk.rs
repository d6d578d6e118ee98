//! One conversation: what is out, and what the patron does about it.
//!
//! All that the library system says before a question goes through `once`: the journal keeps what
//! the conversation needs of it, and a renewal is not made again with every text.

use callslip::prelude::*;

use crate::Messages;
use crate::cards::{self, Card, Entered, Failed};
use crate::ils::{Account, Ils, LOANS_MAX, Loan, Renewed, Summary, Title, Why};
use crate::wish::{Wish, cut, wish};

/// Answers in a row that mean nothing here, until a person is fetched.
const MISSES_MAX: u8 = 3;

/// One conversation.
pub(crate) struct Desk<'a> {
    pub(crate) talk: &'a Talk,
    pub(crate) say: Messages,
    pub(crate) by_number: bool,
    /// Whether holds are placed.
    pub(crate) holds: bool,
}

impl Desk<'_> {
    pub(crate) async fn serve<I: Ils>(&self, ils: &I) -> Result<callslip::End, Failed> {
        let (talk, say) = (self.talk, self.say);
        let known = cards::known(talk).await?;
        let (mut card, mut proved) = match cards::choose(talk, say, &known, &talk.text()).await? {
            Some(card) => (card, false),
            None => match cards::enter(talk, say, ils, self.by_number).await? {
                Entered::Yes(card, proved) => (card, proved),
                Entered::Person(why) => return Ok(talk.hand_off(None, why)?),
            },
        };
        let mut misses = 0;
        'card: loop {
            let mut summary = match self.summary(ils, &card.account).await? {
                Some(summary) => summary,
                None => {
                    cards::forget(talk, &card).await?;
                    talk.say(say.expired_card(&card.name(say)));
                    match cards::enter(talk, say, ils, self.by_number).await? {
                        Entered::Yes(new, typed) => (card, proved) = (new, typed),
                        Entered::Person(why) => return Ok(talk.hand_off(None, why)?),
                    }
                    continue 'card;
                }
            };
            let mut question = self.told(&summary);
            loop {
                let asked = talk.ask(question).again(say.again()).text().await?;
                let Some(wish) = wish(&asked, &summary) else {
                    misses += 1;
                    if misses == MISSES_MAX {
                        talk.say(say.person());
                        return Ok(talk.hand_off(
                            None,
                            "Wants something of the library system that the flow does not do.",
                        )?);
                    }
                    question = [&say.again(), " ", &self.menu(&summary)].concat();
                    continue;
                };
                misses = 0;
                let done = match wish {
                    Wish::One(at) => self.renew_one(ils, &card, &mut summary, at, proved).await?,
                    Wish::All => self.renew_all(ils, &card, &mut summary, proved).await?,
                    Wish::Holds => self.list_holds(ils, &card.account).await?,
                    Wish::Hold(words) => self.place(ils, &card.account, &words).await?,
                    Wish::List => continue 'card,
                    Wish::Card => match cards::enter(talk, say, ils, self.by_number).await? {
                        Entered::Yes(new, typed) => {
                            (card, proved) = (new, typed);
                            continue 'card;
                        }
                        Entered::Person(why) => return Ok(talk.hand_off(None, why)?),
                    },
                    Wish::Drop => {
                        cards::forget(talk, &card).await?;
                        talk.say(say.dropped(&card.name(say)));
                        return Ok(talk.finish()?);
                    }
                    Wish::Done => {
                        talk.say(say.done(talk.keyword()));
                        return Ok(talk.finish()?);
                    }
                    Wish::Person => {
                        talk.say(say.person());
                        return Ok(
                            talk.hand_off(None, "Wants a person for loans, holds or fines.")?
                        );
                    }
                };
                question = [&done, "\n", &say.anything_else()].concat();
            }
        }
    }

    /// As small as the journal keeps it.
    async fn summary<I: Ils>(
        &self,
        ils: &I,
        account: &Account,
    ) -> Result<Option<Summary>, Failure> {
        type Kept = Option<(Vec<(String, String, String)>, usize, Option<String>)>;
        let kept = self.talk.once_async("summary", async || {
            let Some(summary) = ils.summary(account).await? else {
                return Ok(None);
            };
            let loan = |loan: &Loan| {
                let due = loan.due.map(|due| due.to_string()).unwrap_or_default();
                (loan.id.clone(), cut(&loan.title), due)
            };
            let loans = summary.loans.iter().map(loan).collect();
            Ok::<Kept, Failure>(Some((loans, summary.more, summary.owed)))
        });
        let read = |(id, title, due): (String, String, String)| Loan {
            id,
            title,
            due: callslip::Date::parse(&due),
        };
        Ok(kept.await?.map(|(loans, more, owed)| Summary {
            loans: loans.into_iter().map(read).collect(),
            more,
            owed,
        }))
    }

    fn told(&self, summary: &Summary) -> String {
        let say = self.say;
        let mut told = match summary.loans.is_empty() {
            true => say.loans_none(),
            false => say.loans(),
        };
        for (at, loan) in summary.loans.iter().enumerate() {
            told = format!("{told}\n{} {}", at + 1, loan.title);
            if let Some(due) = loan.due {
                told = [&told, ", ", &say.due(&self.day(due))].concat();
            }
        }
        if summary.more > 0 {
            told = [told.as_str(), "\n", &say.more(&summary.more.to_string())].concat();
        }
        if let Some(owed) = &summary.owed {
            told = [told.as_str(), "\n", &say.owed(owed)].concat();
        }
        [told.as_str(), "\n", &self.menu(summary)].concat()
    }

    fn menu(&self, summary: &Summary) -> String {
        match summary.loans.is_empty() {
            true => self.say.menu_none(),
            false => self.say.menu(),
        }
    }

    fn day(&self, day: callslip::Date) -> String {
        Language::of(self.say.language()).day(day, self.talk.local_now().date)
    }

    /// A number out of a text, unless the PIN was typed just now.
    async fn sure(&self, proved: bool, question: String) -> Result<bool, Stop> {
        match proved {
            true => Ok(true),
            false => self.talk.ask(question).confirm().await,
        }
    }

    async fn renew_one<I: Ils>(
        &self,
        ils: &I,
        card: &Card,
        summary: &mut Summary,
        at: usize,
        proved: bool,
    ) -> Result<String, Failed> {
        let Some(loan) = summary.loans.get_mut(at) else {
            return Ok(self.say.again());
        };
        if !self.sure(proved, self.say.confirm_one(&loan.title)).await? {
            return Ok(self.say.left());
        }
        let renewed = self.talk.once_async("renewed", async || {
            ils.renew(&card.account, loan).await.map(Renewed::kept)
        });
        let renewed = Renewed::of(renewed.await?);
        Ok(self.became(loan, renewed))
    }

    async fn renew_all<I: Ils>(
        &self,
        ils: &I,
        card: &Card,
        summary: &mut Summary,
        proved: bool,
    ) -> Result<String, Failed> {
        if summary.loans.is_empty() {
            return Ok(self.say.loans_none());
        }
        if !self.sure(proved, self.say.confirm_all()).await? {
            return Ok(self.say.left());
        }
        let renewed = self.talk.once_async("all", async || {
            let all = ils.renew_all(&card.account, &summary.loans).await?;
            Ok::<_, Failure>(all.into_iter().map(Renewed::kept).collect::<Vec<_>>())
        });
        let renewed = renewed.await?;
        let mut lines = Vec::new();
        for (loan, renewed) in summary.loans.iter_mut().zip(renewed) {
            lines.push(self.became(loan, Renewed::of(renewed)));
        }
        if summary.more > 0 {
            lines.push(self.say.one_more());
        }
        Ok(lines.join("\n"))
    }

    fn became(&self, loan: &mut Loan, renewed: Renewed) -> String {
        let say = self.say;
        match renewed {
            Renewed::Until(Some(due)) => {
                loan.due = Some(due);
                say.renewed_until(&loan.title, &self.day(due))
            }
            Renewed::Until(None) => say.renewed(&loan.title),
            Renewed::Refused(Why::TooOften) => say.not_renewed_often(&loan.title),
            Renewed::Refused(Why::Wanted) => say.not_renewed_wanted(&loan.title),
            Renewed::Refused(Why::Other) => say.not_renewed(&loan.title),
        }
    }

    async fn list_holds<I: Ils>(&self, ils: &I, account: &Account) -> Result<String, Failed> {
        let say = self.say;
        let held = self.talk.once_async("holds", async || {
            let held = ils.holds(account).await?;
            let kept = held
                .iter()
                .take(2 * LOANS_MAX)
                .map(|one| (cut(&one.title), one.ready));
            Ok::<Vec<(String, bool)>, Failure>(kept.collect())
        });
        let held = held.await?;
        if held.is_empty() {
            return Ok(say.holds_none());
        }
        let line = |(title, ready): &(String, bool)| {
            let title = if title.is_empty() {
                say.untitled()
            } else {
                title.clone()
            };
            let state = if *ready {
                say.hold_ready()
            } else {
                say.hold_waiting()
            };
            ["\n", &title, ", ", &state].concat()
        };
        Ok(say.holds() + &held.iter().map(line).collect::<String>())
    }

    async fn place<I: Ils>(
        &self,
        ils: &I,
        account: &Account,
        wanted: &str,
    ) -> Result<String, Failed> {
        let say = self.say;
        if !self.holds {
            return Ok(say.no_holds());
        }
        if wanted.is_empty() {
            return Ok(say.hold_what());
        }
        let found = self.talk.once_async("titles", async || {
            let found = ils.search(wanted).await?.into_iter();
            Ok::<Vec<(String, String)>, Failure>(
                found.map(|one| (one.id, cut(&one.title))).collect(),
            )
        });
        let found = found.await?;
        let (id, title) = match found.as_slice() {
            [] => return Ok(say.hold_none()),
            [one] => one,
            all => {
                let titles: Vec<&str> = all.iter().map(|(_, title)| title.as_str()).collect();
                let chosen = self.talk.ask(say.hold_which()).choice(&titles).await?;
                let Some(chosen) = all.iter().find(|(_, title)| title == chosen) else {
                    return Ok(say.hold_none());
                };
                chosen
            }
        };
        if !self.talk.ask(say.confirm_hold(title)).confirm().await? {
            return Ok(say.left());
        }
        let wanted = Title {
            id: id.clone(),
            title: title.clone(),
        };
        let placed = self
            .talk
            .once_async("placed", async || ils.place(account, &wanted).await);
        Ok(match placed.await? {
            true => say.hold_placed(title),
            false => say.hold_refused(title),
        })
    }
}
