//! A moment has come (a10, e5): a reminder of a flow's or a person's, a question that nobody
//! answered, an invitation to come back. Nobody texted just now, so consent is asked first, then
//! whether it is still of use, the library's hours, and whether a question waits. Only then a flow
//! runs or something is said, one message at most.
//!
//! A time-out runs in quiet hours too, since a flow may have something to give back; what it says
//! is held on its way out.

use std::time::Duration;

use super::{ATTEMPTS_MAX, Act, Desk, Plan, Run, World, end, limits};
use crate::at::At;
use crate::consent::{self, Facts, Kind, Why};
use crate::directory::{Library, Number};
use crate::due::{Due, End, LOOK_AGAIN, What};
use crate::flow::Event;
use crate::ids::{KeywordId, SessionId};
use crate::quiet::{self, Release};
use crate::snapshot::{Session, SessionState};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// "Which library?" is still in the patron's mind so long.
const HOST_ASKS_FOR: Duration = Duration::from_secs(60 * 60);

pub(super) fn plan(world: &World<'_>, number: &Number, due: &Due) -> Plan {
    let Some(library) = world.directory.library(&due.library) else {
        let plan = Plan::new(world, "due-dropped");
        return dropped(plan, due, "its library is not configured any more");
    };
    let desk = Desk::new(world, number, library, "");
    let mut plan = desk.plan("due");
    // Nothing was said to what the host asked.
    plan.conversation
        .asking
        .clone_from(&world.snapshot.conversation.asking);
    plan.unasked = Some(due.useful_until);
    // Nobody knows whose message will have been the last when this one leaves.
    plan.conversation.named = None;
    match stands_against(world, number, library, due) {
        Some(Against::Wait(until)) => {
            plan.reason = "due-waits";
            plan.due = Some(End::Again(until));
            leave_alone(world, &mut plan);
            plan
        }
        Some(Against::Never(why)) => {
            leave_alone(world, &mut plan);
            plan.reason = "due-dropped";
            dropped(plan, due, &why)
        }
        None => {
            plan.due = Some(End::Done);
            act(&desk, plan, due)
        }
    }
}

/// Nothing is said: nobody has spoken last.
fn leave_alone(world: &World<'_>, plan: &mut Plan) {
    plan.conversation = world.snapshot.conversation.clone();
}

fn dropped(mut plan: Plan, due: &Due, why: &str) -> Plan {
    plan.due = Some(End::Dropped(why.to_owned()));
    // Nobody would tell its flow ever again.
    if let What::TimedOut { session } = &due.what {
        end(&mut plan, *session, "expired");
    }
    plan
}

enum Against {
    Wait(At),
    Never(String),
}

fn stands_against(
    world: &World<'_>,
    number: &Number,
    library: &Library,
    due: &Due,
) -> Option<Against> {
    let never = |why: &str| Some(Against::Never(why.to_owned()));
    if world.text.attempts >= ATTEMPTS_MAX {
        return never("it failed three times");
    }
    if let Err(why) = may_send(world, library, due) {
        return never(&why);
    }
    if library.broken || library.outage.is_some() {
        return never("its library is out of order");
    }
    let spent = limits::spent(world, library);
    let limit = library.budget.monthly_segments;
    if limit.is_some_and(|limit| spent >= u64::from(limit)) {
        return never("the month's budget is spent");
    }
    if world.now >= due.useful_until {
        return never("it came too late to be of use");
    }
    let own = match &due.what {
        What::TimedOut { session } => Some(*session),
        What::Reminder { .. } | What::Words { .. } | What::Invitation { .. } => {
            let seed = world.text.id.0.unsigned_abs();
            match quiet::hold(number, library, world.now, due.useful_until, seed) {
                Release::Now => {}
                Release::At(at) => return Some(Against::Wait(at)),
                Release::Expired => return never("quiet hours lasted until it was of no use"),
            }
            None
        }
    };
    waits_until(world, own).map(Against::Wait)
}

/// At all levels, as for whatever nobody has just asked for (b6).
fn may_send(world: &World<'_>, library: &Library, due: &Due) -> Result<(), String> {
    let snapshot = world.snapshot;
    let last_text = snapshot.phone.last_text;
    let (kind, yes) = match &due.what {
        What::Reminder { agreed, .. } | What::Words { agreed, .. } => (Kind::Reminder, *agreed),
        What::TimedOut { .. } => (Kind::Answer, None),
        What::Invitation { .. } => (
            Kind::List,
            is_on_a_list(world, library).then_some(world.now),
        ),
    };
    // The number may be somebody else's by now (a9); who said yes to it is texted all the same, as
    // the members of lists are.
    let tenure = DAY * world.directory.rules.tenure_days;
    if yes.is_none() && last_text.is_some_and(|last| world.now.since(last) >= tenure) {
        return Err("the phone was silent for so long that it may be somebody else's".to_owned());
    }
    let facts = Facts {
        number: snapshot.conversation.consent,
        library_stopped: snapshot.is_stopped(&library.id),
        list_stopped: false,
        last_text,
        yes,
        last_survey: None,
        questioned: false,
    };
    consent::may_send(kind, &facts, world.now).map_err(|why: Why| why.to_string())
}

