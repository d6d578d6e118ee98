//! The log: who did what, the latest first.

use callslip_core::directory::Library;
use callslip_core::ids::{LibraryId, StaffId};
use callslip_core::staff::Action;
use callslip_store::staff::{AuditLine, AuditPage};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

const LINES: usize = 100;

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let libraries = visit.libraries(Action::SeeAudit)?;
    let ids: Vec<LibraryId> = libraries.iter().map(|library| library.id.clone()).collect();
    let mut people = Vec::new();
    for library in &libraries {
        people.extend(of_one_s_own(visit, library).await?);
    }
    people.sort();
    people.dedup();
    let page = AuditPage {
        libraries: ids,
        people,
        machine: visit.staff()?.operator && visit.asked.query("library").is_none(),
        before: visit.asked.query("before").and_then(|id| id.parse().ok()),
        max: LINES,
    };
    let lines = visit
        .shared
        .keep
        .read(move |reader| reader.audit(&page))
        .await?;
    let running = visit.running();
    let zone = libraries
        .first()
        .map_or(TimeZone::UTC, |library| times::zone(library));
    let body = html! {
        h1 { "Log" }
        p.quiet { "Who changed what, and who was shown a patron's number. Lines are never changed." }
        @if lines.is_empty() {
            p { "Nothing yet." }
        } @else {
            table.stack {
                caption.unseen { "Log" }
                thead { tr {
                    th scope="col" { "When" } th scope="col" { "Who" }
                    th scope="col" { "What" } th scope="col" { "Where" }
                } }
                tbody {
                    @for line in &lines {
                        tr {
                            td { (times::moment(line.at, &zone, visit.now)) }
                            th scope="row" { (line.who) }
                            td { (what(line)) }
                            td {
                                @match &line.library {
                                    None => @if line.staff.is_some() { "Their account" } @else { "The machine" },
                                    Some(id) => (running.directory.library(id)
                                        .map_or_else(|| id.to_string(), |library| library.name.clone())),
                                }
                            }
                        }
                    }
                }
            }
        }
        @if lines.len() == LINES {
            @if let Some(last) = lines.last() {
                br;
                a.button.second href={ "/audit?before=" (last.id) } { "Earlier" }
            }
        }
    };
    Ok(frame::page(visit, Here::Log, "Log", &body))
}

/// Whose accounts one answers for in this library: an owner sees what they did with them.
async fn of_one_s_own(visit: &Visit, library: &Library) -> Result<Vec<StaffId>, Refusal> {
    let me = visit.staff()?;
    if !me.can(Action::ManageOwners, &library.id) {
        return Ok(Vec::new());
    }
    let id = library.id.clone();
    let staff = visit
        .shared
        .keep
        .read(move |reader| reader.staff_of(&id))
        .await?;
    Ok(staff.into_iter().map(|staff| staff.id).collect())
}

fn what(line: &AuditLine) -> Markup {
    let what = match line.what.as_str() {
        "signed-in" => "signed in",
        "signed-out-everywhere" => "signed out everywhere",
        "first-account" => "made the first account",
        "account-made" => "made an account",
        "account-off" => "switched an account off",
        "account-on" => "switched an account on",
        "link-made" => "made a link to a new password",
        "password-set" => "set a password",
        "password-changed" => "changed the password",
        "second-step-set" => "set up a second step",
        "second-step-removed" => "removed the second step",
        "answer-saved" => "saved an answer",
        "answer-removed" => "removed a saved answer",
        "topic-people" => "said who knows a topic",
        "handed-over" => "handed a question over",
        "role" => "changed a role",
        "group-ignored" => "hid a group of unmatched texts",
        "taken-for-study" => "took masked conversations out for study",
        "test-text" => "sent a test text",
        "broadcast-sent-off" => "sent a broadcast off",
        "broadcast-approved" => "said the second yes to a broadcast",
        "broadcast-paused" => "paused a broadcast",
        "broadcast-resumed" => "let a broadcast go on",
        "broadcast-cancelled" => "cancelled what was left of a broadcast",
        "group-shown" => "showed a group of unmatched texts again",
        "sent-again" => "had a message sent again",
        "opted-out" => "opted a patron out",
        "opt-out-questioned" => "questioned a patron's opt-out",
        "muted" => "muted a patron",
        "unmuted" => "took a mute away",
        "revealed" => "was shown a patron's number",
        "keyword-made" => "made a keyword",
        "keyword-changed" => "changed a keyword",
        "keyword-removed" => "removed a keyword",
        "keyword-brought-back" => "brought a keyword back",
        "files-read" => "had the files read again",
        "files-refused" => "had the files read again, and they were not taken",
        "keyword-off" => "switched a keyword off",
        "keyword-on" => "switched a keyword on",
        "poster-made" => "gave a poster its mark",
        "poster-gone" => "took a poster's mark away",
        "counter-linked" => "made a link to a counter",
        "counter-ended" => "ended the link to a counter",
        "keyword-quarantined" => "switched a keyword off, whose flow failed again and again",
        "plugin-uploaded" => "uploaded a plugin",
        "plugin-installed" => "installed a plugin",
        "plugin-withdrawn" => "withdrew a plugin",
        "closed" => "closed the library for a day",
        "opened" => "took back that it is closed",
        "outage" => "said that something is out of order",
        "outage-over" => "said that all is in order again",
        other => other,
    };
    html! { (what) @if !line.about.is_empty() { ": " (line.about) } }
}
