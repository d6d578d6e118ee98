//! The names of the host's sentences, as files and configs write them, and what each must say.
//! The sentences themselves, and when each is sent, stand in `messages/en.toml`.

/// A sentence of the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    Error,
    AnswerLate,
    KeywordLate,
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
    StoppedLikely,
    StoppedLikelyShared,
    StoppedLibrary,
    StoppedLibraryLikely,
    StoppedList,
    StoppedListLikely,
    Started,
    StartedAgain,
    StartedAgainShared,
    StartedLibrary,
    StartedList,
    StillStopped,
    InvalidKeyword,
    Urgent,
    Signature,
    CardNote,
    CardNoteShared,
    TooManyTexts,
    MonthSpent,
    CutShort,
    WrongNumber,
    ListJoined,
    ListOften,
    ListVaries,
    ListsOn,
    ListsNone,
    ListsLeft,
    ListEnd,
    Privacy,
    MyData,
    ForgetCode,
    ForgetCodeWrong,
    Forgotten,
    ListInvited,
}

impl Name {
    pub const ALL: [Name; 69] = [
        Name::Error,
        Name::AnswerLate,
        Name::KeywordLate,
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
        Name::StoppedLikely,
        Name::StoppedLikelyShared,
        Name::StoppedLibrary,
        Name::StoppedLibraryLikely,
        Name::StoppedList,
        Name::StoppedListLikely,
        Name::Started,
        Name::StartedAgain,
        Name::StartedAgainShared,
        Name::StartedLibrary,
        Name::StartedList,
        Name::StillStopped,
        Name::InvalidKeyword,
        Name::Urgent,
        Name::Signature,
        Name::CardNote,
        Name::CardNoteShared,
        Name::TooManyTexts,
        Name::MonthSpent,
        Name::CutShort,
        Name::WrongNumber,
        Name::ListJoined,
        Name::ListOften,
        Name::ListVaries,
        Name::ListsOn,
        Name::ListsNone,
        Name::ListsLeft,
        Name::ListEnd,
        Name::Privacy,
        Name::MyData,
        Name::ForgetCode,
        Name::ForgetCodeWrong,
        Name::Forgotten,
        Name::ListInvited,
    ];

    pub fn from_name(name: &str) -> Option<Name> {
        Name::ALL.into_iter().find(|known| known.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Name::Error => "error",
            Name::AnswerLate => "answer-late",
            Name::KeywordLate => "keyword-late",
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
            Name::StoppedLikely => "stopped-likely",
            Name::StoppedLikelyShared => "stopped-likely-shared",
            Name::StoppedLibrary => "stopped-library",
            Name::StoppedLibraryLikely => "stopped-library-likely",
            Name::StoppedList => "stopped-list",
            Name::StoppedListLikely => "stopped-list-likely",
            Name::Started => "started",
            Name::StartedAgain => "started-again",
            Name::StartedAgainShared => "started-again-shared",
            Name::StartedLibrary => "started-library",
            Name::StartedList => "started-list",
            Name::StillStopped => "still-stopped",
            Name::InvalidKeyword => "invalid-keyword",
            Name::Urgent => "urgent",
            Name::Signature => "signature",
            Name::CardNote => "card-note",
            Name::CardNoteShared => "card-note-shared",
            Name::TooManyTexts => "too-many-texts",
            Name::MonthSpent => "month-spent",
            Name::CutShort => "cut-short",
            Name::WrongNumber => "wrong-number",
            Name::ListJoined => "list-joined",
            Name::ListOften => "list-often",
            Name::ListVaries => "list-varies",
            Name::ListsOn => "lists-on",
            Name::ListsNone => "lists-none",
            Name::ListsLeft => "lists-left",
            Name::ListEnd => "list-end",
            Name::Privacy => "privacy",
            Name::MyData => "my-data",
            Name::ForgetCode => "forget-code",
            Name::ForgetCodeWrong => "forget-code-wrong",
            Name::Forgotten => "forgotten",
            Name::ListInvited => "list-invited",
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
            | Name::StoppedLikely
            | Name::StoppedLikelyShared
            | Name::Started
            | Name::StartedAgain
            | Name::StartedAgainShared
            | Name::InvalidKeyword
            | Name::Signature
            | Name::WrongNumber => &["brand"],
            Name::StoppedLibrary | Name::StartedLibrary => &["library", "word"],
            Name::StoppedLibraryLikely => &["library"],
            Name::StoppedList | Name::StartedList => &["list", "word"],
            Name::StoppedListLikely => &["list"],
            Name::StillStopped => &["names"],
            Name::ListJoined | Name::ListInvited => &["library", "list", "often", "rates", "word"],
            Name::ListOften => &["count"],
            Name::ListEnd => &["word"],
            Name::ListsOn => &["lists", "word"],
            Name::ListsLeft => &["lists"],
            Name::Urgent => &["emergency", "help-line"],
            Name::Privacy | Name::MyData => &["brand", "link"],
            Name::ForgetCode => &["brand", "code"],
            Name::Forgotten => &["brand"],
            Name::Error
            | Name::AnswerLate
            | Name::KeywordLate
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
            | Name::CardNote
            | Name::TooManyTexts
            | Name::MonthSpent
            | Name::CutShort
            | Name::ListVaries
            | Name::ListsNone
            | Name::ForgetCodeWrong => &[],
        }
    }
}
