//! First steps: library, number, keyword. What is there is shown; what is missing is offered as
//! TOML to paste, or as a form where the console can make it.

use std::sync::Arc;

use callslip_core::directory::{Library, Number};
use callslip_core::staff::Action;
use maud::{Markup, html};

use super::keywords;
use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::parts::{paste, token};
use crate::refusal::Refusal;
use crate::visit::Visit;

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let libraries = visit.libraries(Action::Switch)?;
    let body = html! {
        h1 { "First steps" }
        p { "A library, a number, a keyword: then a patron's text is answered." }
        @for library in &libraries { (steps(visit, library)) br; }
        section.card aria-labelledby="another-title" {
            h2 #another-title { "Another library" }
            p {
                "A library is a file beside the others. Put this into a new one, such as "
                code { "libraries/maple.toml" } ", change what it says, and have the files read again."
            }
            (paste("A library as TOML", &a_library(visit)))
        }
        p { a href="/" { "To the page of today" } }
    };
    Ok(frame::page(visit, Here::Home, "First steps", &body))
}

fn steps(visit: &Visit, library: &Arc<Library>) -> Markup {
    let running = visit.running();
    let numbers: Vec<&Arc<Number>> = library
        .numbers
        .iter()
        .filter_map(|number| running.directory.number(number))
        .filter(|number| number.takes_replies())
        .collect();
    let id = &library.id;
    html! {
        section.card aria-labelledby={ "steps-" (id) } {
            h2 id={ "steps-" (id) } { (library.name) }
            h3 { "1. The library " (tag(!library.broken)) }
            (the_library(visit, library))
            h3 { "2. A number " (tag(is_reached(visit, &numbers))) }
            (the_numbers(visit, library, &numbers))
            h3 { "3. A keyword " (tag(library.keywords.iter().any(|keyword| library.answers(keyword, visit.now)))) }
            (the_keywords(visit, library, &numbers))
        }
    }
}

fn tag(is_there: bool) -> Markup {
    html! {
        @if is_there { span.tag.good { "Done" } } @else { span.tag.warn { "To do" } }
    }
}

fn the_library(visit: &Visit, library: &Library) -> Markup {
    let about = visit.shared.about();
    let file = about.files.get(&library.id);
    let running = visit.running();
    let wrong = running
        .problems
        .iter()
        .filter(|line| file.is_some_and(|file| line.starts_with(file.as_str())));
    html! {
        p {
            @match file {
                Some(file) => { "It is written in " code { (file) } ": languages " },
                None => "Languages ",
            }
            (library.languages.join(", ")) ", time zone " (library.time_zone) "."
        }
        @if library.broken { p.problem { "Its file has an error: texts become questions for people until it is put right." } }
        ul { @for line in wrong { li { (line) } } }
        (keywords::read_files_button(visit, library))
    }
}

/// A carrier brings texts there, and not only the phone of this machine.
fn is_reached(visit: &Visit, numbers: &[&Arc<Number>]) -> bool {
    let about = visit.shared.about();
    numbers.iter().any(|number| {
        let mut gateways = about.gateways.iter();
        let gateway = gateways.find(|gateway| gateway.name == number.gateway);
        gateway.is_some_and(|gateway| gateway.company.is_some())
    })
}

