//! Staff and their roles: who has which, new accounts by link, lost passwords, out at once.

use std::sync::Arc;

use callslip_core::directory::Library;
use callslip_core::ids::StaffId;
use callslip_core::staff::{Action, Role, managing};
use callslip_store::staff::{Account, NewAccount, StaffChange, StaffCommitted, StaffRefused};
use maud::{Markup, html};

use super::first::{fresh_id, name_fields, names};
use crate::LINK_LASTS;
use crate::answer::Answer;
use crate::asked::escaped;
use crate::auth::Token;
use crate::frame::{self, Here};
use crate::parts::{Problems, paste, token};
use crate::refusal::Refusal;
use crate::visit::{Visit, note};

pub(crate) async fn list(visit: &Visit) -> Result<Answer, Refusal> {
    page(visit, None).await
}

pub(crate) async fn new(visit: &Visit) -> Result<Answer, Refusal> {
    form(visit, &Problems::default())
}

/// Adds a person to a library: a new account with a link, or one that is there already.
pub(crate) async fn add(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let role = wanted_role(visit, &library)?.ok_or_else(no_role)?;
    let name = super::sign_in::folded(visit.asked.field("name"));
    let wanted = name.clone();
    let known = visit
        .shared
        .keep
        .read(move |reader| reader.account(&wanted))
        .await?;
    if let Some(account) = known {
        if account.staff.roles.contains_key(&library.id) {
            let what = "This person has a role here already: change it below.";
            return refused(visit, &Problems::of("name", what));
        }
        return give(visit, &library, &account.staff.id, Some(role)).await;
    }
    let (names, problems) = names(visit);
    if !problems.is_empty() {
        return refused(visit, &problems);
    }
    let link = Token::fresh()?;
    let change = StaffChange::Add {
        account: NewAccount {
            id: fresh_id()?,
            name: names.name.clone(),
            shown: names.shown.clone(),
            operator: false,
            roles: vec![(library.id.clone(), role)],
        },
        link: link.hash(),
        expires: visit.now + LINK_LASTS,
    };
    let note = note(
        Some(&library.id),
        "account-made",
        format!("{}, {role}", names.name),
    );
    match visit.commit(change, Some(note)).await? {
        StaffCommitted::Saved(_) => page(visit, Some((&names.shown, &link))).await,
        StaffCommitted::Refused(_) => {
            let what = "This name was taken just now: choose another.";
            refused(visit, &Problems::of("name", what))
        }
    }
}

pub(crate) async fn role(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let other = account(visit, visit.place(1)).await?;
    let before = other.staff.roles.get(&library.id).ok_or(Refusal::Nothing)?;
    // Taking a role away needs as much as giving it.
    visit.staff()?.permit(managing(*before), &library.id)?;
    let role = wanted_role(visit, &library)?;
    give(visit, &library, &other.staff.id, role).await
}

async fn give(
    visit: &Visit,
    library: &Library,
    staff: &StaffId,
    role: Option<Role>,
) -> Result<Answer, Refusal> {
    let change = StaffChange::Role {
        staff: staff.clone(),
        library: library.id.clone(),
        role,
    };
    let other = account(visit, &staff.0).await?;
    let about = match role {
        Some(role) => format!("{}: {role}", other.staff.name),
        None => format!("{}: none", other.staff.name),
    };
    saved(
        visit
            .commit(change, Some(note(Some(&library.id), "role", about)))
            .await?,
    )?;
    Ok(Answer::see("/staff?done=role"))
}

/// For a lost password or second step.
pub(crate) async fn offer_link(visit: &Visit) -> Result<Answer, Refusal> {
    let other = managed(visit).await?;
    let link = Token::fresh()?;
    let change = StaffChange::OfferReset {
        staff: other.staff.id.clone(),
        link: link.hash(),
        expires: visit.now + LINK_LASTS,
    };
    let note = note(None, "link-made", other.staff.name.clone());
    saved(visit.commit(change, Some(note)).await?)?;
    page(visit, Some((&other.staff.shown, &link))).await
}

pub(crate) async fn sign_out(visit: &Visit) -> Result<Answer, Refusal> {
    let other = managed(visit).await?;
    let staff = other.staff.id.clone();
    let note = note(None, "signed-out-everywhere", other.staff.name);
    saved(
        visit
            .commit(StaffChange::SignOutEverywhere { staff }, Some(note))
            .await?,
    )?;
    Ok(Answer::see("/staff?done=signed-out"))
}

