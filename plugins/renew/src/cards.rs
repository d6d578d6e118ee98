//! The cards of one phone: asked for once, kept sealed, told apart by nickname.
//!
//! The preferred way in is the number that the library has on file: when it is the phone's own, no
//! PIN is texted. Else a PIN is, and each try is counted before it is made, so that neither many
//! phones nor a crash give anybody more tries; an unknown card reads like a wrong PIN (g3).

use callslip::answers::words;
use callslip::prelude::*;

use crate::Messages;
use crate::ils::{Account, Ils};

const KEY: &str = "cards";
/// Of one phone: a family.
const CARDS_MAX: usize = 6;
const NICKNAME_CHARACTERS: usize = 16;
/// Numbers that a library keeps of one patron.
const NUMBERS_MAX: usize = 4;
/// Cards and PINs that are asked for in one conversation.
const TRIES: usize = 3;

/// A card that was proved on this phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    /// Empty: the first one.
    pub(crate) nickname: String,
    pub(crate) account: Account,
}

/// What came of asking for a card.
pub(crate) enum Entered {
    /// The card; and whether its PIN was typed just now.
    Yes(Card, bool),
    /// A person goes on; the patron was told.
    Person(&'static str),
}

impl Card {
    pub(crate) fn name(&self, say: Messages) -> String {
        match self.nickname.is_empty() {
            true => say.my_card(),
            false => self.nickname.clone(),
        }
    }

    fn line(&self) -> String {
        let Account { card, id, pin } = &self.account;
        [self.nickname.as_str(), card, id, pin].join("\t")
    }

