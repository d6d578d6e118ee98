//! What flows ask outside the house. The run that asks has ended; its job waits here, with its lane,
//! while the host asks, and goes back to the turn thread with the answer.
//!
//! What leaves marks outside is on record before it is made and after, outside of the turn's commit:
//! whatever kills this process, the turn that runs again finds what came of it and asks nobody (e2).

mod kept; // answers that hold for a while

use std::sync::Arc;
use std::time::Duration;

use callslip_core::config::Secret as SecretPlace;
use callslip_core::grants::{Grants, Login, Place};
use callslip_core::ids::LibraryId;
use callslip_core::outside::{
    Answer, Ask, FEED_BYTES_MAX, Failure, PATIENCE, PATIENCE_IN_ALL, place_of,
};
use callslip_core::phone::hex;
use callslip_gateways::{Added, Outward, Secret, Sip2Login};
use callslip_store::outside::{Begun, Call, TryOf};
use tokio::time::Instant;

pub(crate) use kept::Kept;

use crate::worker::{self, Job};
use crate::{Engine, Shared};

/// A feed of 8 MiB takes longer than an answer to one question.
const FEED_PATIENCE: Duration = Duration::from_secs(8);

/// Reads a secret from where the config says it is.
pub type SecretReader = Arc<dyn Fn(&SecretPlace) -> anyhow::Result<Secret> + Send + Sync>;

/// The way out, and who we are there.
pub struct Outside {
    pub outward: Outward,
    pub secrets: SecretReader,
}

/// A question of a flow's, and whose it is.
pub(crate) struct Wait {
    pub(crate) ask: Ask,
    /// So many of the same went before it in this turn.
    pub(crate) before: usize,
    pub(crate) library: LibraryId,
    pub(crate) storage: String,
    pub(crate) time_zone: String,
    pub(crate) grants: Grants,
}

impl Engine {
    /// From now on; before this was said nobody is asked anything.
    pub fn set_outside(&self, outside: Outside) {
        *crate::write(&self.shared.outside) = Some(Arc::new(outside));
    }
}

/// Asks, and brings the job back with the answer.
pub(crate) fn begin(shared: &Arc<Shared>, mut job: Job, wait: Wait) {
    let Some(handle) = shared.handle.clone() else {
        job.answers.push((wait.ask, no_way_out()));
        return worker::send(shared, job);
    };
    let shared = Arc::clone(shared);
    handle.spawn(async move {
        let begun = Instant::now();
        let ask = wait.ask.clone();
        let asking = ask_on_record(Arc::clone(&shared), Asking::of(&job, wait));
        // What reads an answer may trip over it: then there is none, and the lane goes on.
        let answered = tokio::spawn(asking).await;
        let tripped = |_| {
            Ok(Answer::Failed(Failure::Unreadable(
                "it cannot be read".to_owned(),
            )))
        };
        job.asking += begun.elapsed();
        match answered.unwrap_or_else(tripped) {
            Ok(answer) => {
                if let Answer::Failed(failure) = &answer {
                    tracing::warn!(
                        target: "callslip::outside",
                        text = job.text.id.0,
                        capability = %ask.capability(),
                        %failure,
                        "a flow's question outside the house has no answer"
                    );
                }
                job.answers.push((ask, answer));
                worker::send(&shared, job);
            }
            Err(Lost) => worker::give_back_lost(&shared, job),
        }
    });
}

/// The store could not put it on record: nobody is asked, and the turn is tried again later.
struct Lost;

struct Asking {
    wait: Wait,
    call: Call,
    phone: callslip_core::ids::PhoneId,
    /// Of the turn's patience.
    left: Duration,
}

impl Asking {
    fn of(job: &Job, wait: Wait) -> Asking {
        Asking {
            call: Call {
                text: job.text.id,
                ask: wait.ask.clone(),
                before: wait.before,
                now: callslip_core::at::At(0),
            },
            phone: job.text.phone,
            left: PATIENCE_IN_ALL.saturating_sub(job.asking),
            wait,
        }
    }
}

async fn ask_on_record(shared: Arc<Shared>, mut asking: Asking) -> Result<Answer, Lost> {
    asking.call.now = (shared.clock)();
    let engine = Engine {
        shared: Arc::clone(&shared),
    };
    if let Ask::Try { .. } | Ask::TryBack { .. } = asking.wait.ask {
        let of = TryOf {
            library: asking.wait.library.clone(),
            storage: asking.wait.storage.clone(),
            phone: asking.phone,
        };
        let counted = engine.ask("counting a try", |done| {
            let outside = shared.store.outside();
            outside.try_counted(asking.call.clone(), of, done);
        });
        return counted.await.map(Answer::Room).ok_or(Lost);
    }
    if !asking.wait.ask.leaves_marks() {
        return Ok(ask(&shared, &asking).await);
    }
    let begun = engine.ask("noting a call", |done| {
        let outside = shared.store.outside();
        outside.call_begins(asking.call.clone(), done);
    });
    match begun.await.ok_or(Lost)? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::Unclear => return Ok(Answer::Failed(Failure::Unclear)),
        Begun::New => {}
    }
    let answer = ask(&shared, &asking).await;
    let ended = engine.ask("noting a call's answer", |done| {
        let outside = shared.store.outside();
        outside.call_ended(asking.call.clone(), answer.clone(), done);
    });
    // Without it the answer is known to this process alone, which is where it is used.
    if ended.await.is_none() {
        tracing::error!("an answer from outside could not be put on record");
    }
    Ok(answer)
}

