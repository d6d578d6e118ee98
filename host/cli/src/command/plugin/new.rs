//! `callslip plugin new`: writes a crate that builds, tests and plays at once. The SDK is taken
//! from a folder: it is in no registry, and whoever has this program has its repository.

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
    /// The folder of Callslip's SDK; not needed inside Callslip's repository
    #[arg(long, value_name = "FOLDER")]
    sdk: Option<PathBuf>,
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
        let here = std::env::current_dir().context("cannot tell where this is")?;
        let sdk = match &self.sdk {
            Some(folder) => is_sdk(folder).then(|| folder.clone()),
            None => (here.ancestors().map(|folder| folder.join("sdk"))).find(|sdk| is_sdk(sdk)),
        };
        let Some(sdk) = sdk else {
            return Err(Stopped::usage(match &self.sdk {
                Some(folder) => format!("{} is not Callslip's SDK", folder.display()),
                None => "Callslip's SDK is not around here: say where it is, with --sdk FOLDER \
                         (the folder `sdk` of Callslip's repository)"
                    .to_owned(),
            }));
        };
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

fn write(folder: &Path, name: &str, sdk: &Path) -> anyhow::Result<()> {
    let cannot = |path: &Path| format!("cannot write {}", path.display());
    fs::create_dir_all(folder).with_context(|| cannot(folder))?;
    let sdk = way(&whole(folder)?, &whole(sdk)?);
    let Some(sdk) = sdk.to_str() else {
        bail!(
            "{} is not in Unicode, and Cargo.toml must name it",
            sdk.display()
        );
    };
    // A text in JSON is one in TOML too.
    let sdk = serde_json::to_string(sdk)?;
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
