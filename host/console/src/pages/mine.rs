//! What MYDATA's link shows (a15). Looked at, it is a button and nothing else: phones, carriers and
//! preview services fetch links. Pressed, it shows once all that is held of the phone's holder.

use std::fmt::Write as _;

use callslip_store::patron_file::{LibraryFile, PatronFile, TextFile};
use maud::{DOCTYPE, Markup, html};

/// The page's own words in one language.
struct Words {
    language: &'static str,
    title: &'static str,
    once: &'static str,
    show: &'static str,
    gone: &'static str,
    since: &'static str,
    at: &'static str,
    staff_say: &'static str,
    lists: &'static str,
    numbers: &'static str,
    texts: &'static str,
    sessions: &'static str,
    tickets: &'static str,
    consent: &'static str,
    stopped: &'static str,
    not_kept: &'static str,
    proof: &'static str,
    forget: &'static str,
}

const LANGUAGES: [Words; 3] = [
    Words {
        language: "en",
        title: "What is held about you",
        once: "It is shown once. Nobody but who has this page sees it; close it when you have read it.",
        show: "Show it",
        gone: "This link shows nothing any more: it works once, for 30 minutes. Text MYDATA for another.",
        since: "Known since",
        at: "At",
        staff_say: "staff say",
        lists: "Lists",
        numbers: "Numbers",
        texts: "Texts and answers",
        sessions: "Conversations with a flow",
        tickets: "Questions to people",
        consent: "Starting and stopping texts",
        stopped: "Stopped",
        not_kept: "(not kept)",
        proof: "The lines on starting and stopping texts are proof for both sides. They are kept for \
                400 days, tied to a keyed hash of the number, after all else is deleted.",
        forget: "To delete it, text FORGET ME.",
    },
    Words {
        language: "es",
        title: "Lo que se guarda de usted",
        once: "Se muestra una sola vez. Solo lo ve quien tiene esta página; ciérrela después de leerla.",
        show: "Mostrarlo",
        gone: "Este enlace ya no muestra nada: sirve una vez, durante 30 minutos. Mande MIS DATOS para otro.",
        since: "Desde",
        at: "En",
        staff_say: "el personal le llama",
        lists: "Listas",
        numbers: "Números",
        texts: "Mensajes y respuestas",
        sessions: "Conversaciones automáticas",
        tickets: "Preguntas a personas",
        consent: "Altas y bajas",
        stopped: "De baja",
        not_kept: "(no se guarda)",
        proof: "Las altas y bajas son prueba para ambas partes. Se guardan 400 días, con una huella \
                cifrada del número, después de borrar todo lo demás.",
        forget: "Para borrarlo, mande OLVIDAR.",
    },
    Words {
        language: "fr",
        title: "Ce qui est gardé à votre sujet",
        once: "La page ne s'affiche qu'une fois. Seul qui l'a ouverte la voit ; fermez-la après lecture.",
        show: "Afficher",
        gone: "Ce lien n'affiche plus rien : il sert une fois, pendant 30 minutes. Textez MES DONNEES pour un autre.",
        since: "Depuis",
        at: "À",
        staff_say: "le personnel dit",
        lists: "Listes",
        numbers: "Numéros",
        texts: "Messages et réponses",
        sessions: "Conversations automatiques",
        tickets: "Questions à des personnes",
        consent: "Inscriptions et arrêts",
        stopped: "Arrêté",
        not_kept: "(non gardé)",
        proof: "Les inscriptions et arrêts sont une preuve pour les deux parties. Ils sont gardés 400 \
                jours, liés à une empreinte chiffrée du numéro, après l'effacement de tout le reste.",
        forget: "Pour l'effacer, textez OUBLIER.",
    },
];

/// The first language of the browser's list that the page speaks, else English.
fn words(accepts: &str) -> &'static Words {
    let wanted = accepts.split(',').filter_map(|part| part.trim().get(..2));
    let mut wanted = wanted.map(str::to_ascii_lowercase);
    wanted
        .find_map(|code| LANGUAGES.iter().find(|words| words.language == code))
        .unwrap_or(&LANGUAGES[0])
}

