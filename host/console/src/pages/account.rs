//! One's own account: roles, password, second step, where one is signed in.

use callslip_store::staff::{StaffChange, StaffCommitted};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::link::{chosen, new_password};
use crate::answer::Answer;
use crate::auth::SecondStep;
use crate::frame::{self, Here};
use crate::parts::{Field, Problems, token};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::{Visit, note};

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    page(visit, &Problems::default()).await
}

pub(crate) async fn sign_out(visit: &Visit) -> Result<Answer, Refusal> {
    let session = visit.who()?.session.token;
    visit.commit(StaffChange::SignOut { session }, None).await?;
    Ok(Answer::see("/sign-in"))
}

pub(crate) async fn sign_out_everywhere(visit: &Visit) -> Result<Answer, Refusal> {
    let staff = visit.staff()?.id.clone();
    let change = StaffChange::SignOutEverywhere { staff };
    let note = note(None, "signed-out-everywhere", "");
    visit.commit(change, Some(note)).await?;
    Ok(Answer::see("/sign-in?done=signed-out"))
}

pub(crate) async fn password(visit: &Visit) -> Result<Answer, Refusal> {
    let who = visit.who()?;
    let name = &who.account.staff.name;
    let mut problems = chosen(visit, name);
    if let Err(wait) = visit.shared.auth.try_in(name, visit.asked.from, visit.now) {
        let wait = times::wait(wait.0);
        problems = Problems::of("old", format!("Too many tries. Wait {wait} and try again."));
    } else {
        let old = visit.asked.typed("old").to_owned();
        let hash = who.account.password.clone();
        if visit.shared.auth.passwords.fits(old, hash).await? {
            visit.shared.auth.is_in(name);
        } else {
            problems.add("old", "This is not your password of now.");
        }
    }
    if !problems.is_empty() {
        return Ok(page(visit, &problems)
            .await?
            .with_status(Refusal::invalid()));
    }
    let password = visit.asked.typed("password").to_owned();
    let change = StaffChange::Password {
        staff: who.account.staff.id.clone(),
        password: visit.shared.auth.passwords.hash(password).await?,
        keep: who.session.token,
    };
    let note = note(None, "password-changed", "");
    visit.commit(change, Some(note)).await?;
    Ok(Answer::see("/account?done=password"))
}

pub(crate) async fn second_step(visit: &Visit) -> Result<Answer, Refusal> {
    second_step_form(visit, &SecondStep::fresh()?, &Problems::default())
}

pub(crate) async fn set_second_step(visit: &Visit) -> Result<Answer, Refusal> {
    let who = visit.who()?;
    let step = SecondStep::read(visit.asked.field("secret")).ok_or_else(|| {
        Refusal::Invalid("The picture is missing: set it up from your account's page.".to_owned())
    })?;
    let mut problems = Problems::default();
    if let Some(what) = old_code_lacks(visit, "old-code")? {
        problems.add("old-code", what);
    }
    let at = step.check(visit.asked.field("code"), visit.now);
    if at.is_none() {
        let what = "This is not the code of this half minute. Is the telephone's clock right?";
        problems.add("code", what);
    }
    let Some(at) = at.filter(|_| problems.is_empty()) else {
        let answer = second_step_form(visit, &step, &problems)?;
        return Ok(answer.with_status(Refusal::invalid()));
    };
    let change = StaffChange::Totp {
        staff: who.account.staff.id.clone(),
        secret: Some((step.secret(), at)),
        keep: who.session.token,
    };
    let note = note(None, "second-step-set", "");
    visit.commit(change, Some(note)).await?;
    Ok(Answer::see("/account?done=second-step"))
}

/// With a code, so that an open page is not enough.
pub(crate) async fn remove_second_step(visit: &Visit) -> Result<Answer, Refusal> {
    let who = visit.who()?;
    if who.account.totp.is_none() {
        return Ok(Answer::see("/account"));
    }
    if let Some(what) = old_code_lacks(visit, "code")? {
        let answer = page(visit, &Problems::of("code", what)).await?;
        return Ok(answer.with_status(Refusal::invalid()));
    }
    let change = StaffChange::Totp {
        staff: who.account.staff.id.clone(),
        secret: None,
        keep: who.session.token,
    };
    let note = note(None, "second-step-removed", "");
    match visit.commit(change, Some(note)).await? {
        StaffCommitted::Saved(_) => Ok(Answer::see("/account?done=second-step-removed")),
        StaffCommitted::Refused(_) => Err(Refusal::Nothing),
    }
}

/// What is wrong with the code of the second step that there is, so that an open page is not
/// enough to put another in its place.
fn old_code_lacks(visit: &Visit, field: &str) -> Result<Option<String>, Refusal> {
    let account = &visit.who()?.account;
    let Some(secret) = &account.totp else {
        return Ok(None);
    };
    let auth = &visit.shared.auth;
    if let Err(wait) = auth.try_in(&account.staff.name, visit.asked.from, visit.now) {
        let wait = times::wait(wait.0);
        return Ok(Some(format!("Too many tries. Wait {wait} and try again.")));
    }
    let is_right = SecondStep::of(secret).check(visit.asked.field(field), visit.now);
    let what = "This is not the code of this half minute.";
    Ok(is_right.is_none().then(|| what.to_owned()))
}

