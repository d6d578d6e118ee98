//! The machine's key, from a file or the environment. It is made at the first run, with mode
//! 0600; a store that has patrons refuses another one (f3).

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use callslip_core::config::KeySource;
use callslip_core::phone::{Keys, hex};

/// The key, and whether it was made just now.
pub(crate) fn load(source: &KeySource) -> anyhow::Result<(Keys, Made)> {
    match source {
        KeySource::Env(name) => {
            let text = std::env::var(name).with_context(|| {
                format!("the key is configured to come from the environment: set {name} to 64 hexadecimal digits")
            })?;
            Ok((
                Keys::new(parse(&text).with_context(|| format!("{name} is not a key"))?),
                Made::Before,
            ))
        }
        KeySource::File(path) => match fs::read_to_string(path) {
            Ok(text) => {
                let key =
                    parse(&text).with_context(|| format!("{} is not a key", path.display()))?;
                Ok((Keys::new(key), Made::Before))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = random()?;
                write(path, &key)?;
                Ok((Keys::new(key), Made::Now))
            }
            Err(error) => {
                Err(error).with_context(|| format!("cannot read the key {}", path.display()))
            }
        },
    }
}

/// The key, which must be there.
pub(crate) fn known(source: &KeySource) -> anyhow::Result<Keys> {
    if let KeySource::File(path) = source
        && !path.exists()
    {
        bail!(
            "there is no key at {}: without it nothing in the store can be read",
            path.display()
        );
    }
    Ok(load(source)?.0)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    Now,
    Before,
}

/// A key that lives as long as the process, for a store that does too.
pub(crate) fn passing() -> anyhow::Result<Keys> {
    Ok(Keys::new(random()?))
}

fn parse(text: &str) -> anyhow::Result<[u8; 32]> {
    let text = text.trim();
    if text.len() != 64 || !text.is_ascii() {
        bail!("a key is 64 hexadecimal digits");
    }
    let mut key = [0; 32];
    for (index, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16)
            .context("a key is 64 hexadecimal digits")?;
    }
    Ok(key)
}

fn random() -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut key))
        .context("cannot read /dev/urandom")?;
    Ok(key)
}

fn write(path: &Path, key: &[u8; 32]) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot make the key {}", path.display()))?;
    writeln!(file, "{}", hex(key))?;
    file.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f3_a_key_is_made_once_and_found_again() {
        let folder = std::env::temp_dir().join(format!("callslip-key-{}", std::process::id()));
        let source = KeySource::File(folder.join("callslip.key"));
        let (first, made) = load(&source).unwrap();
        assert_eq!(made, Made::Now);
        let (second, made) = load(&source).unwrap();
        assert_eq!(made, Made::Before);
        assert_eq!(first.fingerprint(), second.fingerprint());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "abc", &"g".repeat(64), &"é".repeat(32)] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
