//! The host's own words (MENU, EXIT, ASK and so on) and what else can be told from a text without
//! knowing any library: a courtesy, a stray answer, a contradiction, a question.
//!
//! The words are data, in `words/host.toml`, a list a language. All languages are understood
//! everywhere; whether a library offers one is for routing.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::fold::{self, Class};
use super::keyword::{Phrase, Tokens};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostWord {
    Menu,
    Exit,
    Resume,
    /// For a person; `rest` is the question, if it came along.
    Ask {
        rest: String,
    },
    /// "What am I on?"
    Lists,
    /// Out of a list; `rest` is its name, if one follows.
    Leave {
        rest: String,
    },
    /// The code of the language that is asked for.
    Language(String),
    /// We mean somebody else (a9).
    WrongNumber,
}

/// The patron's rights (a15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateWord {
    /// "What do you keep?"
    Privacy,
    /// "What do you hold of me?"
    MyData,
    /// "Delete it."
    Forget,
}

/// A bare number of more digits is a card, a page or a room, not an answer to "Reply 1".
const STRAY_DIGITS_MAX: usize = 2;

#[derive(Default)]
struct HostWords {
    words: HashMap<Vec<String>, HostWord>,
    ask: Vec<Vec<String>>,
    leave: Vec<Vec<String>>,
    leave_all: Vec<Vec<String>>,
    later: Vec<Vec<String>>,
    courtesies: Vec<Vec<String>>,
    smileys: Vec<String>,
    stray_answers: Vec<Vec<String>>,
    contradictions: Vec<Vec<String>>,
    yes: Vec<Vec<String>>,
    /// Each with its language.
    wrong_number: Vec<(String, Vec<String>)>,
    not_me: Vec<(String, Vec<String>)>,
    no_names: Vec<Vec<String>>,
    /// Each with its language.
    private: HashMap<Vec<String>, (PrivateWord, String)>,
}

static HOST_WORDS: LazyLock<HostWords> = LazyLock::new(|| table().unwrap_or_default());

/// The host's word that the text is, or for `ASK` begins with.
pub fn read(text: &Tokens) -> Option<HostWord> {
    let words = text.words();
    if let Some(word) = HOST_WORDS.words.get(words) {
        return Some(word.clone());
    }
    let begins = |spelled: &[Vec<String>]| {
        let found = spelled.iter().find(|spelled| words.starts_with(spelled))?;
        Some(text.rest_after(found.len()).to_owned())
    };
    if let Some(rest) = begins(&HOST_WORDS.leave) {
        return Some(HostWord::Leave { rest });
    }
    begins(&HOST_WORDS.ask).map(|rest| HostWord::Ask { rest })
}

/// The word of privacy that the whole text is, and the language that it is in.
pub fn private(text: &Tokens) -> Option<(PrivateWord, &'static str)> {
    let (word, language) = HOST_WORDS.private.get(text.words())?;
    Some((*word, language))
}

/// "LEAVE ALL": what patrons are told to text to get off their lists. It is no wish for silence.
pub fn is_out_of_all_lists(text: &Tokens) -> bool {
    let words = text.words();
    let mut leave = HOST_WORDS.leave.iter();
    leave.any(|leave| {
        let rest = words.strip_prefix(leave.as_slice());
        rest.is_some_and(|rest| HOST_WORDS.leave_all.iter().any(|all| all == rest))
    })
}

/// "ALL", behind LEAVE.
pub fn is_leave_all(rest: &Tokens) -> bool {
    HOST_WORDS.leave_all.iter().any(|all| all == rest.words())
}

/// Whether a keyword or an alias is spelled like a word of the host's, today's or a coming one.
pub fn is_reserved(phrase: &str) -> bool {
    let words = Tokens::of(phrase);
    HOST_WORDS.words.contains_key(words.words())
        || HOST_WORDS.private.contains_key(words.words())
        || HOST_WORDS.later.iter().any(|later| later == words.words())
}

