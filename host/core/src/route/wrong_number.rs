//! "Wrong number", "this isn't Maria": all that was kept for somebody else is closed (a9), and the
//! number itself says so once, with what a first answer must say.

use super::{Act, Plan, World};
use crate::directory::Number;
use crate::messages::{Messages, Name, Reworded};
use crate::text::consent;
use crate::text::host_words;
use crate::text::keyword::Tokens;

pub(super) fn plan(world: &World<'_>, number: &Number) -> Plan {
    let mut plan = Plan::new(world, "wrong-number");
    let said = Tokens::of(&world.text.body);
    let language = host_words::wrong_number(&said).map_or("en", |wrong| wrong.language);
    let library = world.directory.library(&number.front_desk);
    let none = Reworded::new();
    let reworded = library.map_or(&none, |library| &library.reworded);
    let values = [
        ("brand", number.brand.as_str()),
        (
            "rates",
            consent::rates(number.jurisdiction, language).unwrap_or_default(),
        ),
    ];
    let sentence = Messages::shipped().text(Name::WrongNumber, language, reworded);
    plan.language = language.to_owned();
    plan.conversation.signed = true;
    plan.act = Act::Say {
        texts: vec![sentence.fill(&values)],
        plain: true,
    };
    plan
}
