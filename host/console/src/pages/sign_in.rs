//! Sign-in: name and password, then the code of a second step where there is one. What is wrong is
//! said in the same words whether there is such an account or not.

use std::time::Duration;

use callslip_store::staff::{
    Account, Author, StaffChange, StaffCommit, StaffCommitted, StaffRefused,
};
use maud::{Markup, html};

use crate::answer::Answer;
use crate::asked::escaped;
use crate::auth::{SecondStep, Token, Wait};
use crate::frame::{self, Here};
use crate::parts::{Field, Problems, token};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::{Visit, Who, note};

/// Without a request for so long, one signs in again: a working day and its breaks.
const IDLE: Duration = Duration::from_secs(12 * 60 * 60);
/// However much one does meanwhile.
const AT_MOST: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// A session's end is put off this often, not with each request.
const PUT_OFF_EVERY: Duration = Duration::from_secs(10 * 60);
/// Between the password and the code.
const CODE_WITHIN: Duration = Duration::from_secs(5 * 60);

/// To sign in and come back to where one was.
pub(crate) fn path(back_to: &str) -> String {
    match back_to {
        "/" => "/sign-in".to_owned(),
        path => format!("/sign-in?next={}", escaped(path)),
    }
}

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    if visit.who.is_some() {
        return Ok(Answer::see(next(visit.asked.query("next"))));
    }
    let next = next(visit.asked.query("next"));
    Ok(form(visit, &next, "", &Problems::default()))
}

pub(crate) async fn send(visit: &Visit) -> Result<Answer, Refusal> {
    let name = folded(visit.asked.field("name"));
    let next = next(Some(visit.asked.field("next")));
    if name.is_empty() || visit.asked.typed("password").is_empty() {
        let mut problems = Problems::default();
        if name.is_empty() {
            problems.add("name", "Type your name.");
        }
        if visit.asked.typed("password").is_empty() {
            problems.add("password", "Type your password.");
        }
        return Ok(form(visit, &next, &name, &problems).with_status(Refusal::invalid()));
    }
    if let Err(wait) = visit.shared.auth.try_in(&name, visit.asked.from, visit.now) {
        return Ok(too_often(form(visit, &next, &name, &tries(wait))));
    }
    let wanted = name.clone();
    let account = visit
        .shared
        .keep
        .read(move |reader| reader.account(&wanted))
        .await?
        .filter(|account| account.disabled.is_none());
    let hash = account
        .as_ref()
        .and_then(|account| account.password.clone());
    let password = visit.asked.typed("password").to_owned();
    let fits = visit.shared.auth.passwords.fits(password, hash).await?;
    let Some(account) = account.filter(|_| fits) else {
        let problems = Problems::of("name", "This name and password do not fit together.");
        return Ok(form(visit, &next, &name, &problems).with_status(Refusal::invalid()));
    };
    if account.totp.is_some() {
        return Ok(code_form(visit, &account, &next, &Problems::default()));
    }
    enter(visit, &account, None, &next).await
}

/// The second step.
pub(crate) async fn code(visit: &Visit) -> Result<Answer, Refusal> {
    let name = folded(visit.asked.field("name"));
    let next = next(Some(visit.asked.field("next")));
    let wanted = name.clone();
    let account = visit
        .shared
        .keep
        .read(move |reader| reader.account(&wanted))
        .await?
        .filter(|account| account.disabled.is_none());
    let half = visit.asked.field("half");
    let account = account.filter(|account| {
        let id = &account.staff.id.0;
        visit
            .shared
            .auth
            .is_half_in(half, &visit.visitor, id, visit.now)
    });
    let Some((account, secret)) = account.and_then(|account| {
        let secret = account.totp.clone()?;
        Some((account, secret))
    }) else {
        let problems = Problems::of("name", "That took too long. Sign in again.");
        return Ok(form(visit, &next, &name, &problems).with_status(Refusal::invalid()));
    };
    if let Err(wait) = visit.shared.auth.try_in(&name, visit.asked.from, visit.now) {
        let problems = Problems::of("code", waits(wait));
        return Ok(too_often(code_form(visit, &account, &next, &problems)));
    }
    let step = SecondStep::of(&secret).check(visit.asked.field("code"), visit.now);
    let Some(step) = step else {
        let problems = Problems::of("code", "This is not the code of this half minute.");
        return Ok(code_form(visit, &account, &next, &problems).with_status(Refusal::invalid()));
    };
    enter(visit, &account, Some(step), &next).await
}

