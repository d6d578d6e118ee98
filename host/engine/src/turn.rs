//! One turn, on the turn thread: load a snapshot, decide, run the flow that the decision names,
//! and build the commit. Nothing is written here.

use std::sync::Arc;
use std::time::Instant;

use callslip_core::directory::Library;
use callslip_core::finish::{self, Means, Minted, Ran};
use callslip_core::flow::{Effects, Fault};
use callslip_core::ids::{Digest, LibraryId};
use callslip_core::inbound::Namespace;
use callslip_core::route::{self, Act, Plan, Run, World};
use callslip_core::snapshot::{SenderKind, SpendMark, TicketWrite, TurnCommit, Via};
use callslip_core::tenure;
use callslip_store::{Reader, StoreError};

use crate::data::FlowData;
use crate::outside::Wait;
use crate::worker::Job;
use crate::{Running, Shared, due};

/// All that a turn may ask outside, of each kind, and as much again.
const ANSWERS_MAX: usize = 64;

/// A keyword's storage in its library: what turns can conflict over.
pub(crate) type Namespaced = (LibraryId, String);

/// What a run of the turn came to.
pub(crate) enum Turned {
    Commit(Box<TurnCommit>),
    /// Others are conflicting over this storage: the job waits for its turn among them.
    Contended(Namespaced),
    /// The flow asks outside the house: the host asks, and runs the turn again.
    Waits(Box<Wait>),
    /// Its flow takes long: the job goes where nobody else waits for it.
    Slow,
}

/// Whether a flow runs on this thread.
pub(crate) enum Runs {
    Here,
    Elsewhere,
    /// When its storage is free.
    Later,
}

/// `runs` tells whether a flow that keeps things in this storage may run here and now.
pub(crate) fn run(
    shared: &Shared,
    reader: &dyn Reader,
    job: &Job,
    runs: impl Fn(&Namespaced, &Digest) -> Runs,
) -> Result<Turned, StoreError> {
    let begun = Instant::now();
    let running = shared.running();
    let now = (shared.clock)();
    let mut snapshot = reader.snapshot(job.text.phone, &job.text.number, now)?;
    if running.directory.has_budgets() {
        snapshot.spent = reader.spent(now, job.text.namespace)?;
    }
    if let Some(expired) = due::expired(reader, &job.text, now)? {
        snapshot.sessions.push(expired);
    }
    let snapshot = tenure::current(snapshot, &job.text, &running.directory, now);
    let world = World {
        directory: &running.directory,
        text: &job.text,
        snapshot: &snapshot,
        now,
    };
    let mut plan = route::route(&world);
    let mut ran = None;
    if let Act::Run(run) = &plan.act {
        let run = run.clone();
        if let Some(storage) = storage_of(&running, &plan, &run) {
            match runs(&storage, &run.digest) {
                Runs::Here => {}
                Runs::Elsewhere => return Ok(Turned::Slow),
                Runs::Later => return Ok(Turned::Contended(storage)),
            }
        }
        let done = run_flow(shared, &running, reader, &world, job, &plan, &run)?;
        let done = done.map(|done| asks_anew(job, done));
        if let Some(wait) = waits(&running, job, &plan, &run, done.as_ref()) {
            return Ok(Turned::Waits(Box::new(wait)));
        }
        let done = match &job.refused {
            Some(reason) => refused(done, reason),
            None => done,
        };
        match done {
            Some(done) if done.declined() => {
                plan = route::after_decline(&world, &plan, &run);
                if let Act::Run(run) = &plan.act {
                    let run = run.clone();
                    ran = run_flow(shared, &running, reader, &world, job, &plan, &run)?;
                    if let Some(wait) = waits(&running, job, &plan, &run, ran.as_ref()) {
                        return Ok(Turned::Waits(Box::new(wait)));
                    }
                }
            }
            done => ran = done,
        }
    }
    let via = match (job.text.namespace, job.text.sender) {
        // Nobody brought it: no response waits.
        (_, SenderKind::Desk) => Via::Outbox,
        // The simulator's phones are on this machine: whoever brought the text shows the answer.
        (Namespace::Simulator, _) => Via::Inline,
        (Namespace::Real, _) => job.token.commit(),
    };
    let card = plan
        .library
        .as_ref()
        .and_then(|id| running.directory.library(id));
    let means = Means {
        via,
        useful: shared.delivery.useful,
        card: card.map(|library| {
            let came = came(&world, &plan, library, reader);
            running.card(library, came.as_ref())
        }),
        minted: Minted {
            public_url: running.public_url.clone(),
            chance: shared.keys.chance(job.text.id.0),
        },
    };
    let mut commit = finish::finish(&world, plan, ran, &means);
    commit.asked_outside = !job.answers.is_empty();
    let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    shared.figures.turns.note(micros);
    tell(job, &commit, micros);
    Ok(Turned::Commit(Box::new(commit)))
}

