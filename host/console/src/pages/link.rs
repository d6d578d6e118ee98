//! A link to a new password: for a new account, or for one whose password or second step is lost.
//! Looking at it uses nothing up; sending the form does (d5).

use callslip_core::staff::Staff;
use callslip_store::staff::{Author, StaffChange, StaffCommit, StaffCommitted};
use maud::html;

use crate::answer::Answer;
use crate::auth::{Token, flaw};
use crate::frame::{self, Here};
use crate::parts::{Field, Problems, token};
use crate::refusal::Refusal;
use crate::visit::{Visit, note};

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    match whose(visit).await? {
        Some(staff) => Ok(form(visit, &staff, &Problems::default())),
        None => Ok(gone(visit)),
    }
}

pub(crate) async fn send(visit: &Visit) -> Result<Answer, Refusal> {
    let Some(staff) = whose(visit).await? else {
        return Ok(gone(visit));
    };
    let problems = chosen(visit, &staff.name);
    if !problems.is_empty() {
        return Ok(form(visit, &staff, &problems).with_status(Refusal::invalid()));
    }
    let password = visit.asked.typed("password").to_owned();
    let password = visit.shared.auth.passwords.hash(password).await?;
    let commit = StaffCommit {
        now: visit.now,
        by: Author {
            staff: Some(staff.id),
            name: staff.shown,
        },
        change: StaffChange::Reset {
            link: link(visit)?.hash(),
            password,
        },
        note: Some(note(None, "password-set", "by a link")),
    };
    match visit.shared.keep.commit(commit).await? {
        StaffCommitted::Saved(_) => Ok(Answer::see("/sign-in?done=set")),
        StaffCommitted::Refused(_) => Ok(gone(visit)),
    }
}

/// What is wrong with the password that was chosen, and typed twice.
pub(super) fn chosen(visit: &Visit, name: &str) -> Problems {
    let password = visit.asked.typed("password");
    let mut problems = Problems::default();
    if let Some(flaw) = flaw(password, name) {
        problems.add("password", flaw);
    } else if password != visit.asked.typed("again") {
        problems.add("again", "These two are not the same.");
    }
    problems
}

pub(super) fn new_password(problems: &Problems) -> maud::Markup {
    html! {
        (Field {
            name: "password", label: "New password", kind: "password", value: "",
            hint: "12 characters or more. Four words in a row are easy to remember.",
            auto: "new-password",
        }.show(problems))
        (Field {
            name: "again", label: "The same again", kind: "password", value: "", hint: "",
            auto: "new-password",
        }.show(problems))
    }
}

pub(super) fn link(visit: &Visit) -> Result<Token, Refusal> {
    Token::read(visit.place(0)).ok_or(Refusal::Nothing)
}

async fn whose(visit: &Visit) -> Result<Option<Staff>, Refusal> {
    let Ok(link) = link(visit) else {
        return Ok(None);
    };
    let (link, now) = (link.hash(), visit.now);
    let found = visit
        .shared
        .keep
        .read(move |reader| reader.link(&link, now))
        .await?;
    Ok(found.and_then(|link| link.staff))
}

pub(super) fn gone(visit: &Visit) -> Answer {
    let body = html! {
        div.card.narrow {
            h1 { "This link does not work any more" }
            p { "A link works once and for an hour. Ask for a new one: an admin makes it under Staff." }
            p { a href="/sign-in" { "Sign in" } }
        }
    };
    frame::page(visit, Here::Outside, "Link used or expired", &body)
        .with_status(http::StatusCode::GONE)
}

fn form(visit: &Visit, staff: &Staff, problems: &Problems) -> Answer {
    let body = html! {
        div.card.narrow {
            h1 { "A password for " (staff.shown) }
            p { "You sign in as " strong { (staff.name) } "." }
            (problems.summary())
            form method="post" {
                (token(visit))
                input type="text" name="username" value=(staff.name) autocomplete="username" hidden;
                (new_password(problems))
                button { "Set the password" }
            }
        }
    };
    frame::page(visit, Here::Outside, "A new password", &body)
}
