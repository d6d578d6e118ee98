//! What was typed after `cargo xtask`, as a value, and the help that describes it.
//!
//! Pure: it starts nothing and reads no files, so every spelling is tested here.

use std::fmt;

pub(crate) const HELP: &str = "\
Callslip's own commands

Usage: cargo xtask <command>

  build              the host and the bundled plugins:
                     target/release/callslip and target/plugins/NAME.wasm
  run [ARGS]         build, then start Callslip on config/callslip.toml and say
                     where the phone is; ARGS go to `callslip serve`; Ctrl-C ends it
  test [FILTER...]   all that has to pass: format, tidy, build, lints, tests, doc
                     tests, documentation; sets up first what the tests need.
                     With FILTER: only the tests whose names contain it
      --keep-going   go on after a step that failed, and say at the end which did
  tidy               what a program can check of the house rules, in seconds:
                     who may import whom, licences, released interfaces, file heads
  bench [FILTER...]  build, then measure speed, a row a test with `bench` at the start of
                     its name: a table, and target/bench.json
      --quick        seconds a row, to see that it works; its figures are worth little
      --large        with ten million messages in the store, which takes half an hour
  soak [FILTER...]   build, then run the tests with `soak` in their names, which take
                     minutes to hours, one after another with what they print
      --minutes N    how long those run that can run for any time
      --seed N       what their chance begins with; each prints its own
      --kills N      how often a process is killed under load, 200 unless said
  help               this text

The first build takes several minutes, nearly all of it for the sandbox (wasmtime);
it is compiled once for all of the commands.

