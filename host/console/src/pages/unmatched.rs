//! What patrons asked that no keyword knew: near-duplicates together, the largest group first, and
//! what would answer it.

use std::collections::HashSet;
use std::time::Duration;

use callslip_core::config::keyword_toml;
use callslip_core::directory::{Alias, Keyword, Library};
use callslip_core::ids::KeywordId;
use callslip_core::staff::Action;
use callslip_core::text::keyword::{Phrase, Rule, Tokens};
use callslip_core::unmatched::{self, Asked, Group};
use callslip_store::staff::{StaffChange, UnmatchedText};
use maud::{Markup, html};
use sha2::{Digest as _, Sha256};

use super::wrong;
use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::parts::{paste, token, words};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::{Visit, note};

/// The last month.
pub(super) const SINCE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const TEXTS_MAX: usize = 5_000;
const GROUPS: usize = 40;
/// Of a group's texts, those that its part of the page shows.
const TEXTS_SHOWN: usize = 5;
const WORDS_SHOWN: usize = 200;
const NAME_DIGITS: usize = 24;

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let libraries = visit.libraries(Action::SeeTexts)?;
    let mut sections = Vec::new();
    for library in libraries {
        let texts = texts(visit, &library).await?;
        let ignored = ignored(visit, &library).await?;
        let unhelpful = wrong::load(visit, &library).await?;
        sections.push((library, texts, ignored, unhelpful));
    }
    let body = html! {
        h1 { "Unmatched" }
        p { "What patrons asked in the last 30 days that no keyword knew. A person got each; a keyword may answer the next." }
        @for (library, texts, ignored, unhelpful) in &sections {
            (section(visit, library, texts, ignored))
            br;
            (wrong::section(visit, unhelpful))
        }
    };
    Ok(frame::page(visit, Here::Unmatched, "Unmatched", &body))
}

/// One group, with what to do about it.
pub(crate) async fn group(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let texts = texts(visit, &library).await?;
    let groups = unmatched::group(&asked(&texts));
    let group = groups
        .into_iter()
        .find(|group| named(&group.key) == visit.place(1));
    let group = group.ok_or(Refusal::Nothing)?;
    let proposed = proposed(&group);
    let typed = visit.asked.query("words").unwrap_or(&proposed);
    let phrase = Phrase::new(typed);
    let would = phrase.as_ref().map_or(0, |phrase| {
        let phrase = std::slice::from_ref(phrase);
        answered(phrase, Rule::FirstWord, &library, &texts)
    });
    let may = visit.staff()?.can(Action::ManageDesk, &library.id);
    let running = visit.running();
    let filed = running.filed().library(&library.id);
    let made = visit
        .shared
        .keep
        .read(|reader| reader.made_keywords())
        .await?;
    let made: HashSet<KeywordId> = made
        .into_iter()
        .filter(|made| may && made.library == library.id)
        .map(|made| made.keyword)
        .collect();
    let zone = times::zone(&library);
    let body = html! {
        h1 { (words(&short(&group.example))) }
        p { (times_asked(group.count)) " at " (library.name) "." }
        ul {
            @for index in group.of.iter().take(TEXTS_SHOWN) {
                @let text = &texts[*index];
                li {
                    (words(&short(&text.body))) " " span.quiet { (times::moment(text.at, &zone, visit.now)) }
                    @if let Some(ticket) = text.ticket { " " a href={ "/tickets/" (ticket) } { "its question" } }
                }
            }
        }
        section.card aria-labelledby="would" {
            h2 #would { "A word for it" }
            form.row method="get" {
                div.grow {
                    label for="words" { "Texts that begin with" }
                    input type="text" #words name="words" value=(typed);
                }
                button.second { "Count" }
            }
            p role="status" {
                @match phrase {
                    None => "Write a word.",
                    Some(_) => {
                        "It would have answered " strong { (would) } " of the last month's "
                        (texts.len()) " unmatched texts."
                    },
                }
            }
        }
        section.card aria-labelledby="reply" {
            h2 #reply { "A keyword of its own" }
            @if super::made::may(visit, &library) {
                a.button href={ (super::made::new_path(&library)) "?word=" (escaped(typed)) } {
                    "Make it an automatic reply"
                }
            } @else {
                p { "Put this into the library's file and write the answer." }
                (paste("An automatic reply", &auto_reply(typed)))
            }
        }
        section.card aria-labelledby="alias" {
            h2 #alias { "Another word for a keyword" }
            @for keyword in filed.iter().flat_map(|library| &library.keywords) {
                details {
                    summary { (keyword.word) }
                    @if made.contains(&keyword.id) {
                        form method="post" action={ (super::keywords::path(&library.id, &keyword.id)) "/alias" } {
                            (token(visit))
                            input type="hidden" name="word" value=(typed);
                            button.second { "Add " (typed) " to " (keyword.word) }
                        }
                    } @else {
                        p { "Put this into the library's file in place of the keyword's part." }
                        (paste("With the new alias", &with_alias(keyword, typed)))
                    }
                }
            }
        }
        @if may {
            form method="post" action={ (path(&library, &group.key)) "/ignore" } {
                (token(visit)) button.second { "Do not show this group" }
            }
        }
    };
    Ok(frame::page(visit, Here::Unmatched, "Unmatched", &body))
}

pub(crate) async fn ignore(visit: &Visit) -> Result<Answer, Refusal> {
    set_ignored(visit, true, "group-ignored").await?;
    Ok(Answer::see("/unmatched?done=ignored"))
}

pub(crate) async fn show_again(visit: &Visit) -> Result<Answer, Refusal> {
    set_ignored(visit, false, "group-shown").await?;
    Ok(Answer::see("/unmatched?done=shown-again"))
}

