//! `messages!()`: what a flow says, one TOML file a language, as methods of a type.
//!
//! The files are read while the flow is compiled; a component holds the sentences and no reader.
//! All that is wrong in any of them is said at once, by file and message.

use std::collections::BTreeMap;
use std::path::Path;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Error;
use toml::{Table, Value};

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    if !input.is_empty() {
        return Error::new_spanned(input, "messages!() takes nothing: it reads messages/*.toml")
            .to_compile_error();
    }
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let files = read(&Path::new(&folder).join("messages"));
    files
        .and_then(|files| Catalogue::of(&files))
        .map(|catalogue| catalogue.emit())
        .unwrap_or_else(|wrong| Error::new(Span::call_site(), wrong.join("\n")).to_compile_error())
}

/// Language to the file's text, English first.
type Files = Vec<(String, String)>;

fn read(folder: &Path) -> Result<Files, Vec<String>> {
    let cannot = |error: std::io::Error| vec![format!("messages/: {error}")];
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let language = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        files.push((
            language.unwrap_or_default(),
            std::fs::read_to_string(&path).map_err(cannot)?,
        ));
    }
    files.sort_by_key(|(language, _)| (language != "en", language.clone()));
    Ok(files)
}

struct Catalogue {
    languages: Vec<String>,
    messages: Vec<Message>,
}

struct Message {
    name: String,
    /// As they first appear in English.
    placeholders: Vec<String>,
    /// One a language, in their order.
    wordings: Vec<Wording>,
}

enum Wording {
    Plain(Vec<Piece>),
    Counted { one: Vec<Piece>, other: Vec<Piece> },
}

#[derive(Clone)]
enum Piece {
    Text(String),
    Placeholder(String),
}

