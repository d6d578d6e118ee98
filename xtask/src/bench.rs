//! `cargo xtask bench`: each row of the table of speeds, measured by a test of that name, shown as a
//! table and kept as JSON. What is measured beside something else was measured in the same run.
//!
//! A figure never fails: who reads the table judges it. A row that could not be measured does.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::command::{AfterFailure, BenchOptions};
use crate::house::{self, House, SELECTION};
use crate::long::{self, Kind};
use crate::steps::{self, Outcome, Step};
use crate::{build, setup};

const BENCH: Kind = Kind {
    word: "bench",
    switch: "CALLSLIP_BENCH",
};
/// The file to which each measurement adds its rows.
const ROWS: &str = "CALLSLIP_BENCH_ROWS";
/// SQLite's own ceiling is an example of the store, not a test.
const CEILING: &str = "bench_sqlite_ceiling";

/// Others' programs that would have to be built with a wasmtime of their own.
const NOT_HERE: [(&str, &str, &str); 2] = [
    (
        "against wasmtime serve",
        "its command would compile a second wasmtime, with other features than ours",
        "cargo install --locked wasmtime-cli@48 && wasmtime serve -O pooling-allocator FORM.wasm",
    ),
    (
        "against Extism",
        "its crate pins another wasmtime, which would be compiled beside ours",
        "cargo add --dev extism in a project of its own; a new Plugin for each call",
    ),
];

/// A row as `tests/bench/rows.rs` writes it.
#[derive(Debug, Deserialize, Serialize)]
struct Row {
    row: String,
    ours: f64,
    unit: String,
    #[serde(default)]
    beside: Option<Beside>,
    #[serde(default)]
    ratio: Option<f64>,
    must: Option<Bound>,
    aim: Option<Bound>,
    #[serde(default)]
    note: String,
    /// How to have this row alone.
    #[serde(default)]
    command: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct Beside {
    what: String,
    value: f64,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Bound::AtLeast(least) => value >= least,
            Bound::AtMost(most) => value <= most,
        }
    }
}

