//! `/card/LIBRARY.vcf`: a library's contact card, for the phone that was sent its address.

use callslip_core::ids::LibraryId;
use callslip_core::vcard;
use callslip_engine::Engine;
use http::{HeaderValue, Method, StatusCode, header};

use super::super::reply::Reply;

/// By the link that a poster's text was answered with: it counts for that poster (a20).
pub(super) async fn card_from(
    engine: &Engine,
    mark: &str,
    keyword: &str,
    file: &str,
    method: &Method,
) -> Reply {
    let library = file.strip_suffix(".vcf").map(LibraryId::from);
    let running = engine.running();
    let library = library.filter(|id| running.directory.library(id).is_some());
    if let (Some(library), true) = (library, method == Method::GET) {
        engine.card_saved(&library, keyword, mark).await;
    }
    card(engine, file)
}

/// Phones go by the file's ending, iPhone by nothing else. The card is for the number that the
/// library's posters print.
pub(super) fn card(engine: &Engine, file: &str) -> Reply {
    let running = engine.running();
    let directory = &running.directory;
    let known = file.strip_suffix(".vcf").and_then(|id| {
        let library = directory.library(&LibraryId::from(id))?;
        let number = library.number()?;
        Some((library, directory.number(number)?))
    });
    let Some((library, number)) = known else {
        return Reply::plain(StatusCode::NOT_FOUND, "no library has this card\n");
    };
    // An hour: what stands on a card changes seldom, and a changed one has the same address.
    Reply::bytes(
        StatusCode::OK,
        "text/vcard; charset=utf-8",
        vcard::card(library, number),
    )
    .with(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600"),
    )
}
