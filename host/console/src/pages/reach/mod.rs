//! Reaching people, and what it came to: posters, where texts come from, a counter for a hall,
//! reports, and what surveys and polls have counted.

pub(crate) mod counter;
pub(crate) mod csv;
pub(crate) mod figures; // charts with their tables
pub(crate) mod period;
pub(crate) mod poster;
pub(crate) mod reports;
pub(crate) mod results;
pub(crate) mod sources;

use std::sync::Arc;

use callslip_core::directory::{Keyword, Library};
use callslip_core::ids::KeywordId;

use crate::refusal::Refusal;
use crate::visit::Visit;

/// The library and the keyword that the path names.
fn place(visit: &Visit) -> Result<(Arc<Library>, Arc<Keyword>), Refusal> {
    let library = visit.library()?;
    let keyword = library.keyword(&KeywordId::from(visit.place(1))).cloned();
    Ok((library, keyword.ok_or(Refusal::Nothing)?))
}
