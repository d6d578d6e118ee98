//! Stand-in.
use std::collections::HashMap;
pub fn check_reworded(name: &str, _text: &str) -> Result<(), String> {
    if name == "ticket-opened" { Ok(()) } else { Err("there is no such sentence".to_owned()) }
}
pub struct Messages;
#[derive(Clone, Copy, Debug)]
pub enum Name { Error, TicketOpened, TicketAgain, WhichLibrary, WhichLibraryMany, WhichLibraryUnclear, NearMiss, NearMissMany, Menu, MenuEmpty, ExitDone, ExitNothing, ResumeNothing, ResumeQuestion, StrayAnswer, Help, HelpShared, Stopped, StoppedShared, StartedAgain, Signature, ClosedKeyword, QuestionAgain, LanguageSet, AskPrompt, SessionWithdrawn, HandOff }
impl Messages {
    pub fn shipped() -> &'static Messages { &Messages }
    pub fn has(&self, _: &str) -> bool { true }
    pub fn rates(&self, _: crate::directory::Jurisdiction, _: &str) -> &'static str { "" }
    pub fn text(&self, name: Name, _language: &str, _: &HashMap<(String, String), String>, _: &[(&str, &str)]) -> String { format!("{name:?}") }
}
