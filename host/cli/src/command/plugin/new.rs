//! `callslip plugin new`: writes a crate that builds, tests and plays at once, wherever it lies. The
//! SDK is a folder, a repository of git or a released version.

use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};

use crate::stopped::Stopped;

const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("template/Cargo.toml.txt")),
    ("src/lib.rs", include_str!("template/lib.rs.txt")),
    ("tests/by_name.txt", include_str!("template/by_name.txt")),
    ("README.md", include_str!("template/README.md.txt")),
    (".gitignore", "/target\n"),
];

/// What a function cannot be called, or would hide from the code around it.
const TAKEN: &[&str] = &[
    "abstract", "alloc", "as", "async", "await", "become", "box", "break", "callslip", "const",
    "continue", "core", "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn",
    "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut",
    "override", "priv", "pub", "ref", "return", "self", "static", "std", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where",
    "while", "yield",
];

const NAME_BYTES_MAX: usize = 40;

#[derive(clap::Args)]
pub(crate) struct New {
    /// What the configuration calls the flow, such as lost-books; a path says where the crate goes
    #[arg(value_name = "NAME")]
    folder: PathBuf,
    #[command(flatten)]
    sdk: SdkFrom,
}

/// Where the crate takes the SDK from; inside Callslip's repository it is found.
#[derive(clap::Args)]
#[group(multiple = false)]
struct SdkFrom {
    /// The folder `sdk` of Callslip's repository
    #[arg(long, value_name = "FOLDER", alias = "sdk")]
    sdk_path: Option<PathBuf>,
    /// The address of Callslip's repository, for git
    #[arg(long, value_name = "URL")]
    sdk_git: Option<String>,
    /// A version from Cargo's registry, such as 0.1
    #[arg(long, value_name = "VERSION")]
    sdk_version: Option<String>,
}

impl New {
    pub(super) fn run(self) -> Result<(), Stopped> {
        let name = self.folder.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        check_name(&name).map_err(Stopped::usage)?;
        if self.folder.exists() {
            let folder = self.folder.display();
            let line = format!("{folder} is there already: choose another name, or move it away");
            return Err(Stopped::usage(line));
        }
        let sdk = self.sdk.find()?;
        write(&self.folder, &name, &sdk)?;
        let folder = self.folder.display();
        writeln!(
            std::io::stdout().lock(),
            "Wrote {folder}. Its conversation is {folder}/tests/by_name.txt; play it:\n  callslip \
             plugin test {folder}"
        )?;
        Ok(())
    }
}

/// The SDK as a manifest names it.
#[derive(Debug, PartialEq, Eq)]
enum Sdk {
    Folder(PathBuf),
    Git(String),
    Version(String),
}

impl SdkFrom {
    fn find(&self) -> Result<Sdk, Stopped> {
        if let Some(folder) = &self.sdk_path {
            return match is_sdk(folder) {
                true => Ok(Sdk::Folder(folder.clone())),
                false => Err(Stopped::usage(format!(
                    "{} is not Callslip's SDK",
                    folder.display()
                ))),
            };
        }
        if let Some(url) = &self.sdk_git {
            return match url.contains(['/', ':']) && !url.contains(char::is_whitespace) {
                true => Ok(Sdk::Git(url.clone())),
                false => Err(Stopped::usage(format!(
                    "\"{url}\" is no address of a repository, such as \
                     https://git.example.org/callslip.git"
                ))),
            };
        }
        if let Some(version) = &self.sdk_version {
            return match is_version(version) {
                true => Ok(Sdk::Version(version.clone())),
                false => Err(Stopped::usage(format!(
                    "\"{version}\" is no version such as 0.1 or 0.1.2"
                ))),
            };
        }
        let here = std::env::current_dir().context("cannot tell where this is")?;
        (here.ancestors().map(|folder| folder.join("sdk")))
            .find(|sdk| is_sdk(sdk))
            .map(Sdk::Folder)
            .ok_or_else(|| {
                Stopped::usage(
                    "Callslip's SDK is not around here: say where it is, with --sdk-path FOLDER \
                     (the folder `sdk` of Callslip's repository), --sdk-git URL or --sdk-version \
                     VERSION",
                )
            })
    }
}

/// One to three numbers: more is Cargo's to say, and is changed in the manifest.
fn is_version(version: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    version.split('.').all(is_number) && version.split('.').count() <= 3
}