pub(crate) async fn disable(visit: &Visit) -> Result<Answer, Refusal> {
    let other = managed(visit).await?;
    let staff = other.staff.id.clone();
    let note = note(None, "account-off", other.staff.name);
    saved(
        visit
            .commit(StaffChange::Disable { staff }, Some(note))
            .await?,
    )?;
    Ok(Answer::see("/staff?done=disabled"))
}

pub(crate) async fn enable(visit: &Visit) -> Result<Answer, Refusal> {
    let other = managed(visit).await?;
    let staff = other.staff.id.clone();
    let note = note(None, "account-on", other.staff.name);
    saved(
        visit
            .commit(StaffChange::Enable { staff }, Some(note))
            .await?,
    )?;
    Ok(Answer::see("/staff?done=enabled"))
}

fn saved(done: StaffCommitted) -> Result<(), Refusal> {
    match done {
        StaffCommitted::Saved(_) => Ok(()),
        StaffCommitted::Refused(StaffRefused::LastOne) => Err(Refusal::Invalid(
            "Nobody would be left: give somebody else this role first.".to_owned(),
        )),
        StaffCommitted::Refused(_) => Err(Refusal::Nothing),
    }
}

fn no_role() -> Refusal {
    Refusal::Invalid("Choose a role.".to_owned())
}

/// The role that the form gives, if the asker may give it. None: taken away.
fn wanted_role(visit: &Visit, library: &Library) -> Result<Option<Role>, Refusal> {
    let wanted = visit.asked.field("role");
    if wanted == "none" {
        return Ok(None);
    }
    let role = Role::from_name(wanted).filter(|role| Role::IN_LIBRARY.contains(role));
    let role = role.ok_or_else(no_role)?;
    visit.staff()?.permit(managing(role), &library.id)?;
    Ok(Some(role))
}

async fn account(visit: &Visit, id: &str) -> Result<Account, Refusal> {
    let id = StaffId::from(id);
    let found = visit
        .shared
        .keep
        .read(move |reader| reader.account_of(&id))
        .await?;
    found.ok_or(Refusal::Nothing)
}

/// The account of the path, if the asker may do with it as a whole.
async fn managed(visit: &Visit) -> Result<Account, Refusal> {
    let other = account(visit, visit.place(0)).await?;
    visit.staff()?.may_manage(&other.staff)?;
    Ok(other)
}

fn refused(visit: &Visit, problems: &Problems) -> Result<Answer, Refusal> {
    Ok(form(visit, problems)?.with_status(Refusal::invalid()))
}

fn form(visit: &Visit, problems: &Problems) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let body = html! {
        div.card.narrow {
            h1 { "Add a person to " (library.name) }
            p {
                "Who has an account on this machine already, for another library, is added by the name \
                 that they sign in with. For others a link is made, with which they choose a password."
            }
            (problems.summary())
            form method="post" {
                (token(visit))
                (name_fields(visit, problems))
                (role_choice(visit, &library, None, "new"))
                button { "Add" }
            }
        }
    };
    Ok(frame::page(visit, Here::Staff, "Add a person", &body))
}

async fn page(visit: &Visit, made: Option<(&str, &Token)>) -> Result<Answer, Refusal> {
    let libraries = visit.libraries(Action::SeeStaff)?;
    let accounts = visit.shared.keep.read(|reader| reader.accounts()).await?;
    let me = visit.staff()?;
    let whole: Vec<&Account> = accounts
        .iter()
        .filter(|account| me.may_manage(&account.staff).is_ok() && account.staff.id != me.id)
        .collect();
    let body = html! {
        h1 { "Staff" }
        @if let Some((shown, link)) = made { (show_link(visit, shown, link)) }
        @for library in &libraries {
            (library_section(visit, library, &accounts))
        }
        @if !whole.is_empty() {
            h2 { "Accounts" }
            div.cards { @for account in whole { (account_card(visit, account)) } }
        }
    };
    Ok(frame::page(visit, Here::Staff, "Staff", &body))
}

