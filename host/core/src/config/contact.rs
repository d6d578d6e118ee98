//! How a library is reached but by text: what stands on its contact card.

use super::number::{Kind, number_text};
use super::problem::Findings;
use super::table::Table;
use crate::alert::is_email;

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
    if !is_email(text.value) {
        let what = format!("\"{}\" is not an e-mail address", text.value);
        found.report(
            &text.at,
            what,
            "Write it as in \"ask@baysidelibrary.example.org\".",
        );
    }
    Some(text.value.to_owned())
}
