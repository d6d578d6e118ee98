//! A library as one file would say it: the file's own words and what was made here, the same bytes
//! each time.

use crate::answer::Answer;
use crate::keep::Trouble;
use crate::refusal::Refusal;
use crate::visit::Visit;

pub(crate) async fn export(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?.id.clone();
    let around = visit.shared.around.get().cloned();
    let around = around.ok_or(Refusal::Nothing)?;
    let read = tokio::task::spawn_blocking(move || around.export(&library)).await;
    let text = read.map_err(|_| Trouble::Panicked)?;
    Ok(Answer::text(text.ok_or(Refusal::Nothing)?))
}
