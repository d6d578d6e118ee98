//! What there is to text: our numbers, the libraries behind each, their words. The page makes its
//! suggestions of it.

use callslip_core::directory::{Directory, Library, Number};
use callslip_engine::Running;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Numbers {
    numbers: Vec<Texted>,
}

#[derive(Serialize)]
struct Texted {
    number: String,
    brand: String,
    /// Then a first text begins with a library's word.
    shared: bool,
    libraries: Vec<Behind>,
}

#[derive(Serialize)]
struct Behind {
    id: String,
    name: String,
    short_name: String,
    join: Option<String>,
    languages: Vec<String>,
    keywords: Vec<Word>,
}

#[derive(Serialize)]
struct Word {
    word: String,
    aliases: Vec<Alias>,
}

#[derive(Serialize)]
struct Alias {
    text: String,
    language: Option<String>,
}

pub(super) fn all(running: &Running) -> Numbers {
    let directory = &running.directory;
    let numbers = directory.numbers.values().map(|number| &**number);
    let mut numbers: Vec<&Number> = numbers.filter(|number| number.takes_replies()).collect();
    // Short codes first: they are what most libraries print.
    numbers.sort_by_key(|number| (number.number.len(), number.number.clone()));
    Numbers {
        numbers: numbers
            .into_iter()
            .map(|number| texted(directory, number))
            .collect(),
    }
}

fn texted(directory: &Directory, number: &Number) -> Texted {
    let libraries = number
        .libraries
        .iter()
        .filter_map(|id| directory.library(id));
    Texted {
        number: number.number.clone(),
        brand: number.brand.clone(),
        shared: number.shared(),
        libraries: libraries.map(|library| behind(library)).collect(),
    }
}

fn behind(library: &Library) -> Behind {
    let shown = library
        .keywords
        .iter()
        .filter(|keyword| keyword.enabled && !keyword.hidden && !keyword.word.is_empty());
    Behind {
        id: library.id.to_string(),
        name: library.name.clone(),
        short_name: library.short_name.clone(),
        join: library.join_word(),
        languages: library.languages.clone(),
        keywords: shown
            .map(|keyword| Word {
                word: keyword.word.clone(),
                // The word itself stands first among its phrases.
                aliases: keyword
                    .phrases
                    .iter()
                    .skip(1)
                    .map(|alias| Alias {
                        text: alias.text.clone(),
                        language: alias.language.clone(),
                    })
                    .collect(),
            })
            .collect(),
    }
}
