//! All that is held of one phone's present holder, for whoever has a right to see it. It is made
//! to be written out: its field names are what people read.

use callslip_core::at::At;
use serde::{Serialize, Serializer};

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PatronFile {
    pub known_since: Moment,
    /// As far as the number tells.
    pub country: Option<String>,
    /// No list's message goes to this phone since then.
    pub lists_suspended: Option<Moment>,
    /// What each library knows of the phone.
    pub libraries: Vec<LibraryFile>,
    pub numbers: Vec<NumberFile>,
    pub texts: Vec<TextFile>,
    pub sessions: Vec<SessionFile>,
    pub tickets: Vec<TicketFile>,
    /// Each change of consent, in order.
    pub consent: Vec<ConsentLine>,
    /// Libraries, and lists of libraries, that it has stopped apart from a number.
    pub stopped: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LibraryFile {
    pub library: String,
    /// The two words by which staff speak of the patron.
    pub alias: String,
    pub language: Option<String>,
    pub since: Moment,
    /// How they want to be answered, if not by text, and what staff noted of it.
    pub channel: Option<String>,
    pub channel_note: Option<String>,
    pub profile: Vec<Field>,
    pub lists: Vec<ListFile>,
    /// What flows keep for the patron.
    pub kept: Vec<Kept>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    pub field: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ListFile {
    pub list: String,
    pub since: Moment,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kept {
    pub storage: String,
    pub key: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NumberFile {
    pub number: String,
    pub consent: String,
    /// The library last spoken to.
    pub library: Option<String>,
    pub updated: Moment,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TextFile {
    pub number: String,
    pub received: Moment,
    /// None: it was secret, and is not kept.
    pub text: Option<String>,
    /// Addresses of pictures.
    pub media: Vec<String>,
    pub library: Option<String>,
    pub keyword: Option<String>,
    /// What became of it; none while that is to come.
    pub outcome: Option<String>,
    pub reason: Option<String>,
    pub answers: Vec<AnswerFile>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnswerFile {
    pub text: String,
    pub state: String,
    pub changed: Moment,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SessionFile {
    pub library: String,
    pub keyword: String,
    pub state: String,
    /// What was asked last; none once the session has ended, when nothing of it is kept.
    pub question: Option<String>,
    pub asked: Moment,
    pub expires: Moment,
    pub ended: Option<Moment>,
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TicketFile {
    pub library: String,
    pub topic: Option<String>,
    pub summary: Option<String>,
    pub opened: Moment,
    pub closed: Option<Moment>,
    /// What staff wrote to each other about it.
    pub notes: Vec<String>,
}

/// What was asked of us: when, in which words, through which gateway, and what stood before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConsentLine {
    pub at: Moment,
    pub number: String,
    pub gateway: Option<String>,
    pub before: String,
    pub after: String,
    pub by: String,
    pub words: String,
    /// The keyword that the text ran, if it ran one.
    pub keyword: Option<String>,
    /// What it was about; neither: all that the number sends.
    pub library: Option<String>,
    pub list: Option<String>,
    /// Our sentence that it answered, or that confirmed it.
    pub shown: Option<String>,
    /// What was answered.
    pub answered: Vec<String>,
}

/// A moment that is written as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub At);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.timestamp())
    }
}