/// What the flow wrote breaks a limit of the store: nothing of it stays.
fn refused(done: Option<Ran>, reason: &str) -> Option<Ran> {
    done.map(|ran| Ran {
        result: Err(Fault::Limit(reason.to_owned())),
        effects: Effects::default(),
        ..ran
    })
}

/// A flow that asks for something else whenever it runs would never come to its end.
fn asks_anew(job: &Job, ran: Ran) -> Ran {
    match ran.result {
        Err(Fault::Waits(_)) if job.answers.len() >= ANSWERS_MAX => Ran {
            result: Err(Fault::Diverged(
                "it asks for something else outside each time it runs".to_owned(),
            )),
            ..ran
        },
        result => Ran { result, ..ran },
    }
}

/// What the flow waits for, and what is needed to ask for it.
fn waits(running: &Running, job: &Job, plan: &Plan, run: &Run, done: Option<&Ran>) -> Option<Wait> {
    let Err(Fault::Waits(ask)) = &done?.result else {
        return None;
    };
    let library = running.directory.library(plan.library.as_ref()?)?;
    let keyword = library.keyword(&run.keyword)?;
    let before = job.answers.iter().filter(|(known, _)| known == &**ask);
    Some(Wait {
        ask: (**ask).clone(),
        before: before.count(),
        library: library.id.clone(),
        storage: keyword.storage.clone(),
        time_zone: library.time_zone.to_string(),
        grants: keyword.grants.clone(),
    })
}

fn storage_of(running: &Running, plan: &Plan, run: &Run) -> Option<Namespaced> {
    let library = running.directory.library(plan.library.as_ref()?)?;
    Some((
        library.id.clone(),
        library.keyword(&run.keyword)?.storage.clone(),
    ))
}

