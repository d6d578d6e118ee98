//! One library's own order: declared answers, the host's words, keywords, a waiting free-text
//! question, an open ticket, a courtesy, a near miss, the catch-all keyword, a ticket. Each step
//! is a function that decides or passes on.

use std::time::Duration;

use super::{Act, Desk, Plan, Run, end, keyword, lists, person, suspend};
use crate::flow::Event;
use crate::ids::KeywordId;
use crate::messages::{Messages, Name};
use crate::snapshot::{HostAsks, HostQuestion, Session, SessionState, SessionWrite};
use crate::text::host_words::{self, HostWord};
use crate::text::keyword::Tokens;
use crate::text::near;
use crate::text::poster::strip_poster;

/// How long RESUME brings an interrupted question back.
pub(super) const RESUME_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// After this, a question mark or a keyword is not taken for an answer (a10).
const ANSWER_FRESH: Duration = Duration::from_secs(60 * 60);
/// "Did you mean?" waits as long as a question does.
const MEANT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// A person who wrote within this is answering (a14).
const ANSWERING_FOR: Duration = Duration::from_secs(2 * 60 * 60);
/// A text this soon after an answer that begins with "no" corrects it (a14).
const CORRECTION_WITHIN: Duration = Duration::from_secs(5 * 60);
/// A stray "1" is explained once in this time (a19).
const STRAY_AGAIN: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn plan(desk: &Desk<'_>) -> Plan {
    if desk.library.broken {
        return person::library_off(desk);
    }
    if let Some(told) = &desk.library.outage {
        return person::outage(desk, told);
    }
    if desk.world.text.attempts >= super::ATTEMPTS_MAX {
        return person::gave_up(desk);
    }
    let open = desk.session(SessionState::Open);
    meant(desk)
        .or_else(|| declared_answer(desk, open))
        .or_else(|| host_word(desk, open))
        .or_else(|| keywords(desk, open))
        .or_else(|| free_answer(desk, open))
        .unwrap_or_else(|| behind_keywords(desk, None))
}

/// What is left when no keyword and no question takes the text. `declined`: this keyword has
/// said that the text is not for it.
pub(super) fn behind_keywords(desk: &Desk<'_>, declined: Option<&KeywordId>) -> Plan {
    if desk.tokens.is_empty() && desk.body.trim().is_empty() && desk.world.text.media.is_empty() {
        return menu(desk, "empty");
    }
    person::correction(desk, CORRECTION_WITHIN)
        .or_else(|| person::open_ticket(desk))
        .or_else(|| courtesy(desk))
        .or_else(|| stray_answer(desk))
        .or_else(|| near_miss(desk, declined))
        .or_else(|| catch_all(desk, declined))
        .unwrap_or_else(|| person::unmatched(desk))
}

/// "Did you mean HOURS? Reply 1."
fn meant(desk: &Desk<'_>) -> Option<Plan> {
    let question = desk.world.snapshot.conversation.asking.as_ref()?;
    let HostAsks::Meant {
        library,
        offered,
        kept,
    } = &question.what
    else {
        return None;
    };
    let [digit] = desk.tokens.words() else {
        return None;
    };
    let chosen = offered.get(digit.parse::<usize>().ok()?.checked_sub(1)?)?;
    if *library != desk.library.id || desk.world.now.since(question.asked) >= MEANT_FOR {
        return None;
    }
    let keyword = desk
        .library
        .keyword(chosen)
        .filter(|keyword| desk.library.answers(keyword, desk.world.now))?;
    let rest = Tokens::of(kept).rest_after(1).to_owned();
    Some(desk.start(keyword, &rest, "near-miss-chosen"))
}

fn declared_answer(desk: &Desk<'_>, open: Option<&Session>) -> Option<Plan> {
    let session = open?;
    let said = desk.tokens.words();
    let declared = session
        .question
        .choices
        .iter()
        .any(|choice| Tokens::of(choice).words() == said);
    (declared && !said.is_empty()).then(|| answer(desk, session))
}

fn host_word(desk: &Desk<'_>, open: Option<&Session>) -> Option<Plan> {
    let word = host_words::read(&desk.tokens)?;
    let free = open.is_some_and(|session| session.question.choices.is_empty());
    match word {
        HostWord::Exit => Some(match open {
            Some(session) => {
                let values = [("keyword", session.pinned.keyword.as_str())];
                let mut plan = desk.say("exit", vec![desk.sentence(Name::ExitDone, &values)]);
                end(&mut plan, session.id, "left");
                plan
            }
            None => desk.say("exit", vec![desk.sentence(Name::ExitNothing, &[])]),
        }),
        HostWord::Menu => {
            let mut plan = menu(desk, "menu");
            suspend(&mut plan, desk);
            Some(plan)
        }
        HostWord::Lists => Some(lists::tell(desk, open)),
        HostWord::Leave { rest } => lists::leave(desk, open, &rest),
        HostWord::Ask { rest } => Some(person::asked_for(desk, &rest)),
        HostWord::Resume if open.is_none() => Some(resume(desk)),
        HostWord::Resume => None,
        // The turn began with it.
        HostWord::WrongNumber => None,
        HostWord::Language(_) if free => None,
        HostWord::Language(language) => Some(language_switch(desk, open, &language)),
    }
}

