//! `#[derive(Settings)]`: the shape of a struct or plain enum, and how it is read.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{
    Data, DataEnum, DeriveInput, Error, Expr, ExprLit, Field, Fields, Ident, Lit, LitStr, Meta,
    Token, Type, UnOp, parenthesized,
};

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    syn::parse2(item)
        .and_then(derive)
        .unwrap_or_else(|error| error.to_compile_error())
}

fn derive(input: DeriveInput) -> syn::Result<TokenStream> {
    if let Some(parameter) = input.generics.params.first() {
        return Err(Error::new_spanned(parameter, "settings are not generic"));
    }
    let name = &input.ident;
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => table(name, fields.named.iter()),
            Fields::Unit => table(name, std::iter::empty()),
            Fields::Unnamed(fields) => Err(Error::new_spanned(
                fields,
                "settings have named fields: the admin writes them",
            )),
        },
        Data::Enum(data) => choice(name, data),
        Data::Union(data) => Err(Error::new_spanned(
            data.union_token,
            "settings are a struct or a plain enum",
        )),
    }
}

fn table<'a>(name: &Ident, fields: impl Iterator<Item = &'a Field>) -> syn::Result<TokenStream> {
    let mut shapes = Vec::new();
    let mut reads = Vec::new();
    let mut wrong: Option<Error> = None;
    for field in fields {
        match Setting::of(field) {
            Ok(setting) => {
                shapes.push(setting.shape());
                reads.push(setting.read());
            }
            Err(error) => match &mut wrong {
                Some(wrong) => wrong.combine(error),
                None => wrong = Some(error),
            },
        }
    }
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    Ok(quote! {
        impl ::callslip::settings::Settings for #name {
            const SCHEMA: ::callslip::settings::schema::Schema =
                ::callslip::settings::schema::Schema::Table(&[#(#shapes),*]);

            fn read(
                table: &::callslip::json::Json,
            ) -> ::core::result::Result<Self, ::callslip::settings::Misfit> {
                if !::core::matches!(table, ::callslip::json::Json::Table(_)) {
                    return ::core::result::Result::Err(
                        ::callslip::settings::Misfit::wanted("a table"),
                    );
                }
                ::core::result::Result::Ok(#name { #(#reads),* })
            }
        }
    })
}

fn choice(name: &Ident, data: &DataEnum) -> syn::Result<TokenStream> {
    let mut words = Vec::new();
    let mut arms = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            let what = "a setting's enum has variants without fields: each is a word to choose";
            return Err(Error::new_spanned(variant, what));
        }
        let word = hyphens(&variant.ident.to_string());
        let ident = &variant.ident;
        words.push(quoted(&word));
        arms.push(quote! {
            ::core::option::Option::Some(#word) => ::core::result::Result::Ok(#name::#ident)
        });
    }
    let wanted = format!("one of {}", words.join(", "));
    Ok(quote! {
        impl ::callslip::settings::Settings for #name {
            const SCHEMA: ::callslip::settings::schema::Schema =
                ::callslip::settings::schema::Schema::Choice(&[#(#words),*]);

            fn read(
                value: &::callslip::json::Json,
            ) -> ::core::result::Result<Self, ::callslip::settings::Misfit> {
                match value.text() {
                    #(#arms,)*
                    _ => ::core::result::Result::Err(
                        ::callslip::settings::Misfit::wanted(#wanted),
                    ),
                }
            }
        }
    })
}

/// A field with what stands in its `#[setting(..)]`. Texts are JSON, empty for none.
struct Setting<'a> {
    field: &'a Field,
    name: String,
    title: String,
    description: String,
    /// `Some(None)`: the type's own default.
    default: Option<Option<String>>,
    example: String,
    min: String,
    max: String,
    min_length: String,
    max_length: String,
    variables: Vec<LitStr>,
}

impl<'a> Setting<'a> {
    fn of(field: &'a Field) -> syn::Result<Self> {
        let ident = field
            .ident
            .as_ref()
            .map(Ident::to_string)
            .unwrap_or_default();
        let plain = ident.trim_start_matches("r#");
        let mut setting = Setting {
            field,
            name: plain.replace('_', "-"),
            title: quoted(&title(plain)),
            description: described(field),
            default: None,
            example: String::new(),
            min: String::new(),
            max: String::new(),
            min_length: String::new(),
            max_length: String::new(),
            variables: Vec::new(),
        };
        for attribute in field
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("setting"))
        {
            attribute.parse_args_with(|input: ParseStream<'_>| setting.parse(input))?;
        }
        Ok(setting)
    }

    fn parse(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            match key.to_string().as_str() {
                "default" if !input.peek(Token![=]) => self.default = Some(None),
                "default" => self.default = Some(Some(value(input)?)),
                "example" => self.example = value(input)?,
                "min" => self.min = value(input)?,
                "max" => self.max = value(input)?,
                "min_length" => self.min_length = value(input)?,
                "max_length" => self.max_length = value(input)?,
                "title" => self.title = value(input)?,
                "variables" => {
                    let list;
                    parenthesized!(list in input);
                    let list = Punctuated::<LitStr, Token![,]>::parse_terminated(&list)?;
                    self.variables = list.into_iter().collect();
                    self.check_variables()?;
                }
                "secret" => {
                    let what = "settings are shown, exported and copied: a password or key belongs \
                                to the keyword's grant, where the host adds it and the flow never \
                                holds it";
                    return Err(Error::new(key.span(), what));
                }
                _ => {
                    let what = "a setting takes default, example, min, max, min_length, \
                                max_length, variables(..) and title";
                    return Err(Error::new(key.span(), what));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    fn check_variables(&self) -> syn::Result<()> {
        for variable in &self.variables {
            let plain = variable
                .value()
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'-');
            if !plain || variable.value().is_empty() {
                let what = "a variable is lower-case letters and hyphens";
                return Err(Error::new(variable.span(), what));
            }
        }
        Ok(())
    }

    fn shape(&self) -> TokenStream {
        let Setting {
            name,
            title,
            description,
            example,
            ..
        } = self;
        let Setting {
            min,
            max,
            min_length,
            max_length,
            variables,
            ..
        } = self;
        let ty = &self.field.ty;
        let required = self.default.is_none() && !optional(ty);
        let default = self
            .default
            .iter()
            .flatten()
            .next()
            .map_or("", String::as_str);
        quote! {
            ::callslip::settings::schema::Field {
                name: #name,
                schema: <#ty as ::callslip::settings::Settings>::SCHEMA,
                required: #required,
                title: #title,
                description: #description,
                default: #default,
                example: #example,
                limits: ::callslip::settings::schema::Limits {
                    min: #min,
                    max: #max,
                    min_length: #min_length,
                    max_length: #max_length,
                    variables: &[#(#variables),*],
                },
            }
        }
    }

    fn read(&self) -> TokenStream {
        let (ident, name) = (&self.field.ident, &self.name);
        match &self.default {
            None => quote! {
                #ident: ::callslip::__private::field(table, #name, ::core::option::Option::None)?
            },
            Some(Some(default)) => quote! {
                #ident: ::callslip::__private::field(
                    table, #name, ::core::option::Option::Some(#default),
                )?
            },
            Some(None) => quote! {
                #ident: match table.get(#name) {
                    ::core::option::Option::Some(_) => ::callslip::__private::field(
                        table, #name, ::core::option::Option::None,
                    )?,
                    ::core::option::Option::None => ::core::default::Default::default(),
                }
            },
        }
    }
}

/// `= literal` as JSON.
fn value(input: ParseStream<'_>) -> syn::Result<String> {
    input.parse::<Token![=]>()?;
    json(&input.parse()?)
}

fn json(expression: &Expr) -> syn::Result<String> {
    let wrong = || Error::new_spanned(expression, "write a text, a number, true, false or a list");
    match expression {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Str(text) => Ok(quoted(&text.value())),
            Lit::Bool(value) => Ok(value.value.to_string()),
            Lit::Int(number) => Ok(number.base10_digits().to_owned()),
            Lit::Float(number) => Ok(number.base10_digits().to_owned()),
            _ => Err(wrong()),
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            Ok(format!("-{}", json(&unary.expr)?))
        }
        Expr::Array(array) => {
            let items = array
                .elems
                .iter()
                .map(json)
                .collect::<syn::Result<Vec<_>>>()?;
            Ok(format!("[{}]", items.join(",")))
        }
        _ => Err(wrong()),
    }
}

fn optional(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "Option"),
        _ => false,
    }
}

