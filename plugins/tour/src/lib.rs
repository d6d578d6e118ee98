//! A tour: a number at each point of interest, and its story on the phone.

use callslip::answers::number;
use callslip::prelude::*;

callslip::messages!();

/// What an admin sets.
#[derive(Settings)]
struct Tour {
    /// What the tour is called.
    #[setting(example = "the mural walk", max_length = 60)]
    name: Localized,
    /// The points of interest.
    stops: Vec<Point>,
}

#[derive(Settings)]
struct Point {
    /// The number on its sign.
    #[setting(min = 1, max = 999)]
    number: u16,
    /// What is told there.
    #[setting(
        example = "Painted in 1934 by four sisters.",
        min_length = 1,
        max_length = 480
    )]
    story: Localized,
    /// A page with a picture.
    #[setting(example = "bayside.example.org/mural/4", max_length = 120)]
    link: Option<String>,
}

/// Tells the story of a point of interest by its number.
#[callslip::flow(answers("DONE"))]
async fn tour(talk: Talk, settings: Tour) -> Outcome {
    let language = talk.language();
    let say = Messages::for_language(language);
    let mut asked = talk.text();
    let mut told = String::new();
    loop {
        let stop = number(&asked).and_then(|wanted| {
            let mut stops = settings.stops.iter();
            stops.find(|stop| i64::from(stop.number) == wanted)
        });
        match stop {
            Some(stop) => {
                let key = format!("heard/{}", stop.number);
                talk.storage().library().add(&key, 1).await?;
                told.push_str(stop.story.for_language(language));
                if let Some(link) = &stop.link {
                    told = told + " " + link;
                }
                told.push('\n');
            }
            None if !asked.trim().is_empty() => told.push_str(&(say.unknown() + " ")),
            None => {}
        }
        let name = settings.name.for_language(language);
        let next = if told.is_empty() {
            say.first(name)
        } else {
            told + &say.next()
        };
        asked = talk.ask(next).text().await?;
        told = String::new();
        if ["done", "fin", "listo"].contains(&asked.trim().to_lowercase().as_str()) {
            talk.say(say.done(name));
            return talk.finish();
        }
    }
}

#[cfg(test)]
callslip::transcripts!(tour);
