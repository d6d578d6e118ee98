//! Sentences with places to fill in: `{library} has your question.`
//!
//! `{{` and `}}` are the braces themselves. Values are put in as they are and never read as
//! templates, so that a patron's text cannot fill in anything.

/// A sentence, read once and filled in often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Variable(String),
}

/// What is wrong with a template; places count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(
        "\"{{\" at character {at} is never closed: write \"{{name}}\", or \"{{{{\" for a brace"
    )]
    Unclosed { at: usize },
    #[error("\"}}\" at character {at} closes nothing: write \"}}}}\" for a brace")]
    Unopened { at: usize },
    #[error("\"{{{name}}}\" at character {at} is no name: use small letters, digits and \"-\"")]
    Name { name: String, at: usize },
}

impl Template {
    pub fn parse(text: &str) -> Result<Template, Error> {
        let mut pieces = Vec::new();
        let mut words = String::new();
        let mut characters = text.chars().zip(1..).peekable();
        while let Some((character, at)) = characters.next() {
            let is_double = characters
                .peek()
                .is_some_and(|(next, _)| *next == character);
            match character {
                '{' | '}' if is_double => {
                    characters.next();
                    words.push(character);
                }
                '}' => return Err(Error::Unopened { at }),
                '{' => {
                    let mut name = String::new();
                    loop {
                        match characters.next() {
                            Some(('}', _)) => break,
                            Some((character, _)) => name.push(character),
                            None => return Err(Error::Unclosed { at }),
                        }
                    }
                    if name.is_empty() || !name.chars().all(may_be_in_a_name) {
                        return Err(Error::Name { name, at });
                    }
                    pieces.push(Piece::Words(std::mem::take(&mut words)));
                    pieces.push(Piece::Variable(name));
                }
                other => words.push(other),
            }
        }
        pieces.push(Piece::Words(words));
        pieces.retain(|piece| *piece != Piece::Words(String::new()));
        Ok(Template { pieces })
    }

    /// Words and nothing else; braces are braces.
    pub fn literal(words: &str) -> Template {
        Template {
            pieces: vec![Piece::Words(words.to_owned())],
        }
    }

    /// In the order in which they first stand, each once.
    pub fn variables(&self) -> Vec<&str> {
        let mut variables = Vec::new();
        for piece in &self.pieces {
            if let Piece::Variable(name) = piece
                && !variables.contains(&name.as_str())
            {
                variables.push(name.as_str());
            }
        }
        variables
    }

    /// The words between the places.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Words(words) => Some(words.as_str()),
            Piece::Variable(_) => None,
        })
    }

    /// A variable that is not given, or is empty, leaves nothing: neither its name nor a space
    /// too many ("{brand}: text STOP to end. {rates}" where no rates must be named).
    pub fn fill(&self, values: &[(&str, &str)]) -> String {
        let mut filled = String::new();
        let mut swallow_space = false;
        for piece in &self.pieces {
            match piece {
                Piece::Words(words) => {
                    let rest = words.strip_prefix(' ').filter(|_| swallow_space);
                    filled.push_str(rest.unwrap_or(words));
                    swallow_space = false;
                }
                Piece::Variable(name) => {
                    let value = values.iter().find(|(known, _)| known == name);
                    let value = value.map_or("", |(_, value)| *value);
                    filled.push_str(value);
                    if value.is_empty() {
                        swallow_space = filled.is_empty() || filled.ends_with([' ', '\n']);
                    }
                }
            }
        }
        if swallow_space && filled.ends_with(' ') {
            filled.pop();
        }
        filled
    }
}

fn may_be_in_a_name(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(template: &str, values: &[(&str, &str)], filled: &str) {
        assert_eq!(Template::parse(template).unwrap().fill(values), filled);
    }

    #[test]
    fn places_are_filled_in() {
        check(
            "{library} has it.",
            &[("library", "Bayside")],
            "Bayside has it.",
        );
        check("{a}{b} and {a}", &[("a", "1"), ("b", "2")], "12 and 1");
        check("{{a}} }}{{", &[("a", "1")], "{a} }{");
        check("{{{a}}}", &[("a", "1")], "{1}");
        check("", &[], "");
    }

    #[test]
    fn an_empty_value_leaves_no_space() {
        check(
            "{brand}: hello. {rates}",
            &[("brand", "Bayside")],
            "Bayside: hello.",
        );
        check("hello {rates} STOP to end.", &[], "hello STOP to end.");
        check("{rates} STOP to end.", &[("rates", "")], "STOP to end.");
        check("({rates}) ", &[], "() ");
    }

    #[test]
    fn a_value_is_never_read_as_a_template() {
        check(
            "You wrote {text}",
            &[("text", "{library}"), ("library", "x")],
            "You wrote {library}",
        );
    }

    #[test]
    fn variables_are_named_once_and_in_order() {
        let template = Template::parse("{b} {a} {b} {{c}}").unwrap();
        assert_eq!(template.variables(), ["b", "a"]);
        assert_eq!(Template::literal("{a}").variables(), Vec::<&str>::new());
    }

    #[test]
    fn a_mistake_is_shown_with_its_place() {
        let error = |text: &str| Template::parse(text).unwrap_err().to_string();
        assert_eq!(
            error("Hi {name"),
            "\"{\" at character 4 is never closed: write \"{name}\", or \"{{\" for a brace"
        );
        assert_eq!(
            error("Hi}"),
            "\"}\" at character 3 closes nothing: write \"}}\" for a brace"
        );
        assert_eq!(
            error("é {Name}"),
            "\"{Name}\" at character 3 is no name: use small letters, digits and \"-\""
        );
        assert!(Template::parse("{}").is_err() && Template::parse("{a b}").is_err());
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "([{}a ]|\\PC){0,20}") {
            if let Ok(template) = Template::parse(&text) {
                let _ = template.fill(&[("a", "{{b")]);
            }
        }

        #[test]
        fn escaped_words_come_back(text in "([{}a ]|\\PC){0,20}") {
            let escaped = text.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(Template::parse(&escaped).unwrap().fill(&[]), text);
        }
    }
}
