//! What a patron wants of the list before them.

use callslip::answers::{choice, words};

use crate::ils::Summary;

/// Of a title, on a small screen.
const TITLE_CHARACTERS: usize = 40;

/// What a patron wants.
pub(crate) enum Wish {
    One(usize),
    All,
    List,
    Holds,
    Hold(String),
    Card,
    Drop,
    Done,
    Person,
}

/// What a text means; none: nothing here.
pub(crate) fn wish(asked: &str, summary: &Summary) -> Option<Wish> {
    let said = words(asked);
    let first = said.first()?.as_str();
    Some(match first {
        "all" | "todo" | "todos" => Wish::All,
        "list" | "lista" => Wish::List,
        "holds" | "reservas" => Wish::Holds,
        "hold" | "reservar" | "reserva" => {
            let rest = asked.trim().split_once(char::is_whitespace);
            Wish::Hold(
                rest.map(|(_, rest)| rest.trim().to_owned())
                    .unwrap_or_default(),
            )
        }
        "card" | "tarjeta" if said.len() == 1 => Wish::Card,
        "drop" | "quitar" if said.len() == 1 => Wish::Drop,
        "done" | "listo" | "no" => Wish::Done,
        "person" | "persona" => Wish::Person,
        _ => {
            let titles: Vec<&str> = summary
                .loans
                .iter()
                .map(|loan| loan.title.as_str())
                .collect();
            Wish::One(choice(asked, &titles)?)
        }
    })
}

/// At a word.
pub(crate) fn cut(title: &str) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = title.char_indices().nth(TITLE_CHARACTERS) else {
        return title;
    };
    let short = title.get(..end).unwrap_or_default();
    let end = short.rfind(' ').filter(|at| at * 2 > short.len());
    [
        short.get(..end.unwrap_or(short.len())).unwrap_or_default(),
        "...",
    ]
    .concat()
}
