//! Who is told without looking, and what could not be told: a part of the page of numbers.

use std::sync::Arc;
use std::time::Duration;

use callslip_core::alert::Way;
use callslip_core::directory::Library;
use callslip_engine::GivenUp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const SHOWN: usize = 50;

pub(super) async fn part(
    visit: &Visit,
    libraries: &[Arc<Library>],
    zone: &TimeZone,
) -> Result<Markup, Refusal> {
    let given_up = visit
        .shared
        .engine
        .notices_given_up(visit.now - WEEK, SHOWN);
    let operator = visit.staff()?.operator;
    let own: Vec<GivenUp> = given_up
        .await
        .into_iter()
        .filter(|one| match &one.library {
            Some(library) => libraries.iter().any(|own| own.id == *library),
            None => operator,
        })
        .collect();
    Ok(html! {
        h2 { "Notices" }
        div.cards {
            @for library in libraries { (card(library)) }
        }
        @if !own.is_empty() {
            section.card aria-labelledby="given-up" {
                h3 #given-up { "Notices of this week that did not go out" }
                ul {
                    @for one in &own {
                        li {
                            (times::moment(one.at, zone, visit.now)) ": "
                            @match one.way { Way::Email => { "to " (one.to) }, Way::Webhook => "to the webhook" }
                            ". " (one.reason)
                        }
                    }
                }
            }
        }
    })
}

fn card(library: &Library) -> Markup {
    html! {
        section.card aria-labelledby={ "notices-" (library.id) } {
            h3 id={ "notices-" (library.id) } { (library.name) }
            @match &library.notices {
                None => p.quiet { "Nobody is told when a question waits. [notices] in the library's file says whom to tell." },
                Some(notices) => {
                    dl.facts {
                        dt { "By e-mail" }
                        dd { @if notices.email.is_empty() { "who knows a question's topic" } @else { (notices.email.join(", ")) } }
                        dt { "By webhook" }
                        dd { @match &notices.webhook { Some(hook) => (place(&hook.url)), None => "no" } }
                        dt { "The patron's words" }
                        dd { @if notices.with_text { "stand in notices" } @else { "stay here" } }
                        dt { "Told again after" }
                        dd { (notices.waiting_minutes) " minutes of waiting, in the library's hours" }
                    }
                },
            }
        }
    }
}

/// The rest of a webhook's address may be its secret.
fn place(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}
