//! Where a person is told of questions on the topics that they know: their own e-mail address.

use callslip_core::alert::is_email;
use callslip_store::staff::StaffChange;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::parts::{Field, Problems, token};
use crate::refusal::Refusal;
use crate::visit::{Visit, note};

/// The whole of a line in a mail's head.
const CHARACTERS_MAX: usize = 254;

pub(crate) async fn save(visit: &Visit) -> Result<Answer, Refusal> {
    let typed = visit.asked.field("email").trim();
    let email = (!typed.is_empty()).then(|| typed.to_owned());
    if let Some(email) = &email
        && (!is_email(email) || email.chars().count() > CHARACTERS_MAX)
    {
        let what = "This is not an e-mail address.";
        let problems = Problems::of("email", what);
        let answer = super::account::page(visit, &problems).await?;
        return Ok(answer.with_status(Refusal::invalid()));
    }
    let change = StaffChange::Email {
        staff: visit.staff()?.id.clone(),
        email,
    };
    let note = note(None, "email-changed", "");
    visit.commit(change, Some(note)).await?;
    Ok(Answer::see("/account?done=email"))
}

pub(super) async fn card(visit: &Visit, problems: &Problems) -> Result<Markup, Refusal> {
    let staff = visit.staff()?.id.clone();
    let email = visit
        .shared
        .keep
        .read(move |reader| reader.email(&staff))
        .await?;
    Ok(html! {
        section.card aria-labelledby="email-title" {
            h2 #email-title { "Notices" }
            p { "A question on a topic that you know is told to this address, if your library sends notices." }
            form method="post" action="/account/email" {
                (token(visit))
                (Field {
                    name: "email", label: "Your e-mail address", kind: "email",
                    value: email.as_deref().unwrap_or(""),
                    hint: "Leave it empty, and nothing is sent to you.", auto: "email",
                }.show(problems))
                button { "Save it" }
            }
        }
    })
}
