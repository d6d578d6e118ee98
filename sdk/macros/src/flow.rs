//! `#[callslip::flow]`: checks the function, and writes the flow's type and its exports.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, LitStr, Meta, ReturnType, Token, Type, parenthesized};

/// Words that the host reads before any flow does (invariant: STOP wins).
#[rustfmt::skip]
const CONSENT_WORDS: [&str; 13] = [
    "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT",
    "HELP", "INFO", "START", "UNSTOP", "ARRET",
];

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = syn::parse2::<Arguments>(arguments);
    let function = syn::parse2::<ItemFn>(item.clone())
        .map_err(|error| form(error.span(), "this attribute belongs on a function", "flow"));
    match (arguments, function) {
        (Ok(arguments), Ok(function)) => match faults(&function) {
            None => emit(&arguments, &function),
            Some(error) => {
                let error = error.to_compile_error();
                // Kept, so that what else is wrong in it is said too.
                quote! { #error #function }
            }
        },
        (Err(error), Ok(function)) => {
            let error = error.to_compile_error();
            quote! { #error #function }
        }
        (Ok(_), Err(error)) => {
            let error = error.to_compile_error();
            quote! { #error #item }
        }
        (Err(mut one), Err(other)) => {
            one.combine(other);
            one.to_compile_error()
        }
    }
}

#[derive(Default)]
struct Arguments {
    name: Option<LitStr>,
    answers: Vec<LitStr>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut arguments = Arguments::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            if key == "name" {
                input.parse::<Token![=]>()?;
                arguments.name = Some(input.parse()?);
            } else if key == "answers" {
                let list;
                parenthesized!(list in input);
                let list = Punctuated::<LitStr, Token![,]>::parse_terminated(&list)?;
                arguments.answers.extend(list);
            } else {
                let what = "the attribute takes `name = \"..\"` and `answers(\"..\", ..)`";
                return Err(Error::new(key.span(), what));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        for answer in &arguments.answers {
            if CONSENT_WORDS.contains(&answer.value().to_uppercase().as_str()) {
                let what = format!(
                    "{:?} never reaches a flow: the host reads it as a consent word",
                    answer.value()
                );
                return Err(Error::new(answer.span(), what));
            }
        }
        Ok(arguments)
    }
}

/// Everything that is wrong with the function, as one error with a part each.
fn faults(function: &ItemFn) -> Option<Error> {
    let name = function.sig.ident.to_string();
    let mut found: Option<Error> = None;
    let mut add = |span: Span, what: &str| {
        let error = form(span, what, &name);
        match &mut found {
            Some(found) => found.combine(error),
            None => found = Some(error),
        }
    };
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        add(signature.fn_token.span(), "a flow is async");
    }
    if !signature.generics.params.is_empty() {
        add(signature.generics.span(), "a flow is not generic");
    }
    if signature.inputs.len() != 2 {
        add(
            signature.paren_token.span.join(),
            "a flow takes a `Talk` and its settings",
        );
    }
    for input in &signature.inputs {
        if let FnArg::Receiver(receiver) = input {
            add(receiver.span(), "a flow stands alone, not in an `impl`");
        }
    }
    if let Some(FnArg::Typed(argument)) = signature.inputs.first()
        && last_name(&argument.ty).is_none_or(|name| name != "Talk")
    {
        add(argument.ty.span(), "a flow's first argument is a `Talk`");
    }
    match &signature.output {
        ReturnType::Default => add(
            signature.paren_token.span.close(),
            "a flow gives an `Outcome`",
        ),
        ReturnType::Type(_, output) if last_name(output).is_none_or(|name| name != "Outcome") => {
            add(output.span(), "a flow gives an `Outcome`");
        }
        ReturnType::Type(..) => {}
    }
    found
}

fn form(span: Span, what: &str, name: &str) -> Error {
    let what = format!(
        "{what}\n  help: async fn {name}(talk: Talk, settings: MySettings) -> Outcome, with `()` \
         for a flow without settings"
    );
    Error::new(span, what)
}

fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// The function stays as it is. Beside it stands a type of the same name, which takes no place
/// among values: a flow `hours` may have a local `hours`.
fn emit(arguments: &Arguments, function: &ItemFn) -> TokenStream {
    let name = &function.sig.ident;
    let visibility = &function.vis;
    let docs = function
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"));
    let docs: Vec<_> = docs.collect();
    let summary = summary(&docs);
    let settings = match function.sig.inputs.iter().nth(1) {
        Some(FnArg::Typed(argument)) => (*argument.ty).clone(),
        _ => syn::parse_quote!(()),
    };
    let flow_name = match &arguments.name {
        Some(name) => quote! { #name },
        None => quote! { ::callslip::__private::flow_name(::core::env!("CARGO_PKG_NAME")) },
    };
    let answers = &arguments.answers;
    let settings_type = quote_spanned! { settings.span() => type Settings = #settings; };
    let export = export(name);
    quote! {
        #function

        #(#docs)*
        #[allow(
            dead_code,
            non_camel_case_types,
            reason = "a name for the function where a type is needed"
        )]
        #visibility struct #name {}

        // A second flow beside this one is told by its name, before a linker tells it by theirs.
        #[cfg(target_arch = "wasm32")]
        #[allow(dead_code, reason = "there for its name")]
        const A_CRATE_HAS_ONE_FLOW: () = ();

        const _: () = {
            const SCHEMA: ::callslip::settings::schema::Schema =
                <#settings as ::callslip::settings::Settings>::SCHEMA;
            const SCHEMA_TEXT: [u8; ::callslip::__private::length(&SCHEMA)] =
                ::callslip::__private::text(&SCHEMA);

            impl ::callslip::Flow for #name {
                #settings_type

                const MANIFEST: ::callslip::world::Manifest = ::callslip::world::Manifest {
                    name: #flow_name,
                    version: ::core::env!("CARGO_PKG_VERSION"),
                    summary: ::callslip::__private::first(
                        #summary,
                        ::core::env!("CARGO_PKG_DESCRIPTION"),
                    ),
                    settings_schema: ::callslip::__private::utf8(&SCHEMA_TEXT),
                    reserved_answers: &[#(#answers),*],
                };

                fn run(
                    talk: ::callslip::Talk,
                    settings: Self::Settings,
                ) -> impl ::core::future::Future<Output = ::callslip::Outcome> {
                    #name(talk, settings)
                }
            }

            #export

            // Where nothing is exported and no test runs, the flow is there all the same.
            let _ = #name;
        };
    }
}

fn export(name: &Ident) -> TokenStream {
    quote! {
        #[cfg(target_arch = "wasm32")]
        #[allow(
            unsafe_code,
            unreachable_pub,
            clippy::allow_attributes_without_reason,
            reason = "carries the two functions of a plugin over the component's border"
        )]
        mod export {
            struct Component;

            impl ::callslip::abi::Guest for Component {
                fn describe() -> ::callslip::abi::Manifest {
                    ::callslip::abi::describe::<super::#name>()
                }

                fn handle(
                    input: ::callslip::abi::Input,
                ) -> ::core::result::Result<::callslip::abi::Output, ::std::string::String> {
                    ::callslip::abi::handle::<super::#name>(input)
                }
            }

            ::callslip::abi::export!(Component with_types_in ::callslip::abi);
        }
    }
}

