//! How a library is reached but by text: what stands on its contact card.

use super::number::{Kind, number_text};
use super::problem::Findings;
use super::table::Table;

pub(super) fn phone(file: &mut Table<'_>, found: &mut Findings) -> Option<String> {
    let value = file.value("phone")?;
    let number = number_text(value, "phone", None, Kind::Calling, found)?;
    Some(number.value.to_owned())
}

pub(super) fn website(file: &mut Table<'_>, found: &mut Findings) -> Option<String> {
    let text = file.text("website", found)?;
    let bare = text
        .value
        .split_once("://")
        .map_or(text.value, |(_, rest)| rest);
    let scheme_fits = text.value.len() == bare.len()
        || text.value.starts_with("https://")
        || text.value.starts_with("http://");
    let host = bare.split('/').next().unwrap_or("");
    if !scheme_fits || !host.contains('.') || text.value.contains(char::is_whitespace) {
        let what = format!("\"{}\" is not a web address", text.value);
        found.report(
            &text.at,
            what,
            "Write it as in \"baysidelibrary.example.org\".",
        );
    }
    Some(text.value.to_owned())
}

pub(super) fn email(file: &mut Table<'_>, found: &mut Findings) -> Option<String> {
    let text = file.text("email", found)?;
    let halves = text.value.split_once('@');
    let fits = halves.is_some_and(|(name, host)| {
        let clean = |part: &str| !part.is_empty() && !part.contains([' ', '@', '<', '>', ',']);
        clean(name) && clean(host) && host.contains('.')
    });
    if !fits {
        let what = format!("\"{}\" is not an e-mail address", text.value);
        found.report(
            &text.at,
            what,
            "Write it as in \"ask@baysidelibrary.example.org\".",
        );
    }
    Some(text.value.to_owned())
}