/// The name becomes a crate, a function and a file. Gives what is wrong with it, for people.
fn check_name(name: &str) -> Result<(), String> {
    let words_are_plain = name.split('-').all(|word| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        !word.is_empty() && word.chars().all(plain)
    });
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !words_are_plain || !begins || name.len() > NAME_BYTES_MAX {
        return Err(format!(
            "\"{name}\" cannot be a flow's name: write up to {NAME_BYTES_MAX} small letters and \
             digits, with a hyphen between words, such as lost-books"
        ));
    }
    if TAKEN.contains(&name) {
        return Err(format!(
            "\"{name}\" means something in Rust: choose another name"
        ));
    }
    Ok(())
}

fn is_sdk(folder: &Path) -> bool {
    fs::read_to_string(folder.join("Cargo.toml"))
        .is_ok_and(|manifest| manifest.lines().any(|line| line == "name = \"callslip\""))
}

fn write(folder: &Path, name: &str, sdk: &Sdk) -> anyhow::Result<()> {
    let cannot = |path: &Path| format!("cannot write {}", path.display());
    fs::create_dir_all(folder).with_context(|| cannot(folder))?;
    let sdk = dependency(folder, sdk)?;
    let type_name: String = name.split('-').map(capital).collect();
    for (file, template) in FILES {
        let text = template
            .replace("@NAME@", name)
            .replace("@FUNCTION@", &name.replace('-', "_"))
            .replace("@TYPE@", &type_name)
            .replace("@KEYWORD@", &name.replace('-', " ").to_uppercase())
            .replace("@SDK@", &sdk);
        let path = folder.join(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| cannot(parent))?;
        }
        fs::write(&path, text).with_context(|| cannot(&path))?;
    }
    Ok(())
}

/// What stands behind `callslip =`. A text in JSON is one in TOML too.
fn dependency(folder: &Path, sdk: &Sdk) -> anyhow::Result<String> {
    Ok(match sdk {
        Sdk::Folder(sdk) => {
            let sdk = way(&whole(folder)?, &whole(sdk)?);
            let Some(sdk) = sdk.to_str() else {
                bail!(
                    "{} is not in Unicode, and Cargo.toml must name it",
                    sdk.display()
                );
            };
            format!("{{ path = {} }}", serde_json::to_string(sdk)?)
        }
        Sdk::Git(url) => format!("{{ git = {} }}", serde_json::to_string(url)?),
        Sdk::Version(version) => serde_json::to_string(version)?,
    })
}

fn whole(path: &Path) -> anyhow::Result<PathBuf> {
    fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()))
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_uppercase() + rest
}

/// From one folder to another: a repository that is moved keeps its crates. Where they share
/// nothing but the root, the whole path says more.
fn way(from: &Path, to: &Path) -> PathBuf {
    let shared = (from.components().zip(to.components()))
        .take_while(|(one, other)| one == other)
        .count();
    let is_name = |component: &Component<'_>| matches!(component, Component::Normal(_));
    if !to.components().take(shared).any(|part| is_name(&part)) {
        return to.to_owned();
    }
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_a_crate_a_function_and_a_file() {
        for name in ["hours", "lost-books", "route66"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in [
            "", "-", "a-", "-a", "a--b", "Hours", "a b", "a_b", "66", "match", "callslip", "größe",
            "..",
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name(&"a".repeat(NAME_BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn the_sdk_is_named_as_cargo_reads_it() {
        let named = |sdk| dependency(Path::new("."), &sdk).expect("it has a name");
        let git = Sdk::Git("https://git.example.org/callslip.git".to_owned());
        assert_eq!(
            named(git),
            "{ git = \"https://git.example.org/callslip.git\" }"
        );
        assert_eq!(named(Sdk::Version("0.1".to_owned())), "\"0.1\"");
        for version in ["0.1", "1", "0.1.20"] {
            assert!(is_version(version), "{version}");
        }
        for version in ["", "v1", "0.1.", "0.1.2.3", "*", "1 "] {
            assert!(!is_version(version), "{version}");
        }
    }

    #[test]
    fn the_way_to_the_sdk_is_relative_where_both_move_together() {
        let way = |from: &str, to: &str| way(Path::new(from), Path::new(to));
        assert_eq!(
            way("/srv/c/plugins/a", "/srv/c/sdk"),
            Path::new("../../sdk")
        );
        assert_eq!(way("/srv/c/sdk/a", "/srv/c/sdk"), Path::new(".."));
        assert_eq!(way("/tmp/a", "/srv/c/sdk"), Path::new("/srv/c/sdk"));
    }
}
