//! Topics: which questions the desk tells apart, by words in the text, by a flow's hand-off, or by
//! hand. Who knows a topic is the library's to say; here is only which one a text is on.

use crate::text::keyword::{Phrase, Rule, Tokens};

/// One library's, and rarely so many.
pub const TOPICS_MAX: usize = 100;
pub const WORDS_MAX: usize = 50;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// What tickets and flows name it by.
    pub id: String,
    pub name: String,
    /// A text with one of these is on this topic.
    pub words: Vec<Phrase>,
}

/// The topic with most words in the text; the first of equals.
pub fn of_text<'a>(topics: &'a [Topic], text: &Tokens) -> Option<&'a Topic> {
    let found = |topic: &Topic| {
        let in_text = |word: &&Phrase| word.find(Rule::Phrase, text).is_some();
        topic.words.iter().filter(in_text).count()
    };
    let mut best: Option<(usize, &Topic)> = None;
    for topic in topics {
        let count = found(topic);
        if count > best.map_or(0, |(most, _)| most) {
            best = Some((count, topic));
        }
    }
    best.map(|(_, topic)| topic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(id: &str, words: &[&str]) -> Topic {
        Topic {
            id: id.to_owned(),
            name: id.to_owned(),
            words: words.iter().filter_map(|word| Phrase::new(word)).collect(),
        }
    }

    #[test]
    fn a_text_is_on_the_topic_whose_words_it_has() {
        let topics = [
            topic("history", &["genealogy", "family tree", "harbor"]),
            topic("children", &["story time", "harbor"]),
        ];
        let of = |text: &str| of_text(&topics, &Tokens::of(text)).map(|topic| &*topic.id);
        assert_eq!(
            of("Do you help with FAMILY  trees? A family tree!"),
            Some("history")
        );
        assert_eq!(of("story time at the harbor?"), Some("children"));
        assert_eq!(of("the old harbor"), Some("history"), "the first of equals");
        assert_eq!(of("are you open"), None);
    }
}