/// On one that the library still has and the phone has not stopped.
fn is_on_a_list(world: &World<'_>, library: &Library) -> bool {
    let mut patrons = world.snapshot.patrons.iter();
    let Some(patron) = patrons.find(|patron| patron.library == library.id) else {
        return false;
    };
    let stopped = |list: &str| {
        world.snapshot.stopped.iter().any(|stopped| {
            stopped.part.library == library.id && stopped.part.list.as_deref() == Some(list)
        })
    };
    let known = |list: &str| library.lists.iter().any(|known| known.id == list);
    patron
        .lists
        .iter()
        .any(|list| known(list) && !stopped(list))
}

/// A question waits, of whatever library: an answer to it would be taken for one to this.
fn waits_until(world: &World<'_>, own: Option<SessionId>) -> Option<At> {
    let open = world.snapshot.sessions.iter().filter(|session| {
        session.state == SessionState::Open
            && session.number == world.text.number
            && session.expires > world.now
            && Some(session.id) != own
    });
    let asking = world.snapshot.conversation.asking.as_ref();
    let asked = asking.map(|question| question.asked + HOST_ASKS_FOR);
    let ends = open.map(|session| session.expires).chain(asked);
    let first = ends.filter(|ends| *ends > world.now).min()?;
    Some(first.min(world.now + LOOK_AGAIN))
}

fn act(desk: &Desk<'_>, mut plan: Plan, due: &Due) -> Plan {
    match &due.what {
        What::Reminder {
            keyword, payload, ..
        } => remind(desk, plan, due, keyword, payload),
        What::TimedOut { session } => {
            let known = desk.world.snapshot.sessions.iter();
            let session = known
                .into_iter()
                .find(|known| known.id == *session)
                .cloned();
            time_out(desk, plan, session)
        }
        What::Words { text, .. } => {
            plan.reason = "reminder";
            plan.act = Act::Say {
                texts: vec![text.clone()],
                plain: false,
            };
            plan
        }
        What::Invitation { texts } => {
            plan.reason = "invitation";
            let languages = [desk.language.as_str(), desk.library.language()];
            let text = languages.iter().find_map(|language| {
                let mut texts = texts.iter();
                texts.find(|(known, _)| known == language)
            });
            plan.act = Act::Say {
                texts: text.map(|(_, text)| text.clone()).into_iter().collect(),
                plain: false,
            };
            plan
        }
    }
}

fn remind(desk: &Desk<'_>, plan: Plan, due: &Due, keyword: &KeywordId, payload: &str) -> Plan {
    let known = desk.library.keyword(keyword);
    let Some(keyword) = known.filter(|keyword| desk.library.answers(keyword, desk.world.now))
    else {
        let mut plan = plan;
        leave_alone(desk.world, &mut plan);
        plan.reason = "due-dropped";
        return dropped(plan, due, "its keyword is off");
    };
    run(
        plan,
        Run {
            event: Event::Due(payload.to_owned()),
            keyword: keyword.id.clone(),
            digest: keyword.plugin.digest.clone(),
            session: None,
            secret: false,
            body: String::new(),
        },
        "reminder",
    )
}

/// A session that has ended meanwhile has nothing to be told.
fn time_out(desk: &Desk<'_>, mut plan: Plan, session: Option<Session>) -> Plan {
    let Some(session) = session else {
        leave_alone(desk.world, &mut plan);
        plan.reason = "due-dropped";
        plan.due = Some(End::Dropped("its question is not open any more".to_owned()));
        return plan;
    };
    if desk.library.keyword(&session.keyword).is_none() {
        end(&mut plan, session.id, "expired");
        leave_alone(desk.world, &mut plan);
        return plan;
    }
    let run_of = Run {
        event: Event::TimedOut,
        keyword: session.keyword.clone(),
        digest: session.digest.clone(),
        session: Some(Box::new(session)),
        secret: false,
        body: String::new(),
    };
    run(plan, run_of, "timed-out")
}

fn run(mut plan: Plan, run: Run, reason: &'static str) -> Plan {
    plan.reason = reason;
    plan.keyword = Some(run.keyword.clone());
    plan.act = Act::Run(Box::new(run));
    plan
}
