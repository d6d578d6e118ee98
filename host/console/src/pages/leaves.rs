//! What leaves the house: the same words for staff and for patrons (b3).

use callslip_core::at::At;
use callslip_core::directory::{Directory, Library, Number};
use callslip_core::ids::LibraryId;
use callslip_core::notice::{self, Carrier, Notice};
use callslip_core::retention;
use callslip_core::staff::Action;
use callslip_engine::NextToGo;
use maud::{DOCTYPE, Markup, html};

use crate::About;
use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::refusal::Refusal;
use crate::visit::Visit;

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let libraries = visit.libraries(Action::SeeKeywords)?;
    let running = visit.running();
    let about = visit.shared.about();
    let mut going = Vec::new();
    for library in &libraries {
        going.push(visit.shared.engine.next_to_go(&library.id).await?);
    }
    let body = html! {
        h1 { "What leaves the house" }
        p {
            "Printed from what runs now. Patrons read the same at the address below each library; it needs no \
             sign-in."
        }
        @for (library, going) in libraries.iter().zip(&going) {
            section.card aria-labelledby={ "notice-" (library.id) } {
                h2 id={ "notice-" (library.id) } { (library.name) }
                p { a href={ (running.public_url) (path(&library.id)) } { (running.public_url) (path(&library.id)) } }
                (words(&of(library, &running.directory, &about), 3))
                (goes(library, going))
                (super::study::form(visit, library))
            }
        }
    };
    Ok(frame::page(
        visit,
        Here::Leaves,
        "What leaves the house",
        &body,
    ))
}

/// When the next words of this library's patrons are deleted (b1).
fn goes(library: &Library, going: &NextToGo) -> Markup {
    let zone = retention::zone(library);
    let on = |at: At| {
        zone.to_datetime(at.timestamp())
            .strftime("%A, %B %-d, %Y")
            .to_string()
    };
    html! {
        h3 { "What goes next" }
        ul {
            li {
                @match going.text {
                    Some(at) => { "The oldest text: in the night after " (on(at)) "." }
                    None => { "There is no text that could go." }
                }
            }
            @if let Some(at) = going.question {
                li { "The question that was closed first: in the night after " (on(at)) "." }
            }
            @if let Some(at) = going.last_run {
                li { "Last looked through: " (on(at)) "." }
            }
        }
    }
}

/// Under the public address of the machine.
pub(crate) fn path(library: &LibraryId) -> String {
    format!("/privacy/{library}")
}

fn of(library: &Library, directory: &Directory, about: &About) -> Notice {
    let numbers: Vec<&Number> = library
        .numbers
        .iter()
        .filter_map(|number| directory.number(number))
        .map(|number| &**number)
        .collect();
    let carriers: Vec<Carrier> = about
        .gateways
        .iter()
        .map(|gateway| Carrier {
            name: gateway.name.clone(),
            company: gateway.company.clone(),
            emptied: gateway.emptied,
        })
        .collect();
    notice::of(library, &numbers, &carriers)
}

fn words(notice: &Notice, level: u8) -> Markup {
    html! {
        @for part in &notice.parts {
            @if level == 2 { h2 { (part.heading) } } @else { h3 { (part.heading) } }
            ul { @for sentence in &part.sentences { li { (sentence) } } }
        }
    }
}

/// The page that the world gets: no cookie, no script, nothing to load but a style.
pub(crate) fn public(
    library: &Library,
    directory: &Directory,
    about: &About,
    style: &str,
) -> String {
    let notice = of(library, directory, about);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "Texts and privacy - " (notice.library) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="stylesheet" href=(style);
            }
            body {
                main {
                    h1 { "Texts and privacy at " (notice.library) }
                    (words(&notice, 2))
                }
            }
        }
    };
    page.into_string()
}

/// The same for a terminal.
pub(crate) fn text(library: &Library, directory: &Directory, about: &About) -> String {
    let notice = of(library, directory, about);
    let mut text = format!("Texts and privacy at {}\n", notice.library);
    for part in &notice.parts {
        text.push_str(&format!("\n{}\n", part.heading));
        for sentence in &part.sentences {
            text.push_str(&format!("- {sentence}\n"));
        }
    }
    text
}
