//! Writing to a patron first: only where they said yes to that, and that yes is shown.

use callslip_core::ids::InboundId;
use callslip_engine::desk::Deed;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::{Shown, done, id, path};
use crate::answer::Answer;
use crate::parts::{token, words};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

/// This text of the patron's is a yes.
pub(crate) async fn keep(visit: &Visit) -> Result<Answer, Refusal> {
    let text = visit.asked.field("text").parse().map(InboundId);
    let text = text.map_err(|_| Refusal::Incomplete)?;
    let deed = Deed::Agreed { text };
    let did = visit.desk().patron(&visit.actor()?, id(visit)?, deed).await;
    done(visit, did).await
}

pub(crate) async fn write_first(visit: &Visit) -> Result<Answer, Refusal> {
    let did = visit.desk().write_first(&visit.actor()?, id(visit)?).await;
    done(visit, did).await
}

pub(super) fn card(visit: &Visit, shown: &Shown, zone: &TimeZone, may_answer: bool) -> Markup {
    let Some(agreed) = &shown.view.agreed else {
        return html! {};
    };
    let may_now = may_answer && !shown.is_mine(visit) && agreed.holds(visit.now);
    html! {
        section.card aria-labelledby="agreed" {
            h2 #agreed { "May be texted first" }
            p.quiet { "Asked, and answered " (times::moment(agreed.at, zone, visit.now)) }
            p { (words(&agreed.asked)) }
            p { strong { (words(&agreed.words)) } }
            @if may_now && shown.view.may_send.is_ok() {
                form method="post" action={ (path(shown.view.row.ticket)) "/write-first" } {
                    (token(visit)) button { "Write to them" }
                }
            }
        }
    }
}
