//! One nasty table for all that is written out (g9): nothing of it becomes a formula, a line or a
//! field of its own. What mail does with it is tested where mail is made.

use super::cell;
use crate::config::Written;
use crate::vcard::Card;

const NASTY: [&str; 14] = [
    "=HYPERLINK(\"http://evil.example\",\"books\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\tTAB",
    "\rRETURN",
    "a\r\nBcc: all@example.org",
    "a\nEND:VCARD\nBEGIN:VCARD",
    "\"\"\"\nenabled = false\n[[keyword]]",
    "semi;colon,comma\\backslash",
    "quote\"quote",
    "\u{2028}line\u{2029}",
    "'''",
    "\u{202e}txet",
];

#[test]
fn g9_one_nasty_table_breaks_neither_csv_nor_toml_nor_a_card() {
    for nasty in NASTY {
        let row = format!("{},{}\r\n", cell(nasty), cell("next"));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(row.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 1, "{nasty:?}");
        assert_eq!(rows[0].len(), 2, "{nasty:?}");
        assert!(rows[0][0].ends_with(nasty), "{nasty:?}");
        assert!(
            !rows[0][0].starts_with(['=', '+', '-', '@', '\t', '\r']),
            "{nasty:?}"
        );

        let toml = "[[keyword]]\nword = \"A\"\nflow = \"auto-reply\"\n";
        let mut written = Written::read(toml).unwrap();
        written.word = nasty.to_owned();
        written.closing = Some(nasty.to_owned());
        assert_eq!(
            Written::read(&written.toml()).as_ref(),
            Some(&written),
            "{nasty:?}"
        );

        let plain = Card {
            name: "Bayside".to_owned(),
            texting: "66746".to_owned(),
            note: Some("note".to_owned()),
            ..Card::default()
        };
        let broken = Card {
            name: nasty.to_owned(),
            note: Some(nasty.to_owned()),
            ..plain.clone()
        };
        assert_eq!(fields(&broken), fields(&plain), "{nasty:?}");
    }
}

/// What stands at the beginning of each line of a card that is not folded.
fn fields(card: &Card) -> Vec<String> {
    let card = card.to_vcard();
    let lines = card.split("\r\n").filter(|line| !line.starts_with(' '));
    let names = lines.map(|line| line.split([':', ';']).next().unwrap_or_default().to_owned());
    names.collect()
}
