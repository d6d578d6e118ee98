//! The names of the host's sentences, as files and configs write them, and what each must say.
//! The sentences themselves, and when each is sent, stand in `messages/en.toml`.

/// A sentence of the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    Error,
    TicketOpened,
    TicketOpenedClosed,
    TicketAgain,
    HandOff,
    NotUnderstoodPerson,
    SessionWithdrawn,
    WhichLibrary,
    WhichLibraryAgain,
    WhichLibraryUnclear,
    Choice,
    Joined,
    FromLibrary,
    NearMiss,
    NearMissMany,
    ClosedKeyword,
    Menu,
    MenuEmpty,
    AskPrompt,
    ExitDone,
    ExitNothing,
    Interrupted,
    ResumeQuestion,
    ResumeNothing,
    QuestionAgain,
    StrayAnswer,
    StrayAnswerLate,
    LanguageSet,
    LanguageMissing,
    Help,
    HelpShared,
    Stopped,
    StoppedShared,
    Started,
    StartedAgain,
    Signature,
    CardNote,
    CardNoteShared,
}

impl Name {
    pub const ALL: [Name; 38] = [
        Name::Error,
        Name::TicketOpened,
        Name::TicketOpenedClosed,
        Name::TicketAgain,
        Name::HandOff,
        Name::NotUnderstoodPerson,
        Name::SessionWithdrawn,
        Name::WhichLibrary,
        Name::WhichLibraryAgain,
        Name::WhichLibraryUnclear,
        Name::Choice,
        Name::Joined,
        Name::FromLibrary,
        Name::NearMiss,
        Name::NearMissMany,
        Name::ClosedKeyword,
        Name::Menu,
        Name::MenuEmpty,
        Name::AskPrompt,
        Name::ExitDone,
        Name::ExitNothing,
        Name::Interrupted,
        Name::ResumeQuestion,
        Name::ResumeNothing,
        Name::QuestionAgain,
        Name::StrayAnswer,
        Name::StrayAnswerLate,
        Name::LanguageSet,
        Name::LanguageMissing,
        Name::Help,
        Name::HelpShared,
        Name::Stopped,
        Name::StoppedShared,
        Name::Started,
        Name::StartedAgain,
        Name::Signature,
        Name::CardNote,
        Name::CardNoteShared,
    ];

    pub fn from_name(name: &str) -> Option<Name> {
        Name::ALL.into_iter().find(|known| known.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Name::Error => "error",
            Name::TicketOpened => "ticket-opened",
            Name::TicketOpenedClosed => "ticket-opened-closed",
            Name::TicketAgain => "ticket-again",
            Name::HandOff => "hand-off",
            Name::NotUnderstoodPerson => "not-understood-person",
            Name::SessionWithdrawn => "session-withdrawn",
            Name::WhichLibrary => "which-library",
            Name::WhichLibraryAgain => "which-library-again",
            Name::WhichLibraryUnclear => "which-library-unclear",
            Name::Choice => "choice",
            Name::Joined => "joined",
            Name::FromLibrary => "from-library",
            Name::NearMiss => "near-miss",
            Name::NearMissMany => "near-miss-many",
            Name::ClosedKeyword => "closed-keyword",
            Name::Menu => "menu",
            Name::MenuEmpty => "menu-empty",
            Name::AskPrompt => "ask-prompt",
            Name::ExitDone => "exit-done",
            Name::ExitNothing => "exit-nothing",
            Name::Interrupted => "interrupted",
            Name::ResumeQuestion => "resume-question",
            Name::ResumeNothing => "resume-nothing",
            Name::QuestionAgain => "question-again",
            Name::StrayAnswer => "stray-answer",
            Name::StrayAnswerLate => "stray-answer-late",
            Name::LanguageSet => "language-set",
            Name::LanguageMissing => "language-missing",
            Name::Help => "help",
            Name::HelpShared => "help-shared",
            Name::Stopped => "stopped",
            Name::StoppedShared => "stopped-shared",
            Name::Started => "started",
            Name::StartedAgain => "started-again",
            Name::Signature => "signature",
            Name::CardNote => "card-note",
            Name::CardNoteShared => "card-note-shared",
        }
    }

    /// The variables without which the sentence makes no sense, or says less than it must.
    pub(super) fn required(self) -> &'static [&'static str] {
        match self {
            Name::TicketOpenedClosed => &["when"],
            Name::WhichLibrary | Name::WhichLibraryAgain | Name::NearMissMany => &["choices"],
            Name::Choice => &["number", "label"],
            Name::FromLibrary => &["text"],
            Name::NearMiss => &["keyword"],
            Name::Menu => &["keywords"],
            Name::CardNoteShared => &["join"],
            Name::ResumeQuestion | Name::QuestionAgain => &["question"],
            Name::Help | Name::HelpShared => &["brand", "contact"],
            Name::Stopped
            | Name::StoppedShared
            | Name::Started
            | Name::StartedAgain
            | Name::Signature => &["brand"],
            Name::Error
            | Name::TicketOpened
            | Name::TicketAgain
            | Name::HandOff
            | Name::NotUnderstoodPerson
            | Name::SessionWithdrawn
            | Name::WhichLibraryUnclear
            | Name::Joined
            | Name::ClosedKeyword
            | Name::MenuEmpty
            | Name::AskPrompt
            | Name::ExitDone
            | Name::ExitNothing
            | Name::Interrupted
            | Name::ResumeNothing
            | Name::StrayAnswer
            | Name::StrayAnswerLate
            | Name::LanguageSet
            | Name::LanguageMissing
            | Name::CardNote => &[],
        }
    }
}
