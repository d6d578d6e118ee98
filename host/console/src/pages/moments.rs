//! Reminders of a library: those that wait, and what became of the others, with why one did not go
//! out. What it says stands with its question; of a flow's it is the flow's own.

use callslip_core::directory::Library;
use callslip_core::due::Kind;
use callslip_core::staff::Action;
use callslip_engine::desk::{Reminder, ReminderState};
use maud::{Markup, html};

use super::ticket::{self, reminders::became};
use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

const ROWS: usize = 100;

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let (desk, actor) = (visit.desk(), visit.actor()?);
    let mut all = Vec::new();
    for library in visit.libraries(Action::SeeTexts)? {
        let found = desk.reminders_of_library(&actor, &library.id, ROWS).await?;
        all.push((library, found));
    }
    let body = html! {
        h1 { "Reminders" }
        p { "What goes out at its moment, outside quiet hours. One is set beside a patron's question." }
        @for (library, found) in &all {
            section aria-labelledby={ "reminders-" (library.id) } {
                h2 id={ "reminders-" (library.id) } { (library.name) }
                @if found.is_empty() { p.quiet { "None." } }
                @else { ul.plain { @for reminder in found { (line(visit, library, reminder)) } } }
            }
        }
    };
    Ok(frame::page(visit, Here::Queue, "Reminders", &body))
}

fn line(visit: &Visit, library: &Library, reminder: &Reminder) -> Markup {
    let zone = times::zone(library);
    html! {
        li {
            @if reminder.state == ReminderState::Waiting {
                (times::ahead(reminder.at, &zone, visit.now))
            } @else { (times::moment(reminder.changed, &zone, visit.now)) }
            ", for " (reminder.alias) ", of " (whose(library, reminder)) ": "
            span.quiet { (became(reminder)) }
        }
    }
}

fn whose(library: &Library, reminder: &Reminder) -> Markup {
    match (reminder.kind, reminder.ticket, &reminder.keyword) {
        (_, Some(ticket), _) => html! { a href=(ticket::path_of(ticket)) { "a person" } },
        (_, None, Some(keyword)) => {
            let known = library.keyword(keyword);
            html! { (known.map_or(&*keyword.0, |known| known.word.as_str())) }
        }
        (Kind::Invitation, ..) => html! { "invitation to come back" },
        (Kind::Reminder | Kind::TimedOut | Kind::Words, ..) => html! {},
    }
}