/// "Thanks!", "ok ty", a lone emoji: nobody waits for an answer (a8).
pub fn is_courtesy(text: &str) -> bool {
    let is_smiley = |word: &&str| HOST_WORDS.smileys.iter().any(|smiley| smiley == word);
    let (smileys, rest): (Vec<&str>, Vec<&str>) = text.split_whitespace().partition(is_smiley);
    let tokens = Tokens::of(&rest.join(" "));
    if looks_like_question(text) || tokens.words().iter().any(|word| calls(word)) {
        return false;
    }
    let words: Vec<String> = tokens
        .words()
        .iter()
        .filter(|word| !is_emoji(word))
        .cloned()
        .collect();
    let says_something = !smileys.is_empty() || !tokens.is_empty();
    says_something && made_of(&words, &HOST_WORDS.courtesies)
}

/// A bare digit, yes or no (a19): an answer, if only a question were open.
pub fn is_stray_answer(text: &str) -> bool {
    let tokens = Tokens::of(text);
    let is_number = |word: &String| {
        word.len() <= STRAY_DIGITS_MAX && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    match tokens.words() {
        [only] if is_number(only) => true,
        words => HOST_WORDS
            .stray_answers
            .iter()
            .any(|answer| answer == words),
    }
}

/// A yes, and nothing else, to a question of ours.
pub fn is_yes(text: &Tokens) -> bool {
    HOST_WORDS.yes.iter().any(|yes| yes == text.words())
}

/// The text contradicts or doubts the answer before it: "No, I meant ...", "?" (a14).
pub fn begins_with_no(text: &str) -> bool {
    let first = text.chars().find(|c| !fold::is_blank(*c) && *c != '¿');
    if first.is_some_and(is_question_mark) {
        return true;
    }
    let tokens = Tokens::of(text);
    HOST_WORDS
        .contradictions
        .iter()
        .any(|no| tokens.words().starts_with(no))
}

/// We mean somebody else, says the phone's holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongNumber<'a> {
    /// What it is said in.
    pub language: &'static str,
    /// "This isn't Maria": what may be a name, as it is written.
    pub name: Option<&'a str>,
}

/// Whether "this isn't" is followed by a name is not known here.
pub fn wrong_number(text: &Tokens) -> Option<WrongNumber<'_>> {
    const NAME_WORDS_MAX: usize = 3;
    let said = text.words();
    let mut whole = HOST_WORDS.wrong_number.iter();
    if let Some((language, _)) = whole.find(|(_, words)| words == said) {
        return Some(WrongNumber {
            language,
            name: None,
        });
    }
    let mut beginnings = HOST_WORDS.not_me.iter();
    let (language, begins) = beginnings.find(|(_, words)| said.starts_with(words))?;
    let fits = (1..=NAME_WORDS_MAX).contains(&(said.len() - begins.len()));
    fits.then(|| WrongNumber {
        language,
        name: Some(text.rest_after(begins.len())),
    })
}

/// One word of a name that no profile holds: it has a capital, and means nothing else.
pub fn may_be_a_name(word: &str) -> bool {
    let mut letters = word.chars();
    let capital = letters.next().is_some_and(char::is_uppercase);
    let others = letters.any(char::is_lowercase);
    let words = Tokens::of(word);
    capital && others && !HOST_WORDS.no_names.iter().any(|no| no == words.words())
}

/// It ends in a question mark of any script, or has an opening one, whatever else stands around.
pub fn looks_like_question(text: &str) -> bool {
    let is_letter = |c: char| fold::class(c) == Class::Word && !fold::is_blank(c);
    let last = text
        .chars()
        .rev()
        .find(|c| is_question_mark(*c) || is_letter(*c));
    last.is_some_and(is_question_mark) || text.contains('¿')
}

fn is_question_mark(character: char) -> bool {
    matches!(
        character,
        '?' | '؟' | '？' | '⸮' | '\u{37e}' | '⁇' | '⁈' | '⁉' | '❓' | '❔'
    )
}

fn is_emoji(word: &str) -> bool {
    word.chars()
        .all(|c| !c.is_ascii() && fold::class(c) == Class::Symbol)
}

/// Emoji that want something.
fn calls(word: &str) -> bool {
    matches!(word, "❓" | "❔" | "🆘" | "🚨" | "🛑" | "📞" | "☎")
}

