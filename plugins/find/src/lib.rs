//! Is it in, and where does it stand: a title or an ISBN, answered in one segment.
//!
//! The catalogue is asked by SRU (MARCXML or Dublin Core) or by a search that gives JSON.

use callslip::answers::{choice, words};
use callslip::prelude::*;

mod catalog;
mod marc;
mod paths;
mod short;

use catalog::Hit;

callslip::messages!();

/// Searches in a row without a hit, until a person is fetched.
const MISSES_MAX: u8 = 3;
/// A patron reads no more than these.
const HITS_MAX: usize = 3;

/// What an admin sets: `sru` or `json`.
#[derive(Settings)]
struct Find {
    /// A catalogue that speaks SRU. Its host stands in the grant.
    sru: Option<Sru>,
    /// A search that gives JSON.
    json: Option<Search>,
}

#[derive(Settings)]
struct Sru {
    /// The address, with {query} where the search goes.
    #[setting(
        example = "https://catalog.example.org/biblios?version=1.1&operation=searchRetrieve&maximumRecords=5&recordSchema=marcxml&query={query}",
        min_length = 1
    )]
    address: String,
    /// The search for words, in CQL, with {words}.
    #[setting(default = "dc.title all \"{words}\"")]
    title: String,
    /// The search for an ISBN, with {isbn}.
    #[setting(default = "bath.isbn=\"{isbn}\"")]
    isbn: String,
    /// The MARC field of a copy, and in it the subfield of its call number.
    #[setting(default = "952o")]
    call_number: String,
    /// The subfield that a copy has while it is out.
    #[setting(default = "952q")]
    out: String,
}

#[derive(Settings)]
struct Search {
    /// The address, with {query} where the words or the ISBN go.
    #[setting(
        example = "https://catalog.example.org/search?q={query}",
        min_length = 1
    )]
    address: String,
    /// Where the list of hits stands, such as `data.items`; empty for the answer itself.
    #[setting(default = "items")]
    items: String,
    /// In a hit, its title, such as `title` or `titles.0.text`.
    #[setting(default = "title")]
    title: String,
    /// In a hit, its author.
    #[setting(default = "author")]
    author: String,
    /// In a hit, its call number.
    #[setting(default = "call_number")]
    call_number: String,
    /// In a hit, whether it is in: true or false, a number of copies, or a word such as available.
    #[setting(default = "available")]
    available: String,
}

/// Tells whether a book is in and where it stands.
#[callslip::flow(answers("PERSON"))]
async fn find(talk: Talk, settings: Find) -> Outcome {
    let say = Messages::for_language(talk.language());
    let mut asked = talk.text();
    if asked.trim().is_empty() {
        asked = talk.ask(say.ask()).text().await?;
    }
    let mut misses = 0;
    loop {
        if ["person", "persona"].contains(&words(&asked).join(" ").as_str()) {
            talk.say(say.person());
            return talk.hand_off(
                None,
                "Looks for something in the catalog, and wants a person.",
            );
        }
        let hits = match search(&talk, &settings, &asked).await {
            Ok(hits) => hits,
            Err(Failure::Refused(refusal)) => return Err(refusal.into()),
            Err(failure) => {
                talk.say(say.down());
                return talk.hand_off(None, format!("The catalog could not be asked: {failure}."));
            }
        };
        let question = match hits.as_slice() {
            [] if misses + 1 == MISSES_MAX => {
                talk.say(say.person());
                return talk.hand_off(None, "Looked for something that the catalog does not find.");
            }
            [] => {
                misses += 1;
                say.again()
            }
            [hit] => {
                talk.say(short::whole(hit, say));
                return talk.finish();
            }
            all => {
                misses = 0;
                short::list(all, say)
            }
        };
        asked = talk.ask(question).text().await?;
        let titles: Vec<&str> = hits.iter().map(|hit| hit.title.as_str()).collect();
        if let Some(hit) = choice(&asked, &titles).and_then(|at| hits.get(at)) {
            talk.say(short::whole(hit, say));
            return talk.finish();
        }
    }
}

async fn search(talk: &Talk, settings: &Find, asked: &str) -> Result<Vec<Hit>, Failure> {
    let kept = talk.once_async("hits", async || {
        let mut hits = match (&settings.sru, &settings.json) {
            (Some(sru), _) => catalog::by_sru(talk, sru, asked).await?,
            (None, Some(json)) => catalog::by_json(talk, json, asked).await?,
            (None, None) => {
                let why = "neither sru nor json is set".to_owned();
                return Err(Failure::Refused(Refusal::Invalid(why)));
            }
        };
        hits.truncate(HITS_MAX);
        Ok(hits.into_iter().map(Hit::kept).collect::<Vec<_>>())
    });
    let kept = kept.await?;
    Ok(kept.into_iter().map(Hit::of).collect())
}

#[cfg(test)]
mod tests;
#[cfg(test)]
callslip::transcripts!(find);
