//! Tables for spreadsheets. What a patron or a gateway wrote never becomes a formula (g9).

use crate::answer::Answer;

/// Cells that begin so are run by spreadsheets; an apostrophe makes them text.
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

pub(crate) fn answer(name: &str, rows: &[Vec<String>]) -> Answer {
    let name = name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    Answer::download("text/csv; charset=utf-8", format!("{name}.csv"), text(rows))
}

fn text(rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn quoted(cell: &str) -> String {
    let safe = match cell.starts_with(FORMULAS) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    };
    match safe.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", safe.replace('"', "\"\"")),
        false => safe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g9_no_cell_is_a_formula() {
        for cell in [
            "=HYPERLINK(\"http://x\")",
            "+1",
            "-2",
            "@SUM(A1)",
            "\tx",
            "\r=1",
        ] {
            let row = text(&[vec!["HOURS".to_owned(), cell.to_owned()]]);
            let written = row.strip_prefix("HOURS,").unwrap();
            assert!(written.trim_start_matches('"').starts_with('\''), "{row}");
        }
        let rows = [vec![
            "a,b".to_owned(),
            "say \"hi\"\nthere".to_owned(),
            "5".to_owned(),
        ]];
        assert_eq!(text(&rows), "\"a,b\",\"say \"\"hi\"\"\nthere\",5\r\n");
    }
}