pub(crate) fn run(house: &House, options: &BenchOptions) -> Result<ExitCode> {
    build::all(house)?;
    setup::kannel(house);
    let rows_file = house.target().join("tmp/bench-rows.jsonl");
    std::fs::create_dir_all(house.target().join("tmp"))?;
    std::fs::write(&rows_file, "")?;
    let tests = long::tests(house, BENCH, &options.filters)?;
    let told = told(options, &rows_file);
    let mut steps: Vec<Step<'_>> = (tests.iter())
        .map(|test| Step {
            name: test.name,
            needs: None,
            work: Box::new(|| long::play(house, BENCH, test, &told)),
        })
        .collect();
    let filters = &options.filters;
    if filters.is_empty()
        || filters
            .iter()
            .any(|filter| CEILING.contains(filter.as_str()))
    {
        steps.push(Step {
            name: CEILING,
            needs: None,
            work: Box::new(|| ceiling(house, options, &told)),
        });
    }
    let done = steps::run(steps, AfterFailure::GoOn);
    let rows = read(&rows_file)?;
    let kept = keep(house, &rows)?;

    eprintln!();
    print!("{}", table(&rows));
    for step in done.iter().filter(|step| step.outcome != Outcome::Ok) {
        println!("{step}");
    }
    println!("\nAs JSON: {}", kept.display());
    let good = !done.is_empty() && done.iter().all(|step| step.outcome == Outcome::Ok);
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn told(options: &BenchOptions, rows: &Path) -> Vec<(&'static str, String)> {
    let mut told = vec![(ROWS, rows.display().to_string())];
    if options.quick {
        told.push(("CALLSLIP_BENCH_QUICK", "1".to_owned()));
    }
    if options.large {
        told.push(("CALLSLIP_BENCH_LARGE", "1".to_owned()));
    }
    told
}

fn ceiling(house: &House, options: &BenchOptions, told: &[(&'static str, String)]) -> Result<()> {
    house::run(
        house
            .cargo("build")
            .arg("--release")
            .args(SELECTION)
            .args(["--example", "commit_rate"]),
    )?;
    let program = house.target().join("release/examples/commit_rate");
    let texts = if options.quick { "2000" } else { "20000" };
    let mut command = house.command(program);
    command
        .current_dir(house.target().join("tmp"))
        .envs(told.iter().map(|(name, value)| (name, value)))
        .arg(texts);
    house::run(&mut command)
}

fn read(path: &Path) -> Result<Vec<Row>> {
    let text = std::fs::read_to_string(path)?;
    let mut rows = Vec::new();
    for line in text.lines() {
        rows.push(serde_json::from_str(line).context("a row that no measurement writes")?);
    }
    Ok(rows)
}

/// Rows and when they were measured on what, for who compares them later.
fn keep(house: &House, rows: &[Row]) -> Result<PathBuf> {
    let path = house.target().join("bench.json");
    let not_here: Vec<_> = (NOT_HERE.iter())
        .map(|(row, why, how)| serde_json::json!({ "row": row, "not-measured": why, "command": how }))
        .collect();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let all = serde_json::json!({
        "processors": processors,
        "load-afterwards": load.trim(),
        "rows": rows,
        "not-measured": not_here,
    });
    std::fs::write(&path, serde_json::to_string_pretty(&all)? + "\n")?;
    Ok(path)
}

fn table(rows: &[Row]) -> String {
    let mut table = String::from(
        "| row | here | beside it | ratio | must | aim | reached |\n|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let beside = (row.beside.as_ref())
            .map(|beside| format!("{}: {}", beside.what, figure(beside.value)))
            .unwrap_or_default();
        let judged = row.ratio.unwrap_or(row.ours);
        let reached = match (row.aim, row.must) {
            (Some(aim), _) if aim.holds(judged) => "aim",
            (_, Some(must)) if must.holds(judged) => "must",
            (_, Some(_)) => "**missed**",
            (_, None) => "",
        };
        let _ = writeln!(
            table,
            "| {} | {} {} | {beside} | {} | {} | {} | {reached} |",
            row.row,
            figure(row.ours),
            row.unit,
            row.ratio.map(figure).unwrap_or_default(),
            row.must.map(bound).unwrap_or_default(),
            row.aim.map(bound).unwrap_or_default(),
        );
    }
    for (row, why, _) in NOT_HERE {
        let _ = writeln!(table, "| {row} | not measured here: {why} | | | | | |");
    }
    for row in rows {
        let _ = writeln!(table, "\n{}: `{}`. {}", row.row, row.command, row.note);
    }
    for (row, _, how) in NOT_HERE {
        let _ = writeln!(table, "\n{row}: `{how}`");
    }
    table
}

fn bound(bound: Bound) -> String {
    match bound {
        Bound::AtLeast(least) => format!("at least {}", figure(least)),
        Bound::AtMost(most) => format!("at most {}", figure(most)),
    }
}

/// Three digits say all that a measurement knows.
fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_judged_by_its_ratio_where_it_has_one() {
        let row = |ratio, must, aim| Row {
            row: "answers".to_owned(),
            ours: 7_000.4,
            unit: "texts/s".to_owned(),
            beside: None,
            ratio,
            must: Some(must),
            aim: Some(aim),
            note: "A note.".to_owned(),
            command: "cargo xtask bench answers".to_owned(),
        };
        let judged = |row| {
            let table = table(&[row]);
            let line = table.lines().nth(2).unwrap_or_default();
            line.rsplit('|')
                .nth(1)
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let least = Bound::AtLeast;
        assert_eq!(judged(row(None, least(6_000.0), least(12_000.0))), "must");
        assert_eq!(judged(row(None, least(6_000.0), least(7_000.0))), "aim");
        assert_eq!(
            judged(row(None, least(8_000.0), least(9_000.0))),
            "**missed**"
        );
        let most = Bound::AtMost;
        assert_eq!(judged(row(Some(1.3), most(1.5), most(1.2))), "must");
    }

    #[test]
    fn what_is_not_measured_here_is_told_with_the_reason() {
        let table = table(&[]);
        assert!(table.contains("| against Extism | not measured here:"));
        assert!(table.contains("wasmtime-cli"));
    }

    #[test]
    fn rows_are_read_as_they_are_written() {
        let line = r#"{"row":"a","ours":1.0,"unit":"us","beside":{"what":"b","value":2.0},"ratio":0.5,"must":{"at-most":1.5},"aim":null,"note":"","command":"c"}"#;
        let row: Row = serde_json::from_str(line).unwrap();
        assert!(row.must.unwrap().holds(1.5) && !row.must.unwrap().holds(1.6));
        assert_eq!(serde_json::to_string(&row).unwrap(), line);
    }
}