/// Shown once; the store has its hash alone.
fn show_link(visit: &Visit, shown: &str, link: &Token) -> Markup {
    let host = visit.asked.header(http::header::HOST).unwrap_or_default();
    let base = match visit.shared.host.public_url() {
        Some(url) => url.to_owned(),
        None => format!("http://{host}"),
    };
    let url = format!("{base}/link/{}", link.told());
    html! {
        div.card role="status" {
            h2 { "A link for " (shown) }
            p { "Give it to nobody else. It works once, within an hour, and is not shown again." }
            (paste("Link to a new password", &url))
        }
    }
}

fn library_section(visit: &Visit, library: &Arc<Library>, accounts: &[Account]) -> Markup {
    let id = &library.id;
    let Ok(me) = visit.staff() else {
        return html! {};
    };
    let people = accounts.iter().filter_map(|account| {
        let role = account.staff.roles.get(id)?;
        Some((account, *role))
    });
    html! {
        section.card aria-labelledby={ "of-" (id) } {
            h2 id={ "of-" (id) } { (library.name) }
            table.stack {
                caption.unseen { "Staff of " (library.name) }
                thead { tr {
                    th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "Change" }
                } }
                tbody {
                    @for (account, role) in people {
                        tr {
                            th scope="row" {
                                (account.staff.shown) " " span.quiet { (account.staff.name) }
                                @if account.disabled.is_some() { " " span.tag.off { "Off" } }
                                @else if account.password.is_none() { " " span.tag.plain { "Not opened yet" } }
                            }
                            td { (role) }
                            td {
                                @if me.can(managing(role), id) { (role_form(visit, library, account, role)) }
                            }
                        }
                    }
                }
            }
            @if me.can(Action::ManageStaff, id) {
                br;
                a.button.second href={ "/libraries/" (escaped(&id.0)) "/staff" } {
                    "Add a person to " (library.short_name)
                }
            }
        }
    }
}

fn role_form(visit: &Visit, library: &Library, account: &Account, role: Role) -> Markup {
    let path = format!(
        "/libraries/{}/staff/{}/role",
        escaped(&library.id.0),
        escaped(&account.staff.id.0)
    );
    let name = format!("{}-{}", library.id, account.staff.id);
    html! {
        details {
            summary aria-label={ "Change the role of " (account.staff.shown) } { "Change" }
            form method="post" action=(path) {
                (token(visit))
                (role_choice(visit, library, Some(role), &name))
                button.second { "Save" }
            }
        }
    }
}

fn role_choice(visit: &Visit, library: &Library, now: Option<Role>, name: &str) -> Markup {
    let mine = visit.staff().ok();
    let able = |role: &Role| mine.is_some_and(|me| me.can(managing(*role), &library.id));
    html! {
        fieldset {
            legend { "Role" }
            @for role in Role::IN_LIBRARY.into_iter().filter(able) {
                div {
                    input type="radio" name="role" id={ (name) "-" (role) } value=(role) required
                        checked[now == Some(role)];
                    " " label.inline for={ (name) "-" (role) } { (role) ": " (role.sentence()) }
                }
            }
            @if now.is_some() {
                div {
                    input type="radio" name="role" id={ (name) "-none" } value="none";
                    " " label.inline for={ (name) "-none" } { "none: leaves this library" }
                }
            }
        }
    }
}

fn account_card(visit: &Visit, account: &Account) -> Markup {
    let id = escaped(&account.staff.id.0).into_owned();
    let heading = format!("account-{}", account.staff.id);
    let button = |path: &str, label: &str, class: &str| {
        html! {
            form method="post" action={ "/staff/" (id) "/" (path) } {
                (token(visit))
                button class=(class) { (label) span.unseen { ": " (account.staff.shown) } }
            }
        }
    };
    html! {
        section.card aria-labelledby=(heading) {
            h3 id=(heading) {
                (account.staff.shown) " " span.quiet { (account.staff.name) }
            }
            p {
                @if account.staff.operator { span.tag.plain { "Operator" } " " }
                @if account.disabled.is_some() { span.tag.off { "Off" } }
                @else if account.totp.is_some() { span.tag.good { "Second step" } }
                @else { span.tag.warn { "Password only" } }
            }
            div.row {
                (button("link", "Make a new link", "second"))
                (button("sign-out", "Sign out everywhere", "second"))
                @if account.disabled.is_some() { (button("enable", "Switch on", "second")) }
                @else { (button("disable", "Switch off", "danger")) }
            }
        }
    }
}