pub(super) async fn page(visit: &Visit, problems: &Problems) -> Result<Answer, Refusal> {
    let who = visit.who()?;
    let staff = &who.account.staff;
    let (id, now) = (staff.id.clone(), visit.now);
    let sessions = visit
        .shared
        .keep
        .read(move |reader| reader.sessions(&id, now))
        .await?;
    let running = visit.running();
    let zone = running
        .directory
        .libraries
        .iter()
        .find(|(library, _)| staff.roles.contains_key(library))
        .map_or(TimeZone::UTC, |(_, library)| times::zone(library));
    let reached = super::reached::card(visit, problems).await?;
    let body = html! {
        h1 { (staff.shown) }
        (problems.summary())
        div.cards {
            section.card aria-labelledby="roles" {
                h2 #roles { "What you may do" }
                ul {
                    @if staff.operator { li { "On this machine: " strong { "operator" } ", who "
                        (callslip_core::staff::Role::Operator.sentence()) } }
                    @for (library, role) in &staff.roles {
                        @let name = running.directory.library(library)
                            .map_or_else(|| library.to_string(), |library| library.name.clone());
                        li { (name) ": " strong { (role) } ", who " (role.sentence()) }
                    }
                }
            }
            section.card aria-labelledby="password-title" {
                h2 #password-title { "Password" }
                form method="post" action="/account/password" {
                    (token(visit))
                    input type="text" name="username" value=(staff.name) autocomplete="username" hidden;
                    (Field {
                        name: "old", label: "Your password of now", kind: "password", value: "",
                        hint: "", auto: "current-password",
                    }.show(problems))
                    (new_password(problems))
                    button { "Change it" }
                }
            }
            (second_step_card(visit, who.account.totp.is_some(), problems))
            (reached)
            section.card aria-labelledby="sessions" {
                h2 #sessions { "Where you are signed in" }
                ul {
                    @for session in &sessions {
                        li {
                            "Since " (times::moment(session.began, &zone, now))
                            ", last seen " (times::moment(session.seen, &zone, now))
                            @if session.token == who.session.token { " (here)" }
                        }
                    }
                }
                form.row method="post" action="/sign-out" {
                    (token(visit)) button { "Sign out" }
                }
                form.row method="post" action="/account/sign-out-everywhere" {
                    (token(visit)) button.second { "Sign out everywhere" }
                }
            }
        }
    };
    Ok(frame::page(visit, Here::Account, "Your account", &body))
}

fn second_step_card(visit: &Visit, is_set: bool, problems: &Problems) -> Markup {
    html! {
        section.card aria-labelledby="second" {
            h2 #second { "Second step" }
            @if is_set {
                p { "With your password you also type a code from your telephone." }
                form method="post" action="/account/second-step/remove" {
                    (token(visit))
                    (Field {
                        name: "code", label: "Six digits", kind: "text", value: "", hint: "",
                        auto: "one-time-code",
                    }.show(problems))
                    button.danger { "Remove the second step" }
                }
            } @else {
                p { "With a code from your telephone, a password that somebody saw is not enough." }
                a.button href="/account/second-step" { "Set up a second step" }
            }
        }
    }
}

fn second_step_form(
    visit: &Visit,
    step: &SecondStep,
    problems: &Problems,
) -> Result<Answer, Refusal> {
    let who = visit.who()?;
    let host = visit.asked.header(http::header::HOST).unwrap_or("Callslip");
    let issuer = format!("Callslip {host}");
    let picture = step.picture(&who.account.staff.name, &issuer);
    let secret = step.base32();
    let spaced: Vec<&str> = secret
        .as_bytes()
        .chunks(4)
        .filter_map(|part| std::str::from_utf8(part).ok())
        .collect();
    let body = html! {
        div.card.narrow {
            h1 { "Set up a second step" }
            p { "1. Read this picture with an app for one-time codes on your telephone." }
            @if let Some(picture) = picture { (drawn(&picture)) }
            p { "No camera? Type this: " code { (spaced.join(" ")) } }
            p { "2. Type the code that the app shows." }
            (problems.summary())
            form method="post" action="/account/second-step" {
                (token(visit))
                input type="hidden" name="secret" value=(secret);
                @if who.account.totp.is_some() {
                    (Field {
                        name: "old-code", label: "Six digits of the second step of now", kind: "text",
                        value: "", hint: "It is replaced once the new one is proved.",
                        auto: "one-time-code",
                    }.show(problems))
                }
                (Field {
                    name: "code", label: "Six digits", kind: "text", value: "", hint: "",
                    auto: "one-time-code",
                }.show(problems))
                button { "Set it up" }
            }
        }
    };
    Ok(frame::page(visit, Here::Account, "Second step", &body))
}

/// As one path: a square for each dark module, with the quiet edge that readers need.
fn drawn(picture: &[Vec<bool>]) -> Markup {
    const EDGE: usize = 4;
    let side = picture.len() + 2 * EDGE;
    let mut path = String::new();
    for (y, row) in picture.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
            path.push_str(&format!("M{} {}h1v1h-1z", x + EDGE, y + EDGE));
        }
    }
    html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" aria-label="The secret as a QR code" {
            path d=(path) fill="#000" {}
        }
    }
}
