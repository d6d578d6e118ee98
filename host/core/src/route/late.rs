//! Texts that reached us long after they were sent: the host was down, or its gateway was. Their
//! consent words have acted by then and their questions go to a person as ever, but a keyword is
//! not answered with a fact that nobody waits for any more (f1).

use std::time::Duration;

use super::{Act, Desk, Plan, World};
use crate::flow::Event;
use crate::messages::Name;

const LATE: Duration = Duration::from_secs(15 * 60);

pub(super) fn or_as_it_is(world: &World<'_>, plan: Plan) -> Plan {
    if world.now.since(world.text.received) <= LATE {
        return plan;
    }
    let Act::Run(run) = &plan.act else {
        return plan;
    };
    // What answers a waiting question is as good as before.
    if !matches!(run.event, Event::Started(_)) {
        return plan;
    }
    let number = world.directory.number(&world.text.number);
    let library = plan.library.as_ref();
    let library = library.and_then(|id| world.directory.library(id));
    let keyword = library.and_then(|library| library.keyword(&run.keyword));
    let (Some(number), Some(library), Some(keyword)) = (number, library, keyword) else {
        return plan;
    };
    let desk = Desk::new(world, number, library, &run.body);
    let values = [
        ("keyword", keyword.word.as_str()),
        ("library", library.short_name.as_str()),
    ];
    let mut late = desk.say("late", vec![desk.sentence(Name::KeywordLate, &values)]);
    late.keyword = Some(keyword.id.clone());
    late
}
