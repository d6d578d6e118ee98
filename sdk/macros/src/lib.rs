//! The attribute, the derive and the messages of the callslip SDK, as an author meets them.
//!
//! Each kind has its file: what is wrong with the input is said there, all at once and with the
//! form that is right. What they write calls only `::callslip`.

mod flow;
mod messages;
mod settings;

use proc_macro::TokenStream;

/// Makes a flow of an async function that takes a `Talk` and its settings and gives an
/// `Outcome`. Its doc comment is what an admin reads; the flow is called as its crate, without
/// `flow-`. A type of the function's name stands for it in the test kit.
///
/// `#[callslip::flow(answers("YES", "NO"))]` names answers that some question of it always
/// lists; `name = ".."` is for a crate that holds several flows.
#[proc_macro_attribute]
pub fn flow(arguments: TokenStream, item: TokenStream) -> TokenStream {
    flow::expand(arguments.into(), item.into()).into()
}

/// Makes settings of a struct, or of an enum without fields. See the trait of the same name.
#[proc_macro_derive(Settings, attributes(setting))]
pub fn settings(item: TokenStream) -> TokenStream {
    settings::expand(item.into()).into()
}

/// Makes a type `Messages` of the files `messages/*.toml`, one a language, beside the crate's
/// `Cargo.toml`. Each message becomes a method, each `{placeholder}` an argument.
///
/// A message with forms `one` and `other` chooses by its placeholder `{count}`. The languages must
/// have the same messages with the same placeholders; English must be there.
#[proc_macro]
pub fn messages(input: TokenStream) -> TokenStream {
    messages::expand(input.into()).into()
}
