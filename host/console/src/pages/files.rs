//! The files, read again from a button: what a signal does, for who has no terminal.

use maud::html;

use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::keep::Trouble;
use crate::parts::words;
use crate::refusal::Refusal;
use crate::visit::{Visit, note};
use callslip_store::staff::StaffChange;

pub(crate) async fn read_again(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let around = visit.shared.around.get().cloned();
    let around =
        around.ok_or_else(|| Refusal::Invalid("There are no files to read.".to_owned()))?;
    let read = tokio::task::spawn_blocking(move || around.read_files()).await;
    let read = read.map_err(|_| Trouble::Panicked)?;
    let (taken, lines) = match read {
        Ok(lines) => (true, lines),
        Err(lines) => (false, lines),
    };
    let what = if taken { "files-read" } else { "files-refused" };
    let line = note(Some(&library.id), what, "");
    visit.commit(StaffChange::Noted, Some(line)).await?;
    // What is wrong with others' files is for them, and for who runs the machine.
    let about = visit.shared.about();
    let own = about.files.get(&library.id);
    let operator = visit.staff()?.operator;
    let (shown, others): (Vec<&String>, Vec<&String>) = lines
        .iter()
        .partition(|line| operator || own.is_some_and(|file| line.starts_with(file.as_str())));
    let body = html! {
        h1 { "The files" }
        div.card role="status" {
            @match (taken, lines.is_empty()) {
                (true, true) => p { span.tag.good { "Taken" } " What the files say is in force, and nothing is wrong with it." },
                (true, false) => p { span.tag.warn { "Taken" } " What the files say is in force, but for what is wrong." },
                (false, _) => p { span.tag.bad { "Not taken" } " What ran before goes on. Put this right and have them read again." },
            }
            ul { @for line in &shown { li { (words(line)) } } }
            @if !others.is_empty() {
                p.quiet {
                    (others.len()) " more in files that are not " (library.name) "'s: who runs the machine sees them."
                }
            }
        }
        br;
        (super::keywords::read_files_button(visit, &library))
        p { a href="/keywords" { "To the keywords" } }
    };
    Ok(frame::page(visit, Here::Keywords, "The files", &body))
}