fn language_switch(desk: &Desk<'_>, open: Option<&Session>, language: &str) -> Plan {
    let mut spoken = Desk::new(desk.world, desk.number, desk.library, desk.body);
    spoken.language = language.to_owned();
    if !desk.library.languages.iter().any(|known| known == language) {
        let values = [("library", desk.library.name.as_str())];
        let mut plan = desk.say(
            "language",
            vec![spoken.sentence(Name::LanguageMissing, &values)],
        );
        plan.conversation.language = Some(language.to_owned());
        return plan;
    }
    let mut texts = vec![spoken.sentence(Name::LanguageSet, &[])];
    texts.extend(open.map(|session| session.asked_text.clone()));
    let mut plan = spoken.say("language", texts);
    plan.new_language = Some(language.to_owned());
    plan.conversation.language = Some(language.to_owned());
    plan
}

pub(super) fn menu(desk: &Desk<'_>, reason: &'static str) -> Plan {
    let words = keyword::menu(desk.library, &desk.language, desk.world.now);
    let text = if words.is_empty() {
        desk.sentence(Name::MenuEmpty, &[("library", &desk.library.name)])
    } else {
        desk.sentence(Name::Menu, &[("keywords", &words.join(", "))])
    };
    desk.say(reason, vec![text])
}

fn resume(desk: &Desk<'_>) -> Plan {
    let Some(session) = desk.session(SessionState::Suspended) else {
        return desk.say("resume", vec![desk.sentence(Name::ResumeNothing, &[])]);
    };
    let values = [
        ("keyword", session.pinned.keyword.as_str()),
        ("question", session.asked_text.as_str()),
    ];
    let mut plan = desk.say("resume", vec![desk.sentence(Name::ResumeQuestion, &values)]);
    plan.sessions
        .push(SessionWrite::Wait(Box::new(waiting_again(desk, session))));
    plan
}

/// The question counts as asked just now.
fn waiting_again(desk: &Desk<'_>, session: &Session) -> Session {
    let mut session = session.clone();
    session.state = SessionState::Open;
    session.asked = desk.world.now;
    session.expires = session.expires.max(desk.world.now + RESUME_FOR);
    session
}

fn keywords(desk: &Desk<'_>, open: Option<&Session>) -> Option<Plan> {
    if open.is_some_and(|session| session.question.choices.is_empty()) {
        return None; // A free-text question takes whatever comes.
    }
    // The poster's own words repeated ("HOURS to 66746") are not what follows a keyword (a3).
    let stripped = strip_poster(&desk.tokens, &desk.number.number);
    let poster = stripped
        .as_ref()
        .and_then(|tokens| keyword::find(desk.library, tokens));
    // A poster's mark belongs to the poster, not to what follows the keyword (a20).
    let marked = stripped
        .as_ref()
        .and_then(|tokens| keyword::marked(desk.library, tokens))
        .or_else(|| keyword::marked(desk.library, &desk.tokens));
    let came = marked
        .as_ref()
        .map(|marked| (marked.keyword.clone(), marked.mark.clone()));
    let matched = match (&marked, poster) {
        (Some(marked), _) => keyword::find(desk.library, &marked.text),
        (None, Some(poster)) if poster.alone => Some(poster),
        (None, poster) => keyword::find(desk.library, &desk.tokens).or(poster),
    };
    let Some(matched) = matched else {
        return gone(desk, stripped.as_ref());
    };
    if matched.keyword.catch_all && !matched.alone {
        return None;
    }
    if person::is_answering(desk, ANSWERING_FOR) && !matched.alone {
        return None;
    }
    let mut desk = Desk::new(desk.world, desk.number, desk.library, desk.body);
    let switched = matched
        .language
        .filter(|language| **language != desk.language);
    if let Some(language) = matched.language {
        desk.language = language.to_owned();
    }
    if !desk.library.answers(matched.keyword, desk.world.now) {
        let values = [("keyword", matched.keyword.word.as_str())];
        let closing = matched.keyword.closing.clone();
        let told = closing.unwrap_or_else(|| desk.sentence(Name::ClosedKeyword, &values));
        let mut plan = desk.say("closed-keyword", vec![told]);
        plan.keyword = Some(matched.keyword.id.clone());
        plan.came = came;
        return Some(plan);
    }
    let mut plan = desk.start(matched.keyword, &matched.rest, "keyword");
    plan.came = came;
    plan.new_language = switched.map(str::to_owned);
    suspend(&mut plan, &desk);
    Some(plan)
}

