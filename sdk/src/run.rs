//! Runs a flow for one turn: polls it once, and says what came of it.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::ask::gave_up;
use crate::journal::{Halt, Turn};
use crate::json::Json;
use crate::language::Language;
use crate::outcome::{Ending, Outcome, Stop};
use crate::settings::Settings;
use crate::talk::{Frame, Talk};
use crate::world::{Entry, Input, Manifest, Message, Next, Output};

/// A flow. `#[callslip::flow]` makes one from an async function, under that function's name.
pub trait Flow {
    /// What an admin may set.
    type Settings: Settings;

    /// What the flow says of itself.
    const MANIFEST: Manifest;

    /// The conversation.
    fn run(talk: Talk, settings: Self::Settings) -> impl Future<Output = Outcome>;
}

/// Plays one turn. The error is for the log and the ticket; it holds nothing of the patron's.
pub fn handle<F: Flow>(input: Input) -> Result<Output, String> {
    let settings = Json::parse(&input.settings)
        .ok_or_else(|| "settings: not JSON".to_owned())
        .and_then(|json| F::Settings::read(&json).map_err(|misfit| misfit.to_string()))?;
    let language = Language::of(&input.patron.language);
    let turn = Turn::new(
        input.journal,
        input.event,
        input.media,
        input.now,
        input.seed,
    );
    let turn = Rc::new(RefCell::new(turn));
    if let Some(Halt::Fault(why)) = turn.borrow_mut().halt.take() {
        return Err(why);
    }
    let frame = Frame {
        keyword: input.keyword,
        patron: input.patron,
        library: input.library,
        seed: input.seed,
    };
    let outcome = {
        let flow = pin!(F::run(Talk::new(Rc::clone(&turn), frame), settings));
        match flow.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        }
    };
    // The flow and each copy of its `Talk` are gone, unless it hid one in a static.
    let turn = Rc::try_unwrap(turn).map_err(|_| "the flow kept its Talk beyond the turn")?;
    conclude(turn.into_inner(), outcome, language)
}

fn conclude(
    mut turn: Turn,
    outcome: Option<Outcome>,
    language: Language,
) -> Result<Output, String> {
    if outcome.is_some() {
        turn.ended();
    }
    let mut messages = std::mem::take(&mut turn.said);
    let next = match (turn.halt.take(), outcome) {
        (Some(Halt::Fault(why)), _) => return Err(why),
        (Some(Halt::Asked(question)), None) => {
            let append = turn.into_appended()?;
            return Ok(Output {
                messages,
                next: Next::Ask(question),
                append,
            });
        }
        (Some(Halt::Asked(_)), Some(_)) => {
            return Err("the flow ended with a question open: await each question".to_owned());
        }
        (None, None) => {
            return Err(
                "the flow waits for something that no text can bring: await only what \
                        Talk gives"
                    .to_owned(),
            );
        }
        (None, Some(Ok(end))) => match end.0 {
            Ending::Finish => Next::Finish,
            Ending::HandOff { topic, summary } => Next::HandOff { topic, summary },
            Ending::Decline if turn.asked_before() => {
                return Err("decline is possible only before the first question".to_owned());
            }
            Ending::Decline => Next::Decline,
        },
        (None, Some(Err(stop))) => match stop {
            Stop::TimedOut => Next::Finish,
            Stop::NotUnderstood { question } => {
                messages.push(Message {
                    text: gave_up(language).to_owned(),
                    media: Vec::new(),
                });
                let first_line = question.lines().next().unwrap_or_default();
                let summary = format!("The answers to \"{first_line}\" were not understood.");
                Next::HandOff {
                    topic: None,
                    summary,
                }
            }
            Stop::Refused(_) | Stop::Failed(_) => return Err(stop.to_string()),
        },
    };
    Ok(Output {
        messages,
        next,
        append: Vec::<Entry>::new(),
    })
}
