//! "Did that help?" (b6): the keyword that a library chose for that is started some time after an
//! answered question was closed, in the hours in which the library may text unasked.

use std::sync::Arc;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::directory::{Keyword, Library};
use callslip_core::ids::TicketId;
use callslip_core::inbound::Namespace;
use callslip_core::quiet::{self, Release};
use callslip_core::route;
use callslip_store::desk::Survey;

use crate::Engine;
use crate::waiting::Token;
use crate::worker::{self, Job};

/// Who has more to say says it by then.
const AFTER: Duration = Duration::from_secs(10 * 60);
/// Nobody remembers later what it was about.
const WITHIN: Duration = Duration::from_secs(24 * 60 * 60);
/// Of a library at once.
const MAX: usize = 50;

impl Engine {
    /// Asks whom it is time to ask.
    pub async fn survey_due(&self) {
        let now = self.now();
        let running = self.running();
        for library in running.directory.libraries.values() {
            let Some(keyword) = asks(library) else {
                continue;
            };
            let (id, span) = (library.id.clone(), (now - WITHIN, now - AFTER));
            let due = self
                .look("looking for whom to ask how it went", move |reader| {
                    reader.desk().to_survey(&id, span, MAX)
                })
                .await;
            for ticket in due.unwrap_or_default() {
                self.survey(library, keyword, ticket, now).await;
            }
        }
    }

    async fn survey(&self, library: &Library, keyword: &Keyword, ticket: TicketId, now: At) {
        let head = self
            .look("looking up a ticket", move |reader| {
                reader.desk().ticket_head(ticket)
            })
            .await;
        let Some(head) = head.flatten() else {
            return;
        };
        let running = self.running();
        let Some(number) = running.directory.number(&head.number) else {
            return;
        };
        let seed = ticket.0.unsigned_abs();
        if quiet::hold(number, library, now, now + WITHIN, seed) != Release::Now {
            return;
        }
        let survey = Survey {
            ticket,
            body: route::started_by_staff(&library.id, &keyword.id),
            gateway: match head.namespace {
                Namespace::Real => number.gateway.clone(),
                Namespace::Simulator => head.gateway,
            },
            now,
        };
        let text = self
            .ask("asking how it went", |done| {
                self.shared.store.desk().survey(survey, done);
            })
            .await;
        if let Some(text) = text.flatten() {
            let token = Arc::new(Token::outbox());
            worker::enter(&self.shared, Job::new(text, token));
        }
    }
}

fn asks(library: &Library) -> Option<&Keyword> {
    let keyword = library.keyword(library.desk.survey.as_ref()?)?;
    keyword.enabled.then_some(keyword)
}
