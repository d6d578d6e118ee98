//! `[notices]`: who at a library is told that somebody waits, and by which way.

use std::path::Path;

use super::gateway::secret_if_given;
use super::machine::check_url;
use super::network::addresses;
use super::problem::Findings;
use super::table::Table;
use crate::alert::{Hook, Notices};

pub(super) fn read(file: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<Notices> {
    let mut table = file.table("notices", found)?;
    let notices = Notices {
        email: addresses(&mut table, "email", found),
        webhook: webhook(&mut table, folder, found),
        with_text: table.switch("with-text", false, found),
        waiting_minutes: table.count("waiting-minutes", 30, 1..=10_080, found),
    };
    table.finish(found);
    Some(notices)
}

/// `[notices.webhook]`
fn webhook(table: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<Hook> {
    let mut hook = table.table("webhook", found)?;
    let url = hook.needed_text("url", "\"https://chat.example.org/callslip\"", found);
    let secret = secret_if_given(&mut hook, "secret", "NOTICES_SECRET", folder, found);
    if !hook.has("secret") {
        hook.missing("secret", "{ env = \"NOTICES_SECRET\" }");
    }
    if let Some(url) = &url
        && let Err(what) = check_url(url.value)
    {
        let what = format!("\"url\" {what}");
        let remedy = "Write the whole address, such as https://chat.example.org/callslip.";
        found.report(&url.at, what, remedy);
    }
    hook.finish(found);
    Some(Hook {
        url: url?.value.to_owned(),
        secret: secret?,
    })
}