/// Before the button is pressed. `open`: the link would show something.
pub(crate) fn closed(accepts: &str, open: bool, style: &str) -> String {
    let words = words(accepts);
    let body = html! {
        @if open {
            p { (words.once) }
            form method="post" { button type="submit" { (words.show) } }
        } @else {
            p { (words.gone) }
        }
    };
    page(words, &body, style)
}

/// After: what is held, or that the link shows nothing any more.
pub(crate) fn opened(accepts: &str, held: Option<&PatronFile>, style: &str) -> String {
    let words = words(accepts);
    let body = match held {
        None => html! { p { (words.gone) } },
        Some(held) => html! {
            p { (words.once) }
            (held_lines(words, held))
            p { (words.proof) }
            p { (words.forget) }
        },
    };
    page(words, &body, style)
}

fn page(words: &Words, body: &Markup, style: &str) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(words.language) {
            head {
                meta charset="utf-8";
                title { (words.title) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow";
                link rel="stylesheet" href=(style);
            }
            body { main { h1 { (words.title) } (body) } }
        }
    };
    page.into_string()
}

fn held_lines(words: &Words, held: &PatronFile) -> Markup {
    html! {
        p { (words.since) " " (held.known_since) }
        @for library in &held.libraries { (library_lines(words, library)) }
        (section(words.numbers, held.numbers.iter().map(|number| {
            format!("{}: {}", number.number, number.consent)
        })))
        (section(words.stopped, held.stopped.iter().cloned()))
        (section(words.texts, held.texts.iter().map(|text| text_line(words, text))))
        (section(words.sessions, held.sessions.iter().map(|session| {
            let question = session.question.as_deref().unwrap_or(words.not_kept);
            format!("{} {} {}: {question}", session.asked, session.library, session.keyword)
        })))
        (section(words.tickets, held.tickets.iter().map(|ticket| {
            let about = ticket.summary.as_deref().or(ticket.topic.as_deref()).unwrap_or_default();
            let mut line = format!("{} {} {about}", ticket.opened, ticket.library);
            for note in &ticket.notes {
                let _ = write!(line, "\n{note}");
            }
            line
        })))
        (section(words.consent, held.consent.iter().map(|line| {
            let of = line.list.as_deref().or(line.library.as_deref()).unwrap_or(&line.number);
            format!("{} {of}: {} - {} {}", line.at, line.before, line.after, line.words)
        })))
    }
}

fn library_lines(words: &Words, library: &LibraryFile) -> Markup {
    html! {
        h2 { (words.at) " " (library.library) }
        ul {
            li { (words.since) " " (library.since) ", " (words.staff_say) " \"" (library.alias) "\"" }
            @if let Some(language) = &library.language { li { "language: " (language) } }
            @for field in &library.profile { li { (field.field) ": " (field.value) } }
            @if !library.lists.is_empty() {
                li {
                    (words.lists) ": "
                    @for (place, list) in library.lists.iter().enumerate() {
                        @if place > 0 { ", " } (list.list) " (" (list.since) ")"
                    }
                }
            }
            @for kept in &library.kept { li { (kept.storage) ", " (kept.key) ": " (kept.value) } }
        }
    }
}

fn text_line(words: &Words, text: &TextFile) -> String {
    let body = text.text.as_deref().unwrap_or(words.not_kept);
    let mut line = format!("{} {} > {body}", text.received, text.number);
    for answer in &text.answers {
        let _ = write!(line, "\n< {}", answer.text);
    }
    line
}

fn section(title: &str, lines: impl ExactSizeIterator<Item = String>) -> Markup {
    html! {
        @if lines.len() > 0 {
            h2 { (title) }
            ul { @for line in lines { li.lines { (line) } } }
        }
    }
}
