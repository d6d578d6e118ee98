//! Numbers and gateways: what came and went, what went wrong last, and the address to paste.

pub(crate) mod test; // whether any text arrives

use std::sync::Arc;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::directory::{Library, Number, StopWords};
use callslip_core::registration;
use callslip_core::staff::Action;
use callslip_engine::GatewayHealth;
use callslip_store::staff::Traffic;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::GatewayAbout;
use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::parts::paste;
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

/// What the figures are of.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let libraries = visit.libraries(Action::SeeNumbers)?;
    let running = visit.running();
    let since = visit.now - DAY;
    let traffic = visit
        .shared
        .keep
        .read(move |reader| reader.traffic(since))
        .await?;
    let stops = visit.shared.keep.read(|reader| reader.last_stops()).await?;
    let operator = visit.staff()?.operator;
    let mut numbers: Vec<&Number> = running
        .directory
        .numbers
        .values()
        .map(|number| &**number)
        .filter(|number| {
            operator
                || libraries
                    .iter()
                    .any(|library| number.libraries.contains(&library.id))
        })
        .collect();
    numbers.sort_by_key(|number| (number.number.len(), number.number.clone()));
    let about = visit.shared.about();
    let gateways: Vec<&GatewayAbout> = about
        .gateways
        .iter()
        .filter(|gateway| numbers.iter().any(|number| number.gateway == gateway.name))
        .collect();
    let health = visit.shared.engine.gateways_health();
    let zone = libraries
        .first()
        .map_or(TimeZone::UTC, |library| times::zone(library));
    let notices = super::notices::part(visit, &libraries, &zone).await?;
    let body = html! {
        h1 { "Numbers" }
        div.cards {
            @for number in &numbers {
                @let of_number = traffic.iter().find(|of| of.number == number.number);
                @let last_stop = stops.iter().find(|(of, _)| *of == number.number).map(|(_, at)| *at);
                (number_card(visit, number, of_number, last_stop, &zone))
            }
        }
        br;
        h2 { "Gateways" }
        div.cards {
            @for gateway in gateways {
                (gateway_card(visit, gateway, health.iter().find(|of| of.name == gateway.name), &zone))
            }
        }
        (notices)
    };
    Ok(frame::page(visit, Here::Numbers, "Numbers", &body))
}

/// The one that the path names, for who may see it.
pub(super) fn named(visit: &Visit) -> Result<Arc<Number>, Refusal> {
    let running = visit.running();
    let number = running.directory.number(visit.place(0));
    let number = number.cloned().ok_or(Refusal::Nothing)?;
    let staff = visit.staff()?;
    let mut libraries = number.libraries.iter();
    match libraries.any(|library| staff.can(Action::SeeNumbers, library)) {
        true => Ok(number),
        false => Err(Refusal::Nothing),
    }
}

pub(super) fn path(number: &Number) -> String {
    format!("/numbers/{}", escaped(&number.number))
}

/// What registries and carriers ask, ready to paste.
pub(crate) async fn registration(visit: &Visit) -> Result<Answer, Refusal> {
    let number = named(visit)?;
    let running = visit.running();
    let desk = std::iter::once(&number.front_desk);
    let others = number.libraries.iter();
    let others = others.filter(|library| **library != number.front_desk);
    let libraries: Vec<&Library> = desk
        .chain(others)
        .filter_map(|id| running.directory.library(id))
        .map(|library| &**library)
        .collect();
    let privacy = super::leaves::path(&number.front_desk);
    let privacy = format!("{}{privacy}", running.public_url);
    let sheet = registration::sheet(&number, &libraries, &privacy);
    let body = html! {
        h1 { "Registration of " (number.number) }
        p {
            "What carriers and registries ask before a number may text, from what runs now. Read it over: what \
             the library promises there, it keeps."
        }
        @for entry in &sheet { (paste(entry.heading, &entry.text)) }
        p { a href="/numbers" { "To the numbers" } }
    };
    Ok(frame::page(visit, Here::Numbers, "Registration", &body))
}

fn number_card(
    visit: &Visit,
    number: &Number,
    traffic: Option<&Traffic>,
    last_stop: Option<At>,
    zone: &TimeZone,
) -> Markup {
    let running = visit.running();
    let none = Traffic::default();
    let traffic = traffic.unwrap_or(&none);
    let names: Vec<&str> = number
        .libraries
        .iter()
        .filter_map(|id| running.directory.library(id))
        .map(|library| library.name.as_str())
        .collect();
    let moment = |at| match at {
        Some(at) => times::moment(at, zone, visit.now),
        None => html! { "none" },
    };
    html! {
        section.card aria-labelledby={ "number-" (number.number) } {
            h2 id={ "number-" (number.number) } { (number.number) }
            p.quiet { (number.brand) }
            dl.facts {
                dt { "Libraries" } dd { (names.join(", ")) }
                dt { "Gateway" } dd { (number.gateway) }
                dt { "STOP is confirmed by" }
                dd { @match number.stop_words { StopWords::Ours => "Callslip", StopWords::Gateway => "the gateway" } }
                dt { "Texts in, 24 hours" } dd { (traffic.texts) ", last " (moment(traffic.last_text)) }
                dt { "Messages out, 24 hours" } dd { (traffic.messages) ", last " (moment(traffic.last_message)) }
                dt { "Not delivered" }
                dd {
                    @if traffic.failed > 0 { a href="/messages" { span.tag.bad { (traffic.failed) } } } @else { "0" }
                }
                dt { "Last STOP" } dd { (moment(last_stop)) }
            }
            p { a href={ (path(number)) "/registration" } { "Registration sheet" span.unseen { " of " (number.number) } } }
            @if test::may(visit, number).is_some() { (test::form(visit, number, "", None)) }
        }
    }
}

fn gateway_card(
    visit: &Visit,
    gateway: &GatewayAbout,
    health: Option<&GatewayHealth>,
    zone: &TimeZone,
) -> Markup {
    let refused = health.and_then(|health| health.refused);
    html! {
        section.card aria-labelledby={ "gateway-" (gateway.name) } {
            h3 id={ "gateway-" (gateway.name) } { (gateway.name) }
            p {
                (gateway.kind) " "
                @match health {
                    Some(health) if health.up => span.tag.good { "Works" },
                    Some(_) => span.tag.bad { "Down" },
                    None => span.tag.plain { "Not used yet" },
                }
                @if gateway.enforces == Some(false) { " " span.tag.warn { "Signatures are only observed" } }
            }
            @if let Some((times, last)) = refused {
                p {
                    span.tag.bad { "Refused" } " " (times) " since the start that did not prove to be the gateway's, the last "
                    (times::moment(last, zone, visit.now)) ". Is the gateway's secret the one that is configured?"
                }
            }
            @if let Some(health) = health {
                dl.facts {
                    dt { "Last message taken" }
                    dd {
                        @match health.last_ok {
                            Some(at) => (times::moment(at, zone, visit.now)),
                            None => "none since the start",
                        }
                    }
                    @if let Some((at, error)) = &health.last_error {
                        dt { "Last error" }
                        dd { (times::moment(*at, zone, visit.now)) ": " (error) }
                    }
                }
            }
            @match &gateway.paste {
                Some(url) => (paste("For the gateway's own pages, when a message comes in", url)),
                None => p.quiet { "Nothing has to be pasted anywhere: no webhook." },
            }
        }
    }
}