async fn set_ignored(visit: &Visit, ignored: bool, what: &str) -> Result<(), Refusal> {
    let library = visit.library()?;
    let key = visit.place(1).to_owned();
    if key.len() != NAME_DIGITS || !key.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(Refusal::Nothing);
    }
    let change = StaffChange::Ignore {
        library: library.id.clone(),
        key,
        ignored,
    };
    visit
        .commit(change, Some(note(Some(&library.id), what, "")))
        .await?;
    Ok(())
}

/// A group's name in addresses and in the store: what patrons wrote stands in neither.
fn named(key: &str) -> String {
    let hash = Sha256::digest(key);
    callslip_core::phone::hex(&hash[..NAME_DIGITS / 2])
}

fn path(library: &Library, key: &str) -> String {
    format!(
        "/libraries/{}/unmatched/{}",
        escaped(&library.id.0),
        named(key)
    )
}

pub(super) async fn texts(visit: &Visit, library: &Library) -> Result<Vec<UnmatchedText>, Refusal> {
    let (id, since) = (library.id.clone(), visit.now - SINCE);
    let read = visit
        .shared
        .keep
        .read(move |reader| reader.unmatched(&id, since, TEXTS_MAX));
    Ok(read.await?)
}

async fn ignored(visit: &Visit, library: &Library) -> Result<HashSet<String>, Refusal> {
    let id = library.id.clone();
    let keys = visit
        .shared
        .keep
        .read(move |reader| reader.ignored(&id))
        .await?;
    Ok(keys.into_iter().collect())
}

fn asked(texts: &[UnmatchedText]) -> Vec<Asked> {
    let texts = texts.iter();
    texts
        .map(|text| Asked {
            body: text.body.clone(),
        })
        .collect()
}

fn section(
    visit: &Visit,
    library: &Library,
    texts: &[UnmatchedText],
    ignored: &HashSet<String>,
) -> Markup {
    let groups = unmatched::group(&asked(texts));
    let shown: Vec<&Group> = groups
        .iter()
        .filter(|group| !ignored.contains(&named(&group.key)))
        .take(GROUPS)
        .collect();
    let hidden: Vec<&Group> = groups
        .iter()
        .filter(|group| ignored.contains(&named(&group.key)))
        .collect();
    let zone = times::zone(library);
    html! {
        section.card aria-labelledby={ "unmatched-" (library.id) } {
            h2 id={ "unmatched-" (library.id) } { (library.name) }
            @if shown.is_empty() {
                p { "Nothing: every text of the last month had its keyword." }
            } @else {
                table.stack {
                    caption.unseen { "Groups of unmatched texts, the largest first" }
                    thead { tr {
                        th scope="col" { "They asked" } th scope="col" { "How often" } th scope="col" { "Last" }
                    } }
                    tbody {
                        @for group in shown {
                            tr {
                                th scope="row" {
                                    a href=(path(library, &group.key)) { (words(&short(&group.example))) }
                                }
                                td { (group.count) }
                                td {
                                    @if let Some(first) = group.of.first() {
                                        (times::moment(texts[*first].at, &zone, visit.now))
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if !hidden.is_empty() { (hidden_groups(visit, library, &hidden)) }
        }
    }
}

fn hidden_groups(visit: &Visit, library: &Library, hidden: &[&Group]) -> Markup {
    let may = visit
        .staff()
        .is_ok_and(|staff| staff.can(Action::ManageDesk, &library.id));
    html! {
        details {
            summary { (hidden.len()) " not shown" }
            ul.plain {
                @for group in hidden {
                    li.row {
                        span { (words(&short(&group.example))) " (" (times_asked(group.count)) ")" }
                        @if may {
                            form method="post" action={ (path(library, &group.key)) "/show" } {
                                (token(visit))
                                button.second.small {
                                    "Show it again" span.unseen { ": " (short(&group.example)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn times_asked(count: usize) -> String {
    match count {
        1 => "Asked once".to_owned(),
        count => format!("Asked {count} times"),
    }
}

/// The word to begin with: the longest of what the group says.
fn proposed(group: &Group) -> String {
    let longest = group.key.split(' ').max_by_key(|word| word.chars().count());
    longest.unwrap_or_default().to_uppercase()
}

/// How many of the texts a keyword with these words would have answered.
pub(super) fn answered(
    phrases: &[Phrase],
    rule: Rule,
    library: &Library,
    texts: &[UnmatchedText],
) -> usize {
    let finds = |text: &&UnmatchedText| {
        let tokens = Tokens::of(&text.body);
        let join = library.join.as_ref();
        let join = join.filter(|join| tokens.words().starts_with(join.words()));
        let own = join.map(|join| Tokens::of(tokens.rest_after(join.words().len())));
        let tokens = own.unwrap_or(tokens);
        let mut phrases = phrases.iter();
        phrases.any(|phrase| phrase.find(rule, &tokens).is_some())
    };
    texts.iter().filter(finds).count()
}

fn with_alias(keyword: &Keyword, word: &str) -> String {
    let mut keyword = keyword.clone();
    if let Some(phrase) = Phrase::new(word) {
        keyword.phrases.push(Alias {
            text: word.to_owned(),
            phrase,
            language: None,
        });
    }
    keyword_toml(&keyword)
}

fn auto_reply(word: &str) -> String {
    let quoted: String = word
        .chars()
        .filter(|letter| !"\"\\".contains(*letter) && !letter.is_control())
        .collect();
    format!(
        "[[keyword]]\nword = \"{quoted}\"\nflow = \"auto-reply\"\n[keyword.settings]\ntext = \"\"\n"
    )
}

pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(WORDS_SHOWN) {
        Some((at, _)) => format!("{}\u{2026}", &text[..at]),
        None => text.to_owned(),
    }
}
