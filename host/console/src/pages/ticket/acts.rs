//! What staff do to a question without sending anything.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::directory::Library;
use callslip_core::ids::StaffId;
use callslip_engine::desk::{Act, CloseReason};
use callslip_store::staff::StaffChange;
use http::StatusCode;

use super::{done, id};
use crate::answer::Answer;
use crate::desk::actor;
use crate::refusal::Refusal;
use crate::times;
use crate::visit::{self, Visit};

/// The page says so while it is open; nothing comes back.
pub(crate) async fn look(visit: &Visit) -> Result<Answer, Refusal> {
    visit
        .desk()
        .look(&visit.actor()?, id(visit)?, false)
        .await?;
    Ok(Answer::page(maud::html! {}).with_status(StatusCode::NO_CONTENT))
}

pub(crate) async fn claim(visit: &Visit) -> Result<Answer, Refusal> {
    act(visit, Act::Claim).await
}

pub(crate) async fn release(visit: &Visit) -> Result<Answer, Refusal> {
    act(visit, Act::Release).await
}

pub(crate) async fn reopen(visit: &Visit) -> Result<Answer, Refusal> {
    act(visit, Act::Reopen).await
}

pub(crate) async fn hand_over(visit: &Visit) -> Result<Answer, Refusal> {
    let to = StaffId::from(visit.asked.field("to"));
    let account = visit
        .shared
        .keep
        .read(move |reader| reader.account_of(&to))
        .await?;
    let Some(account) = account.filter(|account| account.disabled.is_none()) else {
        return Err(Refusal::Invalid("Choose a colleague.".to_owned()));
    };
    let to = Box::new(actor(&account.staff));
    let done = act(visit, Act::HandOver { to }).await?;
    if done.status == StatusCode::SEE_OTHER {
        let about = format!("question {}, to {}", visit.place(0), account.staff.shown);
        let line = visit::note(Some(visit.permit()?.library()), "handed-over", about);
        visit.commit(StaffChange::Noted, Some(line)).await?;
    }
    Ok(done)
}

pub(crate) async fn close(visit: &Visit) -> Result<Answer, Refusal> {
    let wanted = visit.asked.field("reason");
    let reason = CloseReason::ALL
        .into_iter()
        .find(|reason| name(*reason) == wanted);
    let reason = reason.ok_or_else(|| Refusal::Invalid("Choose a reason.".to_owned()))?;
    let remark = remark(visit);
    act(visit, Act::Close { reason, remark }).await
}

pub(crate) async fn snooze(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let until = match visit.asked.field("until") {
        OWN => moment(visit, "at")?,
        wanted => until(wanted, &library, visit.now)
            .ok_or_else(|| Refusal::Invalid("Choose until when.".to_owned()))?,
    };
    let remark = remark(visit);
    act(visit, Act::Snooze { until, remark }).await
}

pub(crate) async fn topic(visit: &Visit) -> Result<Answer, Refusal> {
    let topic = chosen_topic(visit)?;
    act(visit, Act::Topic { topic }).await
}

/// One of the library's; none: nothing in particular.
pub(super) fn chosen_topic(visit: &Visit) -> Result<Option<String>, Refusal> {
    let library = visit.library()?;
    let topic = Some(visit.asked.field("topic")).filter(|topic| !topic.is_empty());
    if topic.is_some_and(|topic| library.topics.iter().all(|known| known.id != topic)) {
        return Err(Refusal::Invalid("Choose a topic.".to_owned()));
    }
    Ok(topic.map(str::to_owned))
}

pub(crate) async fn note(visit: &Visit) -> Result<Answer, Refusal> {
    let body = visit.asked.field("note").to_owned();
    let did = visit.desk().note(&visit.actor()?, id(visit)?, body).await;
    done(visit, did).await
}

async fn act(visit: &Visit, act: Act) -> Result<Answer, Refusal> {
    let did = visit.desk().act(&visit.actor()?, id(visit)?, act).await;
    done(visit, did).await
}

pub(super) fn remark(visit: &Visit) -> Option<String> {
    Some(visit.asked.field("remark"))
        .filter(|remark| !remark.is_empty())
        .map(str::to_owned)
}

/// As forms write it.
pub(super) fn name(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::Answered => "answered",
        CloseReason::AnsweredElsewhere => "elsewhere",
        CloseReason::NoAnswerNeeded => "no-answer",
        CloseReason::NotForUs => "not-for-us",
        CloseReason::Abuse => "abuse",
        CloseReason::Other => "other",
    }
}

/// A moment that was chosen, by the library's clock.
pub(super) fn moment(visit: &Visit, field: &str) -> Result<At, Refusal> {
    let library = visit.library()?;
    let zone = times::zone(&library);
    let moment = times::read(visit.asked.field(field), &zone);
    moment.ok_or_else(|| Refusal::Invalid("Choose a day and a time.".to_owned()))
}

/// Put aside until a moment of one's own.
pub(super) const OWN: &str = "own";

/// The choices of a snooze, each with its words.
pub(super) const UNTILS: [(&str, &str); 4] = [
    ("hour", "in an hour"),
    ("tomorrow", "tomorrow at 9"),
    ("three-days", "in three days at 9"),
    ("week", "in a week at 9"),
];

fn until(wanted: &str, library: &Library, now: At) -> Option<At> {
    let days = match wanted {
        "hour" => return Some(now + Duration::from_secs(60 * 60)),
        "tomorrow" => 1,
        "three-days" => 3,
        "week" => 7,
        _ => return None,
    };
    let zone = times::zone(library);
    let date = zone.to_datetime(now.timestamp()).date();
    let date = date.checked_add(jiff::Span::new().days(days)).ok()?;
    let moment = zone.to_timestamp(date.at(9, 0, 0, 0)).ok()?;
    Some(At(moment.as_millisecond()))
}
