//! Reads a text as words and says whether a keyword is meant.

/// How a keyword must stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    FirstWord,
    OnlyWord,
    AnyWord,
    Phrase,
    OnlyPhrase,
    Beginning,
}

/// A keyword as text is compared with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    words: Vec<String>,
}