impl Catalogue {
    fn of(files: &[(String, String)]) -> Result<Catalogue, Vec<String>> {
        let mut wrong = Vec::new();
        if files.first().is_none_or(|(language, _)| language != "en") {
            return Err(vec![
                "messages/en.toml is missing: other languages fall back on it".into(),
            ]);
        }
        let mut wordings: Vec<BTreeMap<String, Wording>> = Vec::new();
        for (language, text) in files {
            let mut of_language = BTreeMap::new();
            match text.parse::<Table>() {
                Err(error) => wrong.push(format!("messages/{language}.toml: {error}")),
                Ok(table) => {
                    for (name, value) in table {
                        match wording(&name, &value) {
                            Ok(wording) => drop(of_language.insert(name, wording)),
                            Err(why) => {
                                wrong.push(format!("messages/{language}.toml: {name}: {why}"));
                            }
                        }
                    }
                }
            }
            wordings.push(of_language);
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let names: Vec<String> = wordings[0].keys().cloned().collect();
        let mut messages = Vec::new();
        for name in &names {
            let mut placeholders: Vec<String> = Vec::new();
            let mut of_message = Vec::new();
            for ((language, _), known) in files.iter().zip(&mut wordings) {
                let Some(wording) = known.remove(name) else {
                    wrong.push(format!("messages/{language}.toml: {name} is missing"));
                    continue;
                };
                if language == "en" {
                    placeholders = wording.placeholders();
                } else if sorted(wording.placeholders()) != sorted(placeholders.clone()) {
                    wrong.push(format!(
                        "messages/{language}.toml: {name} has not the placeholders of English: {}",
                        placeholders.join(", ")
                    ));
                }
                of_message.push(wording);
            }
            messages.push(Message {
                name: name.clone(),
                placeholders,
                wordings: of_message,
            });
        }
        for ((language, _), known) in files.iter().zip(&wordings) {
            for name in known.keys() {
                wrong.push(format!(
                    "messages/{language}.toml: {name} is not in English"
                ));
            }
        }
        let languages = files.iter().map(|(language, _)| language.clone()).collect();
        if wrong.is_empty() {
            Ok(Catalogue {
                languages,
                messages,
            })
        } else {
            Err(wrong)
        }
    }

    fn emit(&self) -> TokenStream {
        let tracked = self.languages.iter().map(|language| {
            let file = format!("/messages/{language}.toml");
            quote! { const _: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), #file)); }
        });
        let arms = self
            .languages
            .iter()
            .enumerate()
            .skip(1)
            .map(|(at, language)| {
                let at = at as u8;
                quote! { #language => #at, }
            });
        let languages = &self.languages;
        let methods = self
            .messages
            .iter()
            .map(|message| message.emit(&self.languages));
        quote! {
            #(#tracked)*

            /// What this flow says, in one language.
            #[derive(Clone, Copy)]
            pub(crate) struct Messages {
                language: u8,
            }

            impl Messages {
                /// In the language of a tag such as `es-MX`, else in English.
                pub(crate) fn for_language(tag: &str) -> Messages {
                    let primary = tag.split('-').next().unwrap_or(tag);
                    let language = match primary {
                        #(#arms)*
                        _ => 0,
                    };
                    Messages { language }
                }

                /// The tag of the language that these are in.
                #[allow(dead_code, reason = "a flow without dates and times has no use for it")]
                pub(crate) fn language(self) -> &'static str {
                    [#(#languages),*].get(usize::from(self.language)).copied().unwrap_or("en")
                }

                #(#methods)*
            }
        }
    }
}

impl Message {
    fn emit(&self, languages: &[String]) -> TokenStream {
        let name = ident(&self.name);
        let arguments = self.placeholders.iter().map(|placeholder| {
            let argument = ident(placeholder);
            if self.counted() && placeholder == "count" {
                quote! { #argument: u64 }
            } else {
                quote! { #argument: &str }
            }
        });
        let spelled = self.counted().then(|| {
            quote! {
                let number = count;
                let count = number.to_string();
                let count = count.as_str();
            }
        });
        // The last language listed first, so that English is the arm for everything else.
        let arms = self.wordings.iter().zip(languages).enumerate().rev().map(
            |(at, (wording, language))| {
                let at = at as u8;
                let text = wording.emit(language);
                if at == 0 {
                    quote! { _ => #text }
                } else {
                    quote! { #at => #text }
                }
            },
        );
        let doc = format!("{} (messages/*.toml)", self.name);
        quote! {
            #[doc = #doc]
            pub(crate) fn #name(self #(, #arguments)*) -> String {
                #spelled
                match self.language { #(#arms,)* }
            }
        }
    }

    fn counted(&self) -> bool {
        self.wordings
            .iter()
            .any(|wording| matches!(wording, Wording::Counted { .. }))
    }
}

impl Wording {
    fn placeholders(&self) -> Vec<String> {
        let pieces: Vec<&Piece> = match self {
            Wording::Plain(pieces) => pieces.iter().collect(),
            Wording::Counted { one, other } => other.iter().chain(one).collect(),
        };
        let mut found = Vec::new();
        if matches!(self, Wording::Counted { .. }) {
            found.push("count".to_owned());
        }
        for piece in pieces {
            if let Piece::Placeholder(name) = piece
                && !found.contains(name)
            {
                found.push(name.clone());
            }
        }
        found
    }

    fn emit(&self, language: &str) -> TokenStream {
        match self {
            Wording::Plain(pieces) => joined(pieces),
            Wording::Counted { one, other } => {
                let (one, other) = (joined(one), joined(other));
                // French counts nothing as one (CLDR plural rules).
                let is_one = if language == "fr" {
                    quote!(number <= 1)
                } else {
                    quote!(number == 1)
                };
                quote! { if #is_one { #one } else { #other } }
            }
        }
    }
}

fn joined(pieces: &[Piece]) -> TokenStream {
    let parts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => quote! { #text },
        Piece::Placeholder(name) => {
            let name = ident(name);
            quote! { #name }
        }
    });
    quote! { [#(#parts),*].concat() }
}

fn wording(name: &str, value: &Value) -> Result<Wording, String> {
    if !plain(name) {
        return Err("a message's name is lower-case letters and hyphens".into());
    }
    match value {
        Value::String(text) => pieces(text).map(Wording::Plain),
        Value::Table(forms) => {
            let form = |form: &str| match forms.get(form) {
                Some(Value::String(text)) => pieces(text),
                _ => Err(format!("the form \"{form}\" is missing")),
            };
            if let Some(other) = forms
                .keys()
                .find(|key| !["one", "other"].contains(&key.as_str()))
            {
                return Err(format!(
                    "\"{other}\" is not a form: there are one and other"
                ));
            }
            Ok(Wording::Counted {
                one: form("one")?,
                other: form("other")?,
            })
        }
        _ => Err("a message is a text, or a table of texts one and other".into()),
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, braced) = rest.split_at(at);
        let name = braced
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'));
        let Some((name, after)) = name.filter(|(name, _)| plain(name)) else {
            return Err(
                "a placeholder is {lower-case-letters}; braces stand for nothing else".into(),
            );
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        pieces.push(Piece::Placeholder(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

fn plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

fn ident(name: &str) -> proc_macro2::Ident {
    format_ident!("{}", name.replace('-', "_"))
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn wrong(files: &[(&str, &str)], expect: &[&str]) {
        let files: Vec<_> = files
            .iter()
            .map(|(l, t)| ((*l).to_owned(), (*t).to_owned()))
            .collect();
        let found = Catalogue::of(&files).map(|_| ()).unwrap_err();
        assert_eq!(found, expect);
    }

    #[test]
    fn all_that_is_wrong_in_any_file_is_said_at_once() {
        wrong(
            &[("es", "")],
            &["messages/en.toml is missing: other languages fall back on it"],
        );
        wrong(
            &[
                ("en", "a = 'for {name}'\nb = 'x'"),
                ("es", "a = 'para ti'\nc = 'y'"),
            ],
            &[
                "messages/es.toml: a has not the placeholders of English: name",
                "messages/es.toml: b is missing",
                "messages/es.toml: c is not in English",
            ],
        );
        wrong(
            &[("en", "a = '{'\nb = { one = 'x' }\nC = 'x'\nd = 1")],
            &[
                "messages/en.toml: C: a message's name is lower-case letters and hyphens",
                "messages/en.toml: a: a placeholder is {lower-case-letters}; braces stand for nothing else",
                "messages/en.toml: b: the form \"other\" is missing",
                "messages/en.toml: d: a message is a text, or a table of texts one and other",
            ],
        );
    }
}