/// A new session under a new token: one that was there before sign-in is worth nothing after it.
pub(super) async fn enter(
    visit: &Visit,
    account: &Account,
    totp_step: Option<i64>,
    next: &str,
) -> Result<Answer, Refusal> {
    let session = Token::fresh()?;
    let commit = StaffCommit {
        now: visit.now,
        by: Author {
            staff: Some(account.staff.id.clone()),
            name: account.staff.shown.clone(),
        },
        change: StaffChange::SignIn {
            staff: account.staff.id.clone(),
            session: session.hash(),
            expires: visit.now + IDLE,
            totp_step,
        },
        note: Some(note(None, "signed-in", "")),
    };
    match visit.shared.keep.commit(commit).await? {
        StaffCommitted::Saved(_) => {
            visit.shared.auth.is_in(&account.staff.name);
            let cookie = visit.shared.auth.cookies.set(&session);
            Ok(Answer::see(next).with_cookie(cookie))
        }
        StaffCommitted::Refused(StaffRefused::CodeUsed) => {
            let problems = Problems::of("code", "This code was used. Wait for the next one.");
            Ok(code_form(visit, account, next, &problems).with_status(Refusal::invalid()))
        }
        StaffCommitted::Refused(_) => Err(Refusal::Nothing),
    }
}

/// Puts the session's end off, now and then.
pub(crate) async fn still_there(visit: &Visit, who: &Who) -> Result<(), Refusal> {
    if visit.now.since(who.session.seen) < PUT_OFF_EVERY {
        return Ok(());
    }
    let change = StaffChange::Seen {
        session: who.session.token,
        expires: (visit.now + IDLE).min(who.session.began + AT_MOST),
    };
    visit.commit(change, None).await?;
    Ok(())
}

/// The name that is typed: case and space around it do not matter.
pub(crate) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A path of ours and nothing else. Browsers read a backslash as a slash and leave tabs and line
/// ends out, so that what looks like a path here may be another's address there.
fn next(wanted: Option<&str>) -> String {
    let is_ours = |target: &&str| {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        path.starts_with('/')
            && !path.contains("//")
            && !target.contains(|letter: char| letter == '\\' || letter.is_control())
    };
    wanted.filter(is_ours).unwrap_or("/").to_owned()
}

fn waits(wait: Wait) -> String {
    format!(
        "Too many tries. Wait {} and try again.",
        times::wait(wait.0)
    )
}

fn tries(wait: Wait) -> Problems {
    Problems::of("name", waits(wait))
}

fn too_often(answer: Answer) -> Answer {
    answer.with_status(http::StatusCode::TOO_MANY_REQUESTS)
}

fn form(visit: &Visit, next: &str, name: &str, problems: &Problems) -> Answer {
    let body = html! {
        div.card.narrow {
            h1 { "Sign in" }
            (problems.summary())
            form method="post" action="/sign-in" {
                (token(visit))
                input type="hidden" name="next" value=(next);
                (Field {
                    name: "name", label: "Name", kind: "text", value: name, hint: "", auto: "username",
                }.show(problems))
                (Field {
                    name: "password", label: "Password", kind: "password", value: "", hint: "",
                    auto: "current-password",
                }.show(problems))
                button { "Sign in" }
            }
        }
        p.quiet.narrow { (lost()) }
    };
    frame::page(visit, Here::Outside, "Sign in", &body)
}

fn lost() -> Markup {
    html! {
        "Password lost? An admin can make you a new link under Staff. At the machine itself: "
        code { "callslip staff reset NAME" } "."
    }
}

fn code_form(visit: &Visit, account: &Account, next: &str, problems: &Problems) -> Answer {
    let until = visit.now + CODE_WITHIN;
    let half = visit
        .shared
        .auth
        .half_in(&visit.visitor, &account.staff.id.0, until);
    let body = html! {
        div.card.narrow {
            h1 { "Your code" }
            (problems.summary())
            form method="post" action="/sign-in/code" {
                (token(visit))
                input type="hidden" name="next" value=(next);
                input type="hidden" name="name" value=(account.staff.name);
                input type="hidden" name="half" value=(half);
                (Field {
                    name: "code", label: "Six digits", kind: "text", value: "",
                    hint: "From the app on your telephone.", auto: "one-time-code",
                }.show(problems))
                button { "Sign in" }
            }
        }
    };
    frame::page(visit, Here::Outside, "Your code", &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_sign_in_one_goes_nowhere_else() {
        for (wanted, goes) in [
            (None, "/"),
            (Some("/keywords"), "/keywords"),
            (Some("https://evil.example"), "/"),
            (Some("//evil.example"), "/"),
            (Some("/\\evil.example"), "/"),
            (Some("keywords"), "/"),
            (Some("/\t/evil.example"), "/"),
            (Some("/\n/evil.example"), "/"),
            (Some("/keywords//evil.example"), "/"),
            (Some("/queue?\r\nx=1"), "/"),
            (
                Some("/queue?library=bayside&topic=a//b"),
                "/queue?library=bayside&topic=a//b",
            ),
        ] {
            assert_eq!(next(wanted), goes, "{wanted:?}");
        }
    }
}
