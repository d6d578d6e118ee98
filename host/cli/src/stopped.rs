//! Why a command ends early, with the exit code that the command line promises.

use std::process::ExitCode;

pub(crate) enum Stopped {
    /// 1: the thing asked for failed.
    Failed(anyhow::Error),
    /// 2: wrong usage or configuration; each line says where and what to do.
    Usage(Vec<String>),
}

impl Stopped {
    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Stopped::Usage(vec![line.into()])
    }

    pub(crate) fn failed(line: String) -> Self {
        Stopped::Failed(anyhow::Error::msg(line))
    }

    #[expect(
        clippy::print_stderr,
        reason = "this is where errors are told to people"
    )]
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Stopped::Failed(error) => {
                eprintln!("callslip: {error:#}");
                ExitCode::from(1)
            }
            Stopped::Usage(lines) => {
                for line in lines {
                    eprintln!("{line}");
                }
                ExitCode::from(2)
            }
        }
    }
}

impl From<anyhow::Error> for Stopped {
    fn from(error: anyhow::Error) -> Self {
        Stopped::Failed(error)
    }
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Stopped::Failed(error.into())
    }
}