fn the_numbers(visit: &Visit, library: &Library, numbers: &[&Arc<Number>]) -> Markup {
    let about = visit.shared.about();
    let reached = is_reached(visit, numbers);
    html! {
        ul {
            @for number in numbers {
                @let gateway = about.gateways.iter().find(|gateway| gateway.name == number.gateway);
                li {
                    strong { (number.number) } ", by "
                    @match gateway {
                        Some(gateway) if gateway.company.is_none() => {
                            "this machine's own phone: patrons' phones do not reach it"
                        },
                        Some(gateway) => { (gateway.kind) },
                        None => (number.gateway),
                    }
                    @if let Some(url) = gateway.and_then(|gateway| gateway.paste.as_ref()) {
                        (paste("For the gateway's own pages, when a message comes in", url))
                    }
                }
            }
        }
        @if !reached {
            @if !numbers.is_empty() {
                p {
                    "This stands as to do: only the phone on this machine's own page texts there, which is for                      trying things out. No patron's text arrives."
                }
            }
            p {
                "For patrons' phones, put this into the machine's file, with what your gateway's pages say in \
                 place of these, and the number into the library's file. Then have the files read again."
            }
            (paste("A gateway and a number as TOML", &a_number(library)))
            (paste("In the library's file", "numbers = [\"+15555550123\"]\n"))
        }
    }
}

fn the_keywords(visit: &Visit, library: &Library, numbers: &[&Arc<Number>]) -> Markup {
    let on = library
        .keywords
        .iter()
        .filter(|keyword| library.answers(keyword, visit.now));
    let on: Vec<_> = on.take(5).collect();
    let has_replies = visit.shared.about().plugins.contains_key("auto-reply");
    let id = &library.id;
    let language = library.language();
    html! {
        @if let (Some(number), Some(keyword)) = (numbers.first(), on.first()) {
            p {
                "Text " strong { @if let Some(join) = library.join_word().filter(|_| number.shared()) { (join) " " } (keyword.word) }
                " to " strong { (number.number) } ": that is answered now."
            }
        }
        @if !on.is_empty() {
            ul { @for keyword in &on { li { a href=(keywords::path(id, &keyword.id)) { (keyword.word) } } } }
        }
        @if has_replies && super::made::may(visit, library) {
            form method="post" action={ "/libraries/" (crate::asked::escaped(&id.0)) "/keywords" } {
                (token(visit))
                input type="hidden" name="flow" value="auto-reply";
                div.field {
                    label for={ "word-" (id) } { "A word" }
                    p.hint id={ "word-hint-" (id) } { "What stands on the poster, such as PARKING." }
                    input type="text" id={ "word-" (id) } name="word" required autocapitalize="off"
                        aria-describedby={ "word-hint-" (id) };
                }
                div.field {
                    label for={ "text-" (id) } { "What is answered" }
                    textarea id={ "text-" (id) } name={ "set-text-" (language) } rows="3" required lang=(language) {}
                }
                button { "Put it on the air" }
            }
        } @else if !has_replies {
            p { "The plugin for automatic replies is not installed. Who has built Callslip has it as " code { "auto-reply.wasm" } "." }
        }
        @if super::made::may(visit, library) {
            p { a href=(super::made::new_path(library)) { "Make another kind of keyword" } }
        }
    }
}

fn a_number(library: &Library) -> String {
    let brand = toml::Value::from(library.name.as_str());
    let contact = library.website.as_deref().unwrap_or("library.example.org");
    let contact = toml::Value::from(contact);
    format!(
        "[[gateway]]\nname = \"twilio\"\nkind = \"twilio\"\n\
         account-sid = \"AC00000000000000000000000000000000\"\n\
         auth-token = {{ env = \"TWILIO_AUTH_TOKEN\" }}\n\n\
         [[number]]\nnumber = \"+15555550123\"\ngateway = \"twilio\"\nbrand = {brand}\n\
         jurisdiction = \"us\"\nhelp-contact = {contact}\n"
    )
}

fn a_library(visit: &Visit) -> String {
    let running = visit.running();
    let first = running.directory.libraries.values().next();
    let zone = first.map_or("America/New_York", |library| library.time_zone.as_str());
    let number = first.and_then(|library| library.number());
    let number = number.unwrap_or("+15555550123");
    format!(
        "name = \"Maple Valley Library\"\ntime-zone = \"{zone}\"\nlanguages = [\"en\"]\n\
         numbers = [\"{number}\"]\njoin = \"MAPLE\"\n\n[hours]\nmon-fri = [\"10:00-18:00\"]\n"
    )
}