/// Whether the words are phrases of the list, one after the other.
fn made_of(words: &[String], phrases: &[Vec<String>]) -> bool {
    let mut reachable = vec![false; words.len() + 1];
    reachable[0] = true;
    for start in 0..words.len() {
        if !reachable[start] {
            continue;
        }
        for phrase in phrases
            .iter()
            .filter(|phrase| words[start..].starts_with(phrase))
        {
            reachable[start + phrase.len()] = true;
        }
    }
    reachable[words.len()]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    words: Words,
    languages: BTreeMap<String, Vec<String>>,
    courtesies: Courtesies,
    stray_answers: BTreeMap<String, Vec<String>>,
    contradictions: BTreeMap<String, Vec<String>>,
    yes: BTreeMap<String, Vec<String>>,
    wrong_number: BTreeMap<String, Vec<String>>,
    not_me: BTreeMap<String, Vec<String>>,
    no_names: BTreeMap<String, Vec<String>>,
    privacy: BTreeMap<String, Vec<String>>,
    my_data: BTreeMap<String, Vec<String>>,
    forget: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Courtesies {
    smileys: Vec<String>,
    #[serde(flatten)]
    languages: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Words {
    menu: Vec<String>,
    exit: Vec<String>,
    resume: Vec<String>,
    ask: Vec<String>,
    ask_alone: Vec<String>,
    lists: Vec<String>,
    leave: Vec<String>,
    leave_all: Vec<String>,
    later: Vec<String>,
}

fn table() -> Result<HostWords, String> {
    let file: File =
        toml::from_str(include_str!("../../words/host.toml")).map_err(|error| error.to_string())?;
    let mut table = HostWords {
        ask: phrases([&file.words.ask])?,
        leave: phrases([&file.words.leave])?,
        leave_all: phrases([&file.words.leave_all])?,
        later: phrases([&file.words.later])?,
        courtesies: phrases(file.courtesies.languages.values())?,
        smileys: file.courtesies.smileys,
        stray_answers: phrases(file.stray_answers.values())?,
        contradictions: phrases(file.contradictions.values())?,
        yes: phrases(file.yes.values())?,
        wrong_number: spoken(&file.wrong_number)?,
        not_me: spoken(&file.not_me)?,
        no_names: phrases(file.no_names.values())?,
        ..HostWords::default()
    };
    for (word, languages) in [
        (PrivateWord::Privacy, &file.privacy),
        (PrivateWord::MyData, &file.my_data),
        (PrivateWord::Forget, &file.forget),
    ] {
        for (language, words) in spoken(languages)? {
            if table
                .private
                .insert(words.clone(), (word, language))
                .is_some()
            {
                return Err(format!("{words:?} means two things"));
            }
        }
    }
    let ask = HostWord::Ask {
        rest: String::new(),
    };
    let leave = HostWord::Leave {
        rest: String::new(),
    };
    let mut meanings = vec![
        (HostWord::Menu, file.words.menu),
        (HostWord::Exit, file.words.exit),
        (HostWord::Resume, file.words.resume),
        (ask.clone(), file.words.ask),
        (ask, file.words.ask_alone),
        (HostWord::Lists, file.words.lists),
        (leave, file.words.leave),
    ];
    let wrong_number = file.wrong_number.into_values();
    meanings.extend(wrong_number.map(|words| (HostWord::WrongNumber, words)));
    let languages = file.languages.into_iter();
    meanings.extend(languages.map(|(code, words)| (HostWord::Language(code), words)));
    for (meaning, words) in meanings {
        for words in phrases([&words])? {
            let taken = table.words.insert(words.clone(), meaning.clone());
            if taken.is_some_and(|taken| taken != meaning) {
                return Err(format!("{words:?} means two things"));
            }
        }
    }
    Ok(table)
}

fn spoken(languages: &BTreeMap<String, Vec<String>>) -> Result<Vec<(String, Vec<String>)>, String> {
    let mut spoken = Vec::new();
    for (language, words) in languages {
        let phrases = phrases([words])?;
        spoken.extend(phrases.into_iter().map(|phrase| (language.clone(), phrase)));
    }
    // "This is not" before "not".
    spoken.sort_by_key(|(_, words)| std::cmp::Reverse(words.len()));
    Ok(spoken)
}

fn phrases<'a>(
    lists: impl IntoIterator<Item = &'a Vec<String>>,
) -> Result<Vec<Vec<String>>, String> {
    let read = |words: &String| match Phrase::new(words) {
        Some(phrase) => Ok(phrase.words().to_vec()),
        None => Err(format!("no word in {words:?}")),
    };
    lists.into_iter().flatten().map(read).collect()
}

#[cfg(test)]
mod tests;