async fn ask(shared: &Arc<Shared>, asking: &Asking) -> Answer {
    if asking.left.is_zero() {
        let seconds = PATIENCE_IN_ALL.as_secs();
        let what = format!("a turn waits {seconds} s for answers from outside at most");
        return Answer::Failed(Failure::Limit(what));
    }
    let Some(outside) = crate::read(&shared.outside).clone() else {
        return no_way_out();
    };
    let place = match asking.wait.ask.place(&asking.wait.grants) {
        Ok(Some(place)) => place,
        Ok(None) => return no_way_out(),
        Err(failure) => return Answer::Failed(failure),
    };
    match &asking.wait.ask {
        Ask::Fetch { .. } => web(shared, &outside, asking, place).await,
        Ask::Calendar { url, after, before } => {
            let feed = feed(shared, &outside, asking, place, url).await;
            feed.map_or_else(Answer::Failed, |feed| {
                Answer::Events(feed.occurrences(*after, *before))
            })
        }
        Ask::Sip2 { server, message } => {
            let login = match sip2_login(&outside, place) {
                Ok(login) => login,
                Err(failure) => return Answer::Failed(failure),
            };
            let patience = PATIENCE.min(asking.left);
            let outward = &outside.outward;
            outward
                .ask_sip2(server, message, login.as_ref(), patience)
                .await
        }
        Ask::Try { .. } | Ask::TryBack { .. } => no_way_out(),
    }
}

/// What is asked without credentials is the same for all who ask it, and is kept as long as it says.
async fn web(shared: &Arc<Shared>, outside: &Outside, asking: &Asking, place: &Place) -> Answer {
    let ask = &asking.wait.ask;
    let now = asking.call.now;
    let shared_by_all = !ask.leaves_marks() && place.login.is_none();
    let library = &asking.wait.library;
    if shared_by_all && let Some(answer) = crate::lock(&shared.kept).answer(library, ask, now) {
        return answer;
    }
    let added = match added(outside, place) {
        Ok(added) => Added {
            idempotency_key: ask.leaves_marks().then(|| idempotency_key(shared, asking)),
            ..added
        },
        Err(failure) => return Answer::Failed(failure),
    };
    let patience = PATIENCE.min(asking.left);
    let (answer, fresh) = outside.outward.ask_web(ask, &added, patience).await;
    if shared_by_all && let Some(fresh) = fresh {
        let mut kept = crate::lock(&shared.kept);
        kept.keep_answer(library, ask, &answer, now + fresh);
    }
    answer
}

/// Read once for all who ask for a part of it. One that cannot be had just now is as it was.
async fn feed(
    shared: &Arc<Shared>,
    outside: &Outside,
    asking: &Asking,
    place: &Place,
    url: &str,
) -> Result<Arc<callslip_calendar::Feed>, Failure> {
    let (library, now) = (&asking.wait.library, asking.call.now);
    if let Some(feed) = crate::lock(&shared.kept).feed(library, url, now) {
        return Ok(feed);
    }
    let added = added(outside, place)?;
    let patience = FEED_PATIENCE.min(asking.left);
    let granted = |uri: &str| {
        let places = asking.wait.grants.places(asking.wait.ask.capability());
        place_of(uri).is_ok_and(|address| places.iter().any(|place| place.address == address))
    };
    let got = outside
        .outward
        .download(url, &added, FEED_BYTES_MAX, patience, |uri| {
            granted(&uri.to_string())
        })
        .await;
    let read = match got {
        Ok(download) => {
            let zone = asking.wait.time_zone.clone();
            let fresh = download.fresh;
            let reading = tokio::task::spawn_blocking(move || {
                callslip_calendar::read(&download.body, &zone, now)
            });
            match reading.await {
                Ok(Ok(feed)) => Ok((Arc::new(feed), fresh)),
                Ok(Err(why)) => Err(Failure::Unreadable(why.to_string())),
                Err(_) => Err(Failure::Unreadable("it cannot be read".to_owned())),
            }
        }
        Err(failure) => Err(failure),
    };
    let mut kept = crate::lock(&shared.kept);
    match read {
        Ok((feed, fresh)) => {
            kept.keep_feed(library, url, &feed, now, fresh);
            Ok(feed)
        }
        Err(failure) => kept.stale_feed(library, url, now).ok_or(failure),
    }
}

fn added(outside: &Outside, place: &Place) -> Result<Added, Failure> {
    let credential = match &place.login {
        None => None,
        Some(Login::Header { name, secret }) => Some((name.clone(), read(outside, secret)?)),
        Some(Login::User { .. }) => {
            let what = "its grant has a user, which is for library systems";
            return Err(Failure::Invalid(what.to_owned()));
        }
    };
    Ok(Added {
        credential,
        idempotency_key: None,
    })
}

fn sip2_login(outside: &Outside, place: &Place) -> Result<Option<Sip2Login>, Failure> {
    Ok(match &place.login {
        Some(Login::User {
            name,
            password,
            location,
        }) => Some(Sip2Login {
            user: name.clone(),
            password: read(outside, password)?,
            location: location.clone(),
        }),
        Some(Login::Header { .. }) | None => None,
    })
}

/// What is wrong with it is for the operator's log.
fn read(outside: &Outside, secret: &SecretPlace) -> Result<Secret, Failure> {
    (outside.secrets)(secret).map_err(|error| Failure::Unreachable(format!("{error:#}")))
}

/// The same when the same call of the same turn is made again, and nobody else's.
fn idempotency_key(shared: &Shared, asking: &Asking) -> String {
    let ask = serde_json::to_vec(&asking.call.ask).unwrap_or_default();
    let (text, before) = (
        asking.call.text.0.to_be_bytes(),
        asking.call.before.to_be_bytes(),
    );
    hex(&shared.keys.token("idempotency", &[&text, &ask, &before]))
}

fn no_way_out() -> Answer {
    Answer::Failed(Failure::Unreachable(
        "nothing is asked from here".to_owned(),
    ))
}
