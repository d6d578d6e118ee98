//! One file, parsed as TOML. A file with a mistake in its TOML has that one problem; what can be
//! read of it all the same is kept, so that texts to a broken library still find it (c5).

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use super::File;
use super::problem::{Effect, Findings};
use super::table::Table;

pub(super) struct Document<'f> {
    pub(super) file: &'f File,
    root: Spanned<DeTable<'f>>,
    syntax: Option<toml::de::Error>,
}

impl<'f> Document<'f> {
    pub(super) fn parse(file: &'f File) -> Self {
        let (root, errors) = DeTable::parse_recoverable(&file.text);
        let first = |error: &toml::de::Error| error.span().map_or(usize::MAX, |span| span.start);
        Self {
            file,
            root,
            // What follows the first one is often only its echo.
            syntax: errors.into_iter().min_by_key(first),
        }
    }

    /// The file, and where to note what is wrong in it.
    pub(super) fn open(&self, effect: Effect) -> (Table<'_>, Findings) {
        let found = Findings::new(&self.file.path, &self.file.text, effect);
        (Table::new(self.root.get_ref(), String::new(), 0..0), found)
    }

    pub(super) fn root(&self) -> &DeTable<'f> {
        self.root.get_ref()
    }

    /// When all has been read: of a file that does not parse, only that is reported.
    pub(super) fn close(&self, found: &mut Findings) {
        if let Some(error) = &self.syntax {
            found.forget();
            let at = error.span().unwrap_or(0..0);
            let what = format!("this is not valid TOML: {}", error.message());
            let remedy =
                "Correct this line, or the one above it; the rest of the file is checked then.";
            found.report(&at, what, remedy);
        }
    }

    /// A text at the top of the file, without a word about what is wrong with it.
    pub(super) fn peek(&self, key: &str) -> Option<&str> {
        self.root.get_ref().get(key)?.get_ref().as_str()
    }

    /// Where a field at the top of the file stands.
    pub(super) fn at(&self, key: &str) -> Range<usize> {
        let field = self.root.get_ref().get_key_value(key);
        field.map_or(0..0, |(key, _)| key.span())
    }

    pub(super) fn parses(&self) -> bool {
        self.syntax.is_none()
    }

    /// The file's name without its ending: a library's id unless the file says otherwise.
    pub(super) fn stem(&self) -> String {
        let stem = self.file.path.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }
}
