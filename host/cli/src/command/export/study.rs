//! `callslip export --conversations`: a library's conversations for study, masked, as CSV or as a
//! JSON line each.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use callslip_core::ids::LibraryId;
use callslip_core::inbound::Namespace;
use callslip_core::phone::Keys;
use callslip_core::study::{CSV_HEAD, Study};
use callslip_store::SqliteStore;
use callslip_store::desk::Study as Wanted;

use crate::clock;
use crate::stopped::Stopped;

/// No text is kept for longer than its library's term, and none is asked for that is older.
const SINCE: Duration = Duration::from_secs(400 * 24 * 60 * 60);
const PAGE: usize = 1_000;

pub(super) fn write(
    store: &Path,
    keys: Keys,
    library: LibraryId,
    namespace: Namespace,
    as_json: bool,
) -> Result<(), Stopped> {
    let reader = SqliteStore::look(store, keys).map_err(anyhow::Error::from)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if !as_json {
        out.write_all(CSV_HEAD.as_bytes())?;
    }
    let mut wanted = Wanted {
        library,
        namespace,
        since: clock::now() - SINCE,
        after: None,
        max: PAGE,
    };
    let mut study = Study::default();
    loop {
        let turns = reader.desk().study(&wanted).map_err(anyhow::Error::from)?;
        let Some((last, _)) = turns.last() else {
            break;
        };
        wanted.after = Some(*last);
        for line in turns.iter().flat_map(|(_, turn)| study.lines(turn)) {
            let written = if as_json { line.json() } else { line.csv() };
            out.write_all(written.as_bytes())?;
        }
    }
    out.flush()?;
    Ok(())
}