/// None: the configuration does not have what the plan names.
fn run_flow(
    shared: &Shared,
    running: &Arc<Running>,
    reader: &dyn Reader,
    world: &World<'_>,
    job: &Job,
    plan: &Plan,
    run: &Run,
) -> Result<Option<Ran>, StoreError> {
    let directory = &running.directory;
    let Some(library) = plan.library.as_ref().and_then(|id| directory.library(id)) else {
        return Ok(None);
    };
    let (Some(keyword), Some(number)) = (
        library.keyword(&run.keyword),
        directory.number(&world.text.number),
    ) else {
        return Ok(None);
    };
    let pinned = match &run.session {
        Some(session) => Some(session.pinned.clone()),
        None => {
            let patron = shared.keys.flow_patron(
                &library.id,
                &keyword.id,
                world.text.phone,
                world.snapshot.phone.tenure,
            );
            let seed = shared.keys.seed(world.text.id.0);
            let facts = running.facts(library, number, world.now);
            route::pin(world, plan, run, (*facts).clone(), patron, seed)
        }
    };
    let Some(pinned) = pinned else {
        return Ok(None);
    };
    let Some(flow) = running.flow(&run.digest, reader) else {
        let result = Err(Fault::Missing);
        return Ok(Some(Ran {
            pinned,
            result,
            effects: Effects::default(),
        }));
    };
    let input = finish::input(world, run, &pinned);
    let mut data = FlowData {
        reader,
        library,
        keyword,
        phone: world.text.phone,
        is_new: world.snapshot.new_tenure.is_some(),
        card: running
            .card(library, came(world, plan, library, reader).as_ref())
            .url,
        answers: &job.answers,
        keys: &shared.keys,
        tenure: world.snapshot.phone.tenure,
        text: world.text.id,
    };
    // What fails here is not the flow but the store under it.
    let done = flow
        .run(&keyword.grants, &input, &mut data, &running.limits)
        .map_err(|error| StoreError::Refused(format!("{error:#}")))?;
    shared.figures.flows.note(done.micros);
    crate::lock(&shared.slow).note(&run.digest, done.micros, world.now);
    for line in &done.effects.log {
        tracing::info!(
            target: "callslip::flow",
            flow = flow.plugin().manifest.name,
            level = ?line.level,
            "{}",
            line.text
        );
    }
    Ok(Some(Ran {
        pinned,
        result: done.result,
        effects: done.effects,
    }))
}

/// One line a turn. No number and no text (invariant 11): ids, names from the config, and times.
fn tell(job: &Job, commit: &TurnCommit, micros: u64) {
    tracing::info!(
        target: "callslip::turn",
        text = commit.text.0,
        outcome = ?commit.verdict.outcome,
        reason = commit.verdict.reason,
        library = commit.verdict.library.as_ref().map(tracing::field::display),
        keyword = commit.verdict.keyword.as_ref().map(tracing::field::display),
        flow = commit.verdict.flow,
        ticket = commit.verdict.ticket.map(|ticket| ticket.0),
        messages = commit.messages.len(),
        run = job.runs,
        micros,
        "turn"
    );
    if commit.ticket.as_ref().is_some_and(TicketWrite::is_urgent) {
        tracing::warn!(
            target: "callslip::turn",
            text = commit.text.0,
            ticket = commit.verdict.ticket.map(|ticket| ticket.0),
            "urgent: somebody may be in danger"
        );
    }
    if let Some(spend) = commit.spend.as_ref() {
        let what = match spend.mark {
            None => None,
            Some(SpendMark::Warning) => Some("four fifths of the month's budget are spent"),
            Some(SpendMark::Spent) => {
                Some("the month's budget is spent: nothing is answered until it ends")
            }
        };
        if let Some(what) = what {
            tracing::warn!(target: "callslip::budget", library = %spend.library, "{what}");
        }
    }
    if commit.cut {
        tracing::warn!(
            target: "callslip::budget",
            text = commit.text.0,
            library = commit.verdict.library.as_ref().map(tracing::field::display),
            keyword = commit.verdict.keyword.as_ref().map(tracing::field::display),
            "an answer was cut to its segments; segments-max in its [[keyword]] allows more"
        );
    }
    for fault in &commit.faults {
        tracing::warn!(
            target: "callslip::turn",
            text = commit.text.0,
            flow = fault.flow,
            digest = %fault.digest,
            cause = fault.logged,
            "flow failed"
        );
    }
}

/// The poster that the text came from, or that brought the patron here today (a20). What cannot be
/// read counts for none.
fn came(
    world: &World<'_>,
    plan: &Plan,
    library: &Library,
    reader: &dyn Reader,
) -> Option<(String, String)> {
    if library.marks.is_empty() {
        return None;
    }
    if let Some((keyword, mark)) = &plan.came {
        return Some((keyword.to_string(), mark.to_string()));
    }
    let tallies = reader.tallies();
    let found = tallies.came(world.text.phone, &library.id, world.now);
    found.ok().flatten()
}