    fn read(line: &str) -> Option<Card> {
        let mut parts = line.split('\t').map(str::to_owned);
        Some(Card {
            nickname: parts.next()?,
            account: Account {
                card: parts.next()?,
                id: parts.next()?,
                pin: parts.next()?,
            },
        })
    }
}

/// Those that this phone knows.
pub(crate) async fn known(talk: &Talk) -> Result<Vec<Card>, Refusal> {
    let kept = talk.sealed().get(KEY).await?.unwrap_or_default();
    Ok(kept.lines().filter_map(Card::read).collect())
}

/// Keeps a card; the same card again takes the place of the old.
pub(crate) async fn keep(talk: &Talk, card: &Card) -> Result<(), Refusal> {
    let mut cards = known(talk).await?;
    cards
        .retain(|known| known.account.card != card.account.card && known.nickname != card.nickname);
    cards.truncate(CARDS_MAX - 1);
    cards.push(card.clone());
    write(talk, &cards).await
}

/// Forgets a card.
pub(crate) async fn forget(talk: &Talk, card: &Card) -> Result<(), Refusal> {
    let mut cards = known(talk).await?;
    cards.retain(|known| known.account.card != card.account.card);
    write(talk, &cards).await
}

async fn write(talk: &Talk, cards: &[Card]) -> Result<(), Refusal> {
    if cards.is_empty() {
        return talk.sealed().delete(KEY).await;
    }
    let lines: Vec<String> = cards.iter().map(Card::line).collect();
    talk.sealed().set(KEY, &lines.join("\n")).await
}

/// Which of several is meant: the one whose nickname was texted, or who is asked for.
pub(crate) async fn choose(
    talk: &Talk,
    say: Messages,
    cards: &[Card],
    asked: &str,
) -> Result<Option<Card>, Stop> {
    let said = words(asked);
    let named =
        |card: &&Card| !card.nickname.is_empty() && said.contains(&words(&card.nickname).concat());
    if let Some(card) = cards.iter().find(named) {
        return Ok(Some(card.clone()));
    }
    match cards {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        all => {
            let names: Vec<String> = all.iter().map(|card| card.name(say)).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let chosen = talk.ask(say.whose()).choice(&names).await?;
            let at = names.iter().position(|name| *name == chosen);
            Ok(at.and_then(|at| all.get(at)).cloned())
        }
    }
}

/// Asks for a card, and for its PIN where the phone's number says nothing.
pub(crate) async fn enter<I: Ils>(
    talk: &Talk,
    say: Messages,
    ils: &I,
    by_number: bool,
) -> Result<Entered, Failed> {
    let mut question = say.card();
    for _ in 0..TRIES {
        let card = talk
            .ask(question)
            .again(say.card_again())
            .secret()
            .text()
            .await?;
        let Some(card) = number_of_card(&card) else {
            question = say.card_again();
            continue;
        };
        if by_number {
            let own = talk.once_async("own", async || of_own_number(talk, ils, &card).await);
            if let Some(account) = own.await? {
                return Ok(Entered::Yes(named(talk, say, account.into()).await?, false));
            }
        }
        let pin = talk.ask(say.pin()).again(say.pin()).secret().text().await?;
        let pin: String = pin.split_whitespace().collect();
        if !talk.attempts().take(&card).await? {
            talk.say(say.too_many());
            return Ok(Entered::Person(
                "Too many tries at a library card's PIN; no more today.",
            ));
        }
        let checked = talk.once_async("checked", async || {
            let account = ils.check(&card, &pin).await?;
            Ok::<Option<Parts>, Failure>(account.map(Parts::from))
        });
        if let Some(account) = checked.await? {
            talk.attempts().give_back(&card).await?;
            return Ok(Entered::Yes(named(talk, say, account.into()).await?, true));
        }
        question = say.wrong();
    }
    talk.say(say.person());
    Ok(Entered::Person("Could not get in with card and PIN."))
}

/// An account as the journal keeps it.
type Parts = (String, String, String);

impl From<Account> for Parts {
    fn from(account: Account) -> Parts {
        (account.card, account.id, account.pin)
    }
}

impl From<Parts> for Account {
    fn from((card, id, pin): Parts) -> Account {
        Account { card, id, pin }
    }
}

/// The account, when a number that the library has on file is this phone's. What is on file is
/// compared and goes nowhere.
async fn of_own_number<I: Ils>(talk: &Talk, ils: &I, card: &str) -> Result<Option<Parts>, Failure> {
    let Some(on_file) = ils.on_file(card).await? else {
        return Ok(None);
    };
    for number in on_file.numbers.iter().take(NUMBERS_MAX) {
        let own = talk.own_number().matches(number).await;
        if own.map_err(Failure::Refused)? {
            return Ok(Some(on_file.account.into()));
        }
    }
    Ok(None)
}

/// With a nickname, where the phone has another card already.
async fn named(talk: &Talk, say: Messages, account: Account) -> Result<Card, Failed> {
    let others = known(talk).await?;
    let other = |card: &&Card| card.account.card != account.card;
    let mut nickname = others
        .iter()
        .find(|card| !other(card))
        .map(|card| card.nickname.clone());
    if nickname.is_none() && others.iter().any(|card| other(&card)) {
        let name = talk.ask(say.add_which()).text().await?;
        let name: String = name
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned();
        nickname = Some(name.chars().take(NICKNAME_CHARACTERS).collect());
    }
    let card = Card {
        nickname: nickname.unwrap_or_default(),
        account,
    };
    keep(talk, &card).await?;
    Ok(card)
}

/// Letters and digits, some of them digits.
fn number_of_card(text: &str) -> Option<String> {
    let number: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let plain = text
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || " -.".contains(letter));
    (plain && digits >= 4 && digits * 2 >= number.len() && number.len() <= 32).then_some(number)
}

/// Why a card could not be entered: something outside, or the conversation's end.
pub(crate) enum Failed {
    Outside(Failure),
    Stop(Stop),
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Failed {
        match failure {
            Failure::Refused(refusal) => Failed::Stop(refusal.into()),
            failure => Failed::Outside(failure),
        }
    }
}

impl From<Stop> for Failed {
    fn from(stop: Stop) -> Failed {
        Failed::Stop(stop)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Failed {
        Failed::Stop(refusal.into())
    }
}