/// Posters live longer than keywords (c6).
fn gone(desk: &Desk<'_>, stripped: Option<&Tokens>) -> Option<Plan> {
    let find = |text| keyword::gone(desk.library, text, desk.world.now);
    let (gone, alone) = stripped
        .and_then(find)
        .filter(|(_, alone)| *alone)
        .or_else(|| find(&desk.tokens))?;
    if person::is_answering(desk, ANSWERING_FOR) && !alone {
        return None;
    }
    let mut plan = desk.say("closed-keyword", vec![gone.closing.clone()]);
    plan.keyword = Some(gone.id.clone());
    Some(plan)
}

/// A waiting question that takes any text; one with declared answers gets what was not one, too,
/// since its flow knows how to ask again.
fn free_answer(desk: &Desk<'_>, open: Option<&Session>) -> Option<Plan> {
    let session = open?;
    let old = desk.world.now.since(session.asked) > ANSWER_FRESH;
    let another = host_words::looks_like_question(desk.body)
        || keyword::find(desk.library, &desk.tokens).is_some();
    if old && another && session.question.choices.is_empty() {
        let values = [("question", session.asked_text.as_str())];
        let mut plan = desk.say(
            "question-again",
            vec![desk.sentence(Name::QuestionAgain, &values)],
        );
        plan.sessions
            .push(SessionWrite::Wait(Box::new(waiting_again(desk, session))));
        return Some(plan);
    }
    Some(answer(desk, session))
}

fn answer(desk: &Desk<'_>, session: &Session) -> Plan {
    let granted = desk
        .library
        .keyword(&session.keyword)
        .is_some_and(|keyword| keyword.enabled);
    if !granted {
        return person::withdrawn(desk, session);
    }
    let mut plan = desk.plan("answer");
    plan.keyword = Some(session.keyword.clone());
    plan.language.clone_from(&session.pinned.patron.language);
    plan.conversation.unmatched = 0;
    plan.act = Act::Run(Box::new(Run {
        event: Event::Answered(desk.body.to_owned()),
        keyword: session.keyword.clone(),
        digest: session.digest.clone(),
        session: Some(Box::new(session.clone())),
        secret: session.question.secret,
        body: desk.body.to_owned(),
    }));
    plan
}

/// "Thanks" with nothing open needs no answer and no person (a8).
fn courtesy(desk: &Desk<'_>) -> Option<Plan> {
    host_words::is_courtesy(desk.body).then(|| person::courtesy(desk))
}

/// "1" or "yes" with no question open (a19).
fn stray_answer(desk: &Desk<'_>) -> Option<Plan> {
    if !host_words::is_stray_answer(desk.body) {
        return None;
    }
    let explained = desk.world.snapshot.conversation.stray_explained;
    if explained.is_some_and(|at| desk.world.now.since(at) < STRAY_AGAIN) {
        return Some(desk.plan("stray-answer"));
    }
    let mut plan = desk.say("stray-answer", vec![desk.sentence(Name::StrayAnswer, &[])]);
    plan.conversation.stray_explained = Some(desk.world.now);
    Some(plan)
}

fn near_miss(desk: &Desk<'_>, declined: Option<&KeywordId>) -> Option<Plan> {
    let candidates = desk
        .library
        .keywords
        .iter()
        .filter(|keyword| desk.library.answers(keyword, desk.world.now))
        .filter(|keyword| !keyword.hidden && Some(&keyword.id) != declined)
        .flat_map(|keyword| {
            keyword
                .phrases
                .iter()
                .map(|alias| ((&keyword.id, alias.text.as_str()), &alias.phrase))
        });
    let mut offered: Vec<(&KeywordId, &str)> = Vec::new();
    for (id, word) in near::near(&desk.tokens, candidates) {
        if offered.iter().all(|(known, _)| *known != id) {
            offered.push((id, word));
        }
    }
    let text = match offered[..] {
        [] => return None,
        [(_, word)] => desk.sentence(Name::NearMiss, &[("keyword", word)]),
        _ => {
            let labels: Vec<&str> = offered.iter().map(|(_, word)| *word).collect();
            let reworded = &desk.library.reworded;
            let choices = Messages::shipped().choices(&labels, &desk.language, reworded);
            desk.sentence(Name::NearMissMany, &[("choices", &choices)])
        }
    };
    let mut plan = desk.say("near-miss", vec![text]);
    plan.conversation.asking = Some(HostQuestion {
        asked: desk.world.now,
        what: HostAsks::Meant {
            library: desk.library.id.clone(),
            offered: offered.into_iter().map(|(id, _)| id.clone()).collect(),
            kept: desk.body.to_owned(),
        },
    });
    Some(plan)
}

fn catch_all(desk: &Desk<'_>, declined: Option<&KeywordId>) -> Option<Plan> {
    let keyword = desk.library.keywords.iter().find(|keyword| {
        keyword.catch_all
            && desk.library.answers(keyword, desk.world.now)
            && Some(&keyword.id) != declined
    })?;
    Some(desk.start(keyword, desk.body, "catch-all"))
}
