//! The first account, by the link that `callslip serve` prints while there is none. It owns every
//! library that the files name, and runs the machine.

use callslip_core::ids::StaffId;
use callslip_core::staff::Role;
use callslip_store::staff::{Author, NewAccount, StaffChange, StaffCommit, StaffCommitted};
use maud::html;

use super::link::{chosen, gone, link, new_password};
use super::sign_in;
use crate::answer::Answer;
use crate::auth::Token;
use crate::frame::{self, Here};
use crate::parts::{Field, Problems, token};
use crate::refusal::Refusal;
use crate::visit::{Visit, note};

/// A name to sign in with is short enough to be typed each morning.
const NAME_CHARACTERS_MAX: usize = 64;

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    match works(visit).await? {
        true => Ok(form(visit, &Problems::default())),
        false => Ok(gone(visit)),
    }
}

pub(crate) async fn send(visit: &Visit) -> Result<Answer, Refusal> {
    if !works(visit).await? {
        return Ok(gone(visit));
    }
    let (names, mut problems) = names(visit);
    let passwords = chosen(visit, &names.name);
    problems.extend(passwords);
    if !problems.is_empty() {
        return Ok(form(visit, &problems).with_status(Refusal::invalid()));
    }
    let password = visit.asked.typed("password").to_owned();
    let password = visit.shared.auth.passwords.hash(password).await?;
    let libraries = visit
        .running()
        .directory
        .libraries
        .keys()
        .cloned()
        .collect::<Vec<_>>();
    let commit = StaffCommit {
        now: visit.now,
        by: Author {
            staff: None,
            name: names.shown.clone(),
        },
        change: StaffChange::MakeFirst {
            link: link(visit)?.hash(),
            account: NewAccount {
                id: fresh_id()?,
                name: names.name.clone(),
                shown: names.shown,
                operator: true,
                roles: libraries
                    .into_iter()
                    .map(|library| (library, Role::Owner))
                    .collect(),
            },
            password,
        },
        note: Some(note(None, "first-account", names.name.clone())),
    };
    if let StaffCommitted::Refused(_) = visit.shared.keep.commit(commit).await? {
        return Ok(gone(visit));
    }
    let made = visit
        .shared
        .keep
        .read(move |reader| reader.account(&names.name))
        .await?;
    sign_in::enter(visit, &made.ok_or(Refusal::Nothing)?, None, "/guide").await
}

/// Somebody's two names: to sign in with, and as colleagues see it.
pub(super) struct Names {
    pub(super) name: String,
    pub(super) shown: String,
}

pub(super) fn names(visit: &Visit) -> (Names, Problems) {
    let names = Names {
        name: sign_in::folded(visit.asked.field("name")),
        shown: visit.asked.field("shown").to_owned(),
    };
    let mut problems = Problems::default();
    let count = names.shown.chars().count();
    if count == 0 || count > NAME_CHARACTERS_MAX || names.shown.chars().any(char::is_control) {
        problems.add(
            "shown",
            "Write a name of at most 64 characters, as colleagues know it.",
        );
    }
    let plain = |letter: char| letter.is_alphanumeric() || "._-@+".contains(letter);
    let count = names.name.chars().count();
    if count == 0 || count > NAME_CHARACTERS_MAX || !names.name.chars().all(plain) {
        let what = "Write one word to sign in with: letters, digits and . _ - @ +, 64 at most.";
        problems.add("name", what);
    }
    (names, problems)
}

pub(super) fn name_fields(visit: &Visit, problems: &Problems) -> maud::Markup {
    html! {
        (Field {
            name: "shown", label: "Name", kind: "text", value: visit.asked.field("shown"),
            hint: "As colleagues see it, such as Maria Lopez.", auto: "off",
        }.show(problems))
        (Field {
            name: "name", label: "Name to sign in with", kind: "text",
            value: visit.asked.field("name"), hint: "Such as maria, or an e-mail address.",
            auto: "off",
        }.show(problems))
    }
}

/// An id that nobody else has and that says nothing.
pub(super) fn fresh_id() -> Result<StaffId, Refusal> {
    let told = Token::fresh()?.told();
    Ok(StaffId::from(told.get(..12).unwrap_or(&told)))
}

async fn works(visit: &Visit) -> Result<bool, Refusal> {
    let Ok(link) = link(visit) else {
        return Ok(false);
    };
    let (link, now) = (link.hash(), visit.now);
    let found = visit
        .shared
        .keep
        .read(move |reader| reader.link(&link, now))
        .await?;
    Ok(found.is_some_and(|link| link.staff.is_none()))
}

fn form(visit: &Visit, problems: &Problems) -> Answer {
    let running = visit.running();
    let body = html! {
        div.card.narrow {
            h1 { "Make the first account" }
            p {
                "It owns "
                @for (index, library) in running.directory.libraries.values().enumerate() {
                    @if index > 0 { ", " }
                    strong { (library.name) }
                }
                " and runs the machine. Colleagues are added with it."
            }
            (problems.summary())
            form method="post" {
                (token(visit))
                (name_fields(visit, problems))
                (new_password(problems))
                button { "Make the account" }
            }
        }
    };
    frame::page(visit, Here::Outside, "The first account", &body)
}
