//! Reminders of this patron: what people set and what flows did, when each goes out, and why one
//! did not.

use callslip_core::at::At;
use callslip_core::directory::Library;
use callslip_core::due::{self, Kind, WORDS_CHARACTERS_MAX};
use callslip_engine::desk::{ChangeAsk, Place, RemindAsk, Reminder, ReminderState};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::{Shown, acts, done, id, path};
use crate::answer::Answer;
use crate::auth::Token;
use crate::parts::{short, token, words};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

const WORDS_SHOWN: usize = 200;
/// Of what became of earlier ones.
const ENDED_SHOWN: usize = 5;

pub(crate) async fn set(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let zone = times::zone(&library);
    let event = match visit.asked.field("event") {
        "" => None,
        _ => Some(acts::moment(visit, "event")?),
    };
    let at = match (visit.asked.field("when"), event) {
        ("day-before", Some(event)) => due::day_before(event, &zone),
        ("day-before", None) => None,
        _ => Some(acts::moment(visit, "at")?),
    };
    let at = at.ok_or_else(|| {
        Refusal::Invalid("Say when it begins; the reminder goes out the day before.".to_owned())
    })?;
    let ask = RemindAsk {
        ticket: id(visit)?,
        send: visit.asked.field("send").to_owned(),
        words: visit.asked.typed("words").to_owned(),
        at,
        event,
    };
    let did = visit.desk().remind(&visit.actor()?, ask).await;
    done(visit, did).await
}

pub(crate) async fn change(visit: &Visit) -> Result<Answer, Refusal> {
    let reminder = visit.asked.field("reminder").parse();
    let to = match visit.asked.field("act") {
        "move" => Some(acts::moment(visit, "at")?),
        "cancel" => None,
        _ => return Err(Refusal::Incomplete),
    };
    let ask = ChangeAsk {
        ticket: id(visit)?,
        id: reminder.map_err(|_| Refusal::Incomplete)?,
        to,
        cause: visit.asked.field("cause").to_owned(),
    };
    let did = visit.desk().change_reminder(&visit.actor()?, ask).await;
    done(visit, did).await
}

/// Those that wait, under the conversation: it goes on with them.
pub(super) fn waiting(visit: &Visit, shown: &Shown, zone: &TimeZone, may_answer: bool) -> Markup {
    let waiting = shown.reminders.iter();
    let waiting = waiting.filter(|reminder| reminder.state == ReminderState::Waiting);
    html! {
        @for reminder in waiting {
            div.notice {
                p {
                    "Reminder, goes out " (times::ahead(reminder.at, zone, visit.now))
                    ", set by " (set_by(visit, shown, reminder)) ":"
                }
                @if let Some(said) = &reminder.words {
                    blockquote { (words(&short(said, WORDS_SHOWN))) }
                }
                @if let Some(cause) = &reminder.reason { p.quiet { "Moved: " (cause) } }
                @if may_answer { (changing(visit, shown, reminder, zone)) }
            }
        }
    }
}

fn set_by(visit: &Visit, shown: &Shown, reminder: &Reminder) -> String {
    if reminder.kind == Kind::Invitation {
        return "the library, for who was silent for long".to_owned();
    }
    match (&reminder.staff, &reminder.keyword) {
        (Some(staff), _) => shown.names.of(staff).to_owned(),
        (None, Some(keyword)) => {
            let running = visit.running();
            let library = running.directory.library(&reminder.library);
            let known = library.and_then(|library| library.keyword(keyword));
            known.map_or_else(|| keyword.to_string(), |known| known.word.clone())
        }
        (None, None) => "Callslip".to_owned(),
    }
}

fn changing(visit: &Visit, shown: &Shown, reminder: &Reminder, zone: &TimeZone) -> Markup {
    let action = format!("{}/reminder", path(shown.view.row.ticket));
    let cause = format!("cause-{}", reminder.id);
    let at = format!("moved-{}", reminder.id);
    html! {
        details.small {
            summary { @if reminder.kind == Kind::Words { "Move or cancel" } @else { "Cancel" } }
            form method="post" action=(action) {
                (token(visit))
                input type="hidden" name="reminder" value=(reminder.id);
                div.field {
                    label for=(cause) { "Why" }
                    input id=(cause) type="text" name="cause" maxlength="300" required;
                }
                @if reminder.kind == Kind::Words {
                    div.field {
                        label for=(at) { "Another moment, by the library's clock" }
                        input id=(at) type="datetime-local" name="at" value=(times::form(reminder.at, zone))
                            min=(times::form(visit.now, zone));
                    }
                    button.second name="act" value="move" { "Move it" }
                    " "
                }
                button.second name="act" value="cancel" { "Cancel it" }
            }
        }
    }
}

pub(super) fn card(visit: &Visit, shown: &Shown, library: &Library, may_answer: bool) -> Markup {
    let zone = times::zone(library);
    let ended = shown.reminders.iter();
    let ended = ended.filter(|reminder| {
        !matches!(
            reminder.state,
            ReminderState::Waiting | ReminderState::Begun
        )
    });
    let ended: Vec<&Reminder> = ended.take(ENDED_SHOWN).collect();
    let may_set =
        may_answer && shown.view.row.place != Place::Closed && shown.view.may_send.is_ok();
    if ended.is_empty() && !may_set {
        return html! {};
    }
    html! {
        section.card aria-labelledby="reminders" {
            h2 #reminders { "Reminders" }
            @if may_set { (setting(visit, shown, &zone)) }
            @if !ended.is_empty() {
                ul.plain {
                    @for reminder in ended {
                        li { (times::moment(reminder.changed, &zone, visit.now)) " " (became(reminder)) }
                    }
                }
            }
        }
    }
}

pub(crate) fn became(reminder: &Reminder) -> String {
    let told = match reminder.state {
        ReminderState::Waiting => "waits",
        ReminderState::Begun => "goes out",
        ReminderState::Done => return "went out".to_owned(),
        ReminderState::Cancelled => "cancelled",
        ReminderState::Dropped => "did not go out",
    };
    match &reminder.reason {
        Some(reason) => format!("{told}: {reason}"),
        None => told.to_owned(),
    }
}

fn setting(visit: &Visit, shown: &Shown, zone: &TimeZone) -> Markup {
    let send = Token::fresh().map(|token| token.told()).unwrap_or_default();
    let min = times::form(earliest(visit.now), zone);
    html! {
        details {
            summary { "Remind " (shown.view.row.alias) }
            form method="post" action={ (path(shown.view.row.ticket)) "/remind" } {
                (token(visit))
                input type="hidden" name="send" value=(send);
                div.field {
                    label for="words" { "What they read" }
                    textarea #words name="words" rows="3" maxlength=(WORDS_CHARACTERS_MAX) required {}
                }
                div.field {
                    label for="event" { "It begins, by the library's clock" }
                    input #event type="datetime-local" name="event" min=(min);
                    p.hint { "The reminder is not sent when that is over." }
                }
                fieldset {
                    legend { "It goes out" }
                    label { input type="radio" name="when" value="day-before" checked; " the day before at 10" }
                    label { input type="radio" name="when" value="own"; " at this moment" }
                    label.unseen for="remind-at" { "The moment" }
                    input #remind-at type="datetime-local" name="at" min=(min);
                }
                button.second { "Set the reminder" }
                p.hint {
                    "Not in quiet hours, not while a question is open, and not to who texts STOP."
                }
            }
        }
    }
}

fn earliest(now: At) -> At {
    now + std::time::Duration::from_secs(60)
}
