//! Somebody at the desk starts a keyword for the patron: what stands for the text names library
//! and keyword. It is part of the answer to the patron's question, so consent is asked as for a
//! reply; a question that waits is put aside as by the patron's own keyword.

use super::{Desk, Plan, World, suspend};
use crate::directory::Number;
use crate::snapshot::Consent;

pub(super) fn plan(world: &World<'_>, number: &Number) -> Plan {
    if world.snapshot.conversation.consent == Consent::Out {
        return Plan::new(world, "opted-out");
    }
    let named = world
        .text
        .body
        .split_once(' ')
        .and_then(|(library, keyword)| {
            let library = world.directory.library(&library.into())?;
            Some((library, library.keyword(&keyword.into())?))
        });
    let Some((library, keyword)) = named.filter(|(_, keyword)| keyword.enabled) else {
        return Plan::new(world, "closed-keyword");
    };
    let desk = Desk::new(world, number, library, "");
    let mut plan = desk.start(keyword, "", "started-by-staff");
    suspend(&mut plan, &desk);
    plan
}