/// The doc comment's first paragraph on one line.
fn summary(docs: &[&syn::Attribute]) -> String {
    let lines = docs.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) => match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<String> = lines
        .map(|line| line.trim().to_owned())
        .take_while(|line| !line.is_empty())
        .collect();
    lines.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(item: TokenStream, arguments: TokenStream, parts: &[&str]) {
        let written = expand(arguments, item).to_string();
        for part in parts {
            assert!(written.contains(part), "no {part:?} in {written}");
        }
    }

    #[test]
    fn each_mistake_is_named_with_the_right_form() {
        says(
            quote! { fn hours(settings: Hours) {} },
            quote! {},
            &[
                "a flow is async",
                "a flow takes a `Talk` and its settings",
                "a flow's first argument is a `Talk`",
                "a flow gives an `Outcome`",
                "help: async fn hours(talk: Talk, settings: MySettings) -> Outcome",
            ],
        );
        says(
            quote! { struct Hours; },
            quote! {},
            &["this attribute belongs on a function"],
        );
        says(
            quote! { async fn hours<T>(talk: Talk, settings: T) -> Outcome { todo() } },
            quote! {},
            &["a flow is not generic"],
        );
    }

    #[test]
    fn a5_an_answer_that_is_a_consent_word_is_refused() {
        says(
            quote! { async fn poll(talk: Talk, settings: ()) -> Outcome { talk.finish() } },
            quote! { answers("YES", "Stop") },
            &["\\\"Stop\\\" never reaches a flow"],
        );
    }
}