/// The field's doc comment; paragraphs stay apart, lines are joined.
fn described(field: &Field) -> String {
    let mut paragraphs = vec![String::new()];
    for attribute in &field.attrs {
        let Meta::NameValue(pair) = &attribute.meta else {
            continue;
        };
        let Expr::Lit(ExprLit {
            lit: Lit::Str(line),
            ..
        }) = &pair.value
        else {
            continue;
        };
        if !pair.path.is_ident("doc") {
            continue;
        }
        let line = line.value();
        let last = paragraphs.len() - 1;
        if line.trim().is_empty() {
            paragraphs.push(String::new());
        } else {
            let space = if paragraphs[last].is_empty() { "" } else { " " };
            paragraphs[last] += space;
            paragraphs[last] += line.trim();
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    if paragraphs.is_empty() {
        String::new()
    } else {
        quoted(&paragraphs.join("\n"))
    }
}

/// `ask_name` as a person reads it: `Ask name`.
fn title(ident: &str) -> String {
    let spaced = ident.replace('_', " ");
    let mut characters = spaced.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => spaced,
    }
}

/// `StoryTime` as it is written in the config: `story-time`.
fn hyphens(ident: &str) -> String {
    let mut out = String::new();
    for (at, character) in ident.chars().enumerate() {
        if character.is_uppercase() && at > 0 {
            out.push('-');
        }
        out.extend(character.to_lowercase());
    }
    out
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(item: TokenStream, part: &str) {
        let written = expand(item).to_string();
        assert!(written.contains(part), "no {part:?} in {written}");
    }

    #[test]
    fn c4_a_secret_setting_is_refused() {
        says(
            quote! { struct Renew { #[setting(secret)] password: String } },
            "belongs to the keyword's grant",
        );
    }

    #[test]
    fn each_mistake_is_named() {
        says(
            quote! { struct Pair(String, String); },
            "settings have named fields",
        );
        says(
            quote! { enum Kind { Daily(u8) } },
            "variants without fields",
        );
        says(
            quote! { struct Any<T> { one: T } },
            "settings are not generic",
        );
        says(
            quote! { struct A { #[setting(least = 1)] b: u8 } },
            "a setting takes default",
        );
        says(
            quote! { struct A { #[setting(default = x())] b: u8 } },
            "write a text, a number",
        );
        says(
            quote! { struct A { #[setting(variables("Big"))] b: String } },
            "lower-case",
        );
    }
}
