//! A text to a phone that an admin types, to see whether any arrives there: always the same words,
//! a few an hour, and never to a phone that wants none.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::dialling::Country;
use callslip_core::directory::{Jurisdiction, Number};
use callslip_core::ids::{LibraryId, StaffId};
use callslip_core::phone::PhoneNumber;
use callslip_core::staff::Action;
use callslip_store::TestSent;
use callslip_store::staff::StaffChange;
use maud::{Markup, html};
use sha2::{Digest as _, Sha256};

use super::{named, path};
use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::pages::messages;
use crate::parts::token;
use crate::refusal::Refusal;
use crate::visit::{Visit, note};

const HOUR: Duration = Duration::from_secs(60 * 60);
/// Of one account, of one phone, and of all, in an hour.
const OF_ACCOUNT: usize = 5;
const OF_PHONE: usize = 3;
const OF_ALL: usize = 20;

/// Those of the last hour. Of a phone only a hash is kept.
#[derive(Default)]
pub(crate) struct Tests(Mutex<VecDeque<(At, StaffId, [u8; 32])>>);

impl Tests {
    /// Counts one more, if there is room for it.
    pub(crate) fn take(&self, staff: &StaffId, to: &PhoneNumber, now: At) -> bool {
        let phone: [u8; 32] = Sha256::digest(to.dial()).into();
        let mut tests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tests.retain(|(at, _, _)| now.since(*at) < HOUR);
        let of_account = tests.iter().filter(|(_, by, _)| by == staff).count();
        let of_phone = tests.iter().filter(|(_, _, of)| *of == phone).count();
        if of_account >= OF_ACCOUNT || of_phone >= OF_PHONE || tests.len() >= OF_ALL {
            return false;
        }
        tests.push_back((now, staff.clone(), phone));
        true
    }
}

/// The library in whose name it goes: the front desk, or one of those that one may test for.
pub(super) fn may<'n>(visit: &Visit, number: &'n Number) -> Option<&'n LibraryId> {
    let staff = visit.staff().ok()?;
    let desk = std::iter::once(&number.front_desk);
    let mut libraries = desk.chain(&number.libraries);
    libraries.find(|library| staff.can(Action::Switch, library))
}

pub(crate) async fn send(visit: &Visit) -> Result<Answer, Refusal> {
    let number = named(visit)?;
    let library = may(visit, &number).ok_or(Refusal::Forbidden)?.clone();
    let typed = visit.asked.field("to");
    let Some(to) = phone(&number, typed) else {
        let what = "Write a phone's number, such as +1 555 765 4321.";
        return Ok(again(visit, &number, typed, what));
    };
    let staff = &visit.staff()?.id;
    if !visit.shared.tests.take(staff, &to, visit.now) {
        let what = "That is enough for now: a few an hour. Nothing was sent.";
        return Ok(
            again(visit, &number, typed, what).with_status(http::StatusCode::TOO_MANY_REQUESTS)
        );
    }
    let body = format!(
        "{}: this is a test of our texts that our staff asked for. HELP for help, STOP to end.",
        number.brand
    );
    let engine = &visit.shared.engine;
    let body = (body, staff.clone());
    let sent = engine.test_text(&number, library.clone(), to, body).await?;
    match sent {
        TestSent::Queued(message) => {
            let about = format!("from {}, message {message}", number.number);
            let line = note(Some(&library), "test-text", about);
            visit.commit(StaffChange::Noted, Some(line)).await?;
            Ok(Answer::see(format!(
                "{}?done=test-text",
                messages::path(message)
            )))
        }
        TestSent::OptedOut => {
            let what =
                "That phone has said STOP: nothing was sent. START from it opts it in again.";
            Ok(again(visit, &number, typed, what))
        }
    }
}

/// As one dials it in the number's country; a short code is no phone.
pub(crate) fn phone(number: &Number, typed: &str) -> Option<PhoneNumber> {
    let country = match number.jurisdiction {
        Jurisdiction::Us => "US",
        Jurisdiction::Ca => "CA",
        Jurisdiction::Uk => "GB",
    };
    let unified = country.parse::<Country>().ok()?.unify(typed);
    let digits = unified.strip_prefix('+')?;
    let is_phone = digits.len() >= 7 && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_phone.then(|| PhoneNumber::new(&unified))
}

fn again(visit: &Visit, number: &Number, typed: &str, what: &str) -> Answer {
    let body = html! {
        h1 { "A test text from " (number.number) }
        section.card { (form(visit, number, typed, Some(what))) }
        p { a href="/numbers" { "To the numbers" } }
    };
    frame::page(visit, Here::Numbers, "A test text", &body).with_status(Refusal::invalid())
}

pub(super) fn form(visit: &Visit, number: &Number, typed: &str, problem: Option<&str>) -> Markup {
    let id = format!("to-{}", number.number.trim_start_matches('+'));
    let described = match problem {
        Some(_) => format!("{id}-problem {id}-hint"),
        None => format!("{id}-hint"),
    };
    html! {
        form method="post" action={ (path(number)) "/test" } {
            (token(visit))
            div.field {
                label for=(id) { "A test text to" }
                p.hint id={ (id) "-hint" } { "Your own phone. The log says that there was one, and not to whom." }
                @if let Some(what) = problem { p.problem id={ (id) "-problem" } role="alert" { (what) } }
                input type="tel" id=(id) name="to" value=(typed) required autocomplete="tel"
                    aria-describedby=(described) aria-invalid=[problem.map(|_| "true")];
            }
            button.second { "Send it" span.unseen { " from " (number.number) } }
        }
    }
}
