//! What a measurement found: a row of the table that `cargo xtask bench` shows, added as a line of
//! JSON to the file that it names. Shared by all programs that measure.

use std::io::Write as _;

/// What a figure has to reach.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "not every program that measures uses both")]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

pub(crate) struct Row<'a> {
    /// As the table calls it.
    pub(crate) row: &'a str,
    /// A part of the test's name, by which it is measured alone.
    pub(crate) test: &'a str,
    pub(crate) ours: f64,
    pub(crate) unit: &'a str,
    /// What was measured in turn with it, and what that came to.
    pub(crate) beside: Option<(&'a str, f64)>,
    /// What is judged, if not the figure itself.
    pub(crate) ratio: Option<f64>,
    pub(crate) must: Option<Bound>,
    pub(crate) aim: Option<Bound>,
    pub(crate) note: String,
}

impl Row<'_> {
    pub(crate) fn record(&self) {
        let bound = |bound: Option<Bound>| match bound {
            Some(Bound::AtLeast(least)) => serde_json::json!({ "at-least": least }),
            Some(Bound::AtMost(most)) => serde_json::json!({ "at-most": most }),
            None => serde_json::Value::Null,
        };
        let beside = self
            .beside
            .map(|(what, value)| serde_json::json!({ "what": what, "value": value }));
        let line = serde_json::json!({
            "row": self.row,
            "ours": self.ours,
            "unit": self.unit,
            "beside": beside,
            "ratio": self.ratio,
            "must": bound(self.must),
            "aim": bound(self.aim),
            "note": self.note,
            "command": format!("cargo xtask bench {}", self.test),
        });
        #[allow(clippy::print_stdout, reason = "a measurement says its figures")]
        {
            println!("{line}");
        }
        let Some(path) = std::env::var_os("CALLSLIP_BENCH_ROWS") else {
            return;
        };
        let file = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path);
        let written = file.and_then(|mut file| writeln!(file, "{line}"));
        assert!(written.is_ok(), "the row cannot be kept: {written:?}");
    }
}

/// Whether measurements are asked for.
#[allow(dead_code, reason = "an example is asked for by starting it")]
pub(crate) fn is_asked() -> bool {
    std::env::var_os("CALLSLIP_BENCH").is_some()
}