Exit codes: 0 fine, 1 the thing asked for failed, 2 wrong usage.
";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Build,
    Run(Vec<String>),
    Test(TestOptions),
    Tidy,
    Bench(BenchOptions),
    Soak(SoakOptions),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TestOptions {
    /// Parts of test names; empty asks for everything, lints and documentation included.
    pub filters: Vec<String>,
    pub after_failure: AfterFailure,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SoakOptions {
    /// Parts of test names; empty asks for all that are long.
    pub filters: Vec<String>,
    pub minutes: Option<u64>,
    pub seed: Option<u64>,
    pub kills: Option<u64>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct BenchOptions {
    /// Parts of test names; empty asks for all rows.
    pub filters: Vec<String>,
    pub quick: bool,
    pub large: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterFailure {
    Stop,
    GoOn,
}

/// Why what was typed means nothing; one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrongUsage(String);

impl fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Command, WrongUsage> {
    let mut args = args.into_iter();
    let Some(word) = args.next() else {
        return Err(WrongUsage(
            "cargo xtask needs a command, such as `run` or `test`.".to_owned(),
        ));
    };
    let rest: Vec<String> = args.collect();
    match word.as_str() {
        "help" | "--help" | "-h" => Ok(Command::Help),
        "build" => alone(Command::Build, "build", &rest),
        "tidy" => alone(Command::Tidy, "tidy", &rest),
        "test" if asks_for_help(&rest) => Ok(Command::Help),
        "test" => test(rest),
        "run" => Ok(Command::Run(rest)),
        "bench" if asks_for_help(&rest) => Ok(Command::Help),
        "bench" => bench(rest),
        "soak" if asks_for_help(&rest) => Ok(Command::Help),
        "soak" => soak(rest),
        unknown => Err(WrongUsage(format!(
            "cargo xtask has no command `{unknown}`."
        ))),
    }
}

fn alone(command: Command, name: &str, rest: &[String]) -> Result<Command, WrongUsage> {
    match rest.first() {
        None => Ok(command),
        Some(_) if asks_for_help(rest) => Ok(Command::Help),
        Some(extra) => Err(WrongUsage(format!(
            "`{name}` takes no arguments; `{extra}` is one."
        ))),
    }
}

fn asks_for_help(rest: &[String]) -> bool {
    rest.iter().any(|arg| arg == "--help" || arg == "-h")
}

fn test(rest: Vec<String>) -> Result<Command, WrongUsage> {
    let mut options = TestOptions {
        filters: Vec::new(),
        after_failure: AfterFailure::Stop,
    };
    for arg in rest {
        if arg == "--keep-going" {
            options.after_failure = AfterFailure::GoOn;
        } else if arg.starts_with('-') {
            return Err(WrongUsage(format!("`test` has no option `{arg}`.")));
        } else {
            options.filters.push(arg);
        }
    }
    Ok(Command::Test(options))
}

fn bench(rest: Vec<String>) -> Result<Command, WrongUsage> {
    let mut options = BenchOptions::default();
    for arg in rest {
        match arg.as_str() {
            "--quick" => options.quick = true,
            "--large" => options.large = true,
            option if option.starts_with('-') => {
                return Err(WrongUsage(format!("`bench` has no option `{option}`.")));
            }
            _ => options.filters.push(arg),
        }
    }
    Ok(Command::Bench(options))
}

fn soak(rest: Vec<String>) -> Result<Command, WrongUsage> {
    let mut options = SoakOptions::default();
    let mut args = rest.into_iter();
    while let Some(arg) = args.next() {
        let number = match arg.as_str() {
            "--minutes" => &mut options.minutes,
            "--seed" => &mut options.seed,
            "--kills" => &mut options.kills,
            option if option.starts_with('-') => {
                return Err(WrongUsage(format!("`soak` has no option `{option}`.")));
            }
            _ => {
                options.filters.push(arg);
                continue;
            }
        };
        let value = args.next().and_then(|value| value.parse().ok());
        *number = Some(
            value.ok_or_else(|| WrongUsage(format!("`{arg}` needs a whole number after it.")))?,
        );
    }
    Ok(Command::Soak(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str) -> Result<Command, WrongUsage> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_command_of_the_help_is_understood_and_no_other() {
        let in_help: Vec<&str> = HELP
            .lines()
            .filter_map(|line| line.strip_prefix("  "))
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert_eq!(
            in_help,
            ["build", "run", "test", "tidy", "bench", "soak", "help"]
        );
        for word in in_help {
            assert!(typed(word).is_ok(), "{word}");
        }
        let wrong = typed("tets").unwrap_err();
        assert_eq!(wrong.to_string(), "cargo xtask has no command `tets`.");
        assert!(typed("").is_err());
    }

    #[test]
    fn test_takes_filters_and_one_option() {
        assert_eq!(
            typed("test hours --keep-going signup"),
            Ok(Command::Test(TestOptions {
                filters: vec!["hours".to_owned(), "signup".to_owned()],
                after_failure: AfterFailure::GoOn,
            }))
        );
        assert!(typed("test --keepgoing").is_err());
    }

    #[test]
    fn soak_takes_filters_and_three_numbers() {
        assert_eq!(
            typed("soak kannel --minutes 5 --seed 17 walk --kills 20"),
            Ok(Command::Soak(SoakOptions {
                filters: vec!["kannel".to_owned(), "walk".to_owned()],
                minutes: Some(5),
                seed: Some(17),
                kills: Some(20),
            }))
        );
        for wrong in ["soak --minutes", "soak --seed many", "soak --hours 2"] {
            assert!(typed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bench_takes_filters_and_two_options() {
        assert_eq!(
            typed("bench answers --quick kannel"),
            Ok(Command::Bench(BenchOptions {
                filters: vec!["answers".to_owned(), "kannel".to_owned()],
                quick: true,
                large: false,
            }))
        );
        assert!(typed("bench --quik").is_err());
    }

    #[test]
    fn what_follows_run_goes_to_the_program_untouched() {
        assert_eq!(
            typed("run --store :memory: --help"),
            Ok(Command::Run(vec![
                "--store".into(),
                ":memory:".into(),
                "--help".into()
            ]))
        );
    }

    #[test]
    fn a_stray_argument_is_refused_and_help_is_given_where_it_is_asked_for() {
        assert!(typed("build fast").is_err());
        assert_eq!(typed("build --help"), Ok(Command::Help));
        assert_eq!(typed("test -h"), Ok(Command::Help));
    }
}
