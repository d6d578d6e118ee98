//! The reply box: drafts kept as one types, what a reply costs, sending once, and taking back
//! within five seconds (d1).

use callslip_core::desk::reply::{CHARACTERS_MAX, DRAFT_CHARACTERS_MAX};
use callslip_core::ids::{InboundId, TicketId};
use callslip_core::text::segments;
use callslip_engine::desk::{
    Act, Attach, CloseReason, DeskError, DraftAsk, Fence, Place, QueueAsk, Refused, ReplyAsk,
};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::{Said, Shown, acts, done, help, id, page, path, patron, why_not};
use crate::answer::Answer;
use crate::auth::Token;
use crate::parts::{short, token, words};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

/// Of a reply that goes out later.
const SCHEDULED_CHARACTERS: usize = 200;

/// Keeps what is typed, tells colleagues that somebody types, holds the claim, and says what it
/// costs: all that a key in the box means.
pub(crate) async fn draft(visit: &Visit) -> Result<Answer, Refusal> {
    let (desk, actor, ticket) = (visit.desk(), visit.actor()?, id(visit)?);
    let body = visit.asked.typed("body").to_owned();
    let cost = cost(&body);
    if body.chars().count() <= DRAFT_CHARACTERS_MAX {
        keep(visit, body).await?;
    }
    desk.look(&actor, ticket, true).await?;
    if let Some(fence) = fence(visit) {
        // Whose claim is over hears so when sending; the draft is kept all the same.
        let _ = desk.act(&actor, ticket, Act::Touch { fence }).await;
    }
    Ok(Answer::page(cost))
}

/// The button for whose browser runs no script.
pub(crate) async fn save_draft(visit: &Visit) -> Result<Answer, Refusal> {
    let body = visit.asked.typed("body").to_owned();
    to_box(visit, keep(visit, body).await).await
}

/// Puts a saved or a past answer behind what is typed, and keeps both as the draft: it is a form,
/// so that it happens once and nothing typed is lost.
pub(crate) async fn insert(visit: &Visit) -> Result<Answer, Refusal> {
    let body = help::with_chosen(visit).await?.ok_or_else(|| {
        Refusal::Invalid("This answer is not there any more. Nothing was changed.".to_owned())
    })?;
    to_box(visit, keep(visit, body).await).await
}

async fn keep(visit: &Visit, body: String) -> Result<(), DeskError> {
    let draft = DraftAsk {
        ticket: id(visit).map_err(|_| Refused::NotFound)?,
        body,
        seen: seen(visit).ok_or_else(|| Refused::Invalid("load the page again".to_owned()))?,
    };
    let actor = visit.actor().map_err(|_| Refused::NotFound)?;
    visit.desk().save_draft(&actor, draft).await
}

/// Back to the box, or the page with what was typed and why it is not kept.
async fn to_box(visit: &Visit, did: Result<(), DeskError>) -> Result<Answer, Refusal> {
    let error = match did {
        Ok(()) => return Ok(Answer::see(format!("{}#box", path(id(visit)?)))),
        Err(error) => error,
    };
    let said = Said {
        refused: Some(why_not(visit, error).await?),
        body: Some(visit.asked.typed("body").to_owned()),
        ..Said::default()
    };
    page(visit, &said).await
}

pub(crate) async fn send(visit: &Visit) -> Result<Answer, Refusal> {
    let (desk, actor, ticket) = (visit.desk(), visit.actor()?, id(visit)?);
    let body = visit.asked.typed("body").to_owned();
    let anyway = visit.asked.field("anyway") == "1";
    let then = visit.asked.field("then");
    let later = match then {
        "later" => Some(acts::moment(visit, "later")?),
        _ => None,
    };
    let ask = ReplyAsk {
        ticket,
        fence: fence(visit).ok_or(Refusal::Incomplete)?,
        send: visit.asked.field("send").to_owned(),
        body: body.clone(),
        attach: match visit.asked.field("card") {
            "1" => Attach::Card,
            _ => Attach::Nothing,
        },
        seen: if anyway { None } else { seen(visit) },
        close: (then == "close").then_some(CloseReason::Answered),
        later,
    };
    let error = match desk.reply(&actor, ask).await {
        Ok(_) if then == "close" => return on_to_the_next(visit, ticket).await,
        Ok(_) => return Ok(Answer::see(format!("{}#box", path(ticket)))),
        Err(error) => error,
    };
    let overtaken = matches!(error, DeskError::Refused(Refused::PatronWrote { .. }));
    // Nothing that was typed is lost, whatever became of it.
    let _ = keep(visit, body.clone()).await;
    let refused = why_not(visit, error).await?;
    let said = Said {
        refused: (!overtaken).then_some(refused),
        body: Some(body),
        overtaken,
    };
    page(visit, &said).await
}

/// To whom has waited longest of those that nobody else has.
async fn on_to_the_next(visit: &Visit, sent: TicketId) -> Result<Answer, Refusal> {
    let (desk, actor) = (visit.desk(), visit.actor()?);
    let waiting = desk.queue(&actor, QueueAsk::waiting()).await?;
    let me = &visit.staff()?.id;
    let free = waiting.into_iter().find(|row| {
        let held = row.claim.as_ref().filter(|claim| claim.until > visit.now);
        row.ticket != sent && held.is_none_or(|claim| claim.staff == *me)
    });
    Ok(Answer::see(match free {
        Some(row) => format!("{}?sent={sent}", path(row.ticket)),
        None => format!("/queue?sent={sent}"),
    }))
}

/// What was sent and closed on the page before: it can still be taken back.
pub(crate) async fn just_sent(visit: &Visit) -> Result<Markup, Refusal> {
    let sent = visit.asked.query("sent").and_then(|id| id.parse().ok());
    let Some(sent) = sent.map(TicketId) else {
        return Ok(html! {});
    };
    let view = match visit.desk().ticket(&visit.actor()?, sent).await {
        Ok(view) => view,
        Err(DeskError::Refused(_)) => return Ok(html! {}),
        Err(error) => return Err(error.into()),
    };
    let me = &visit.staff()?.id;
    let open = view
        .unsent
        .iter()
        .find(|reply| reply.staff == *me && !reply.scheduled && reply.due > visit.now);
    Ok(html! {
        div.done.row {
            span.grow role="status" {
                "Sent to " a href=(path(sent)) { (view.row.alias) } " and closed."
            }
            @if let Some(reply) = open {
                form method="post" action={ (path(sent)) "/take-back" } {
                    (token(visit))
                    input type="hidden" name="send" value=(reply.send);
                    button.second { "Take it back" }
                }
            }
        }
    })
}

pub(crate) async fn take_back(visit: &Visit) -> Result<Answer, Refusal> {
    let send = visit.asked.field("send").to_owned();
    let (desk, actor) = (visit.desk(), visit.actor()?);
    let did = desk.take_back(&actor, id(visit)?, send).await;
    done(visit, did).await
}

fn seen(visit: &Visit) -> Option<InboundId> {
    visit.asked.field("seen").parse().ok().map(InboundId)
}

fn fence(visit: &Visit) -> Option<Fence> {
    visit.asked.field("fence").parse().ok().map(Fence)
}

/// Replies that have not gone out, each with its way back.
pub(super) fn unsent(visit: &Visit, shown: &Shown, zone: &TimeZone, may_answer: bool) -> Markup {
    let action = format!("{}/take-back", path(shown.view.row.ticket));
    html! {
        @for sent in &shown.view.unsent {
            @if sent.scheduled && sent.due > visit.now {
                form.notice.row method="post" action=(action) {
                    (token(visit))
                    input type="hidden" name="send" value=(sent.send);
                    div.grow {
                        p {
                            "Goes out at " (times::ahead(sent.due, zone, visit.now)) ", by "
                            (shown.names.of(&sent.staff)) ":"
                        }
                        blockquote { (words(&short(&sent.body, SCHEDULED_CHARACTERS))) }
                    }
                    @if may_answer { button.second { "Do not send it" } }
                }
            } @else if sent.due > visit.now && shown.names.is_me(&sent.staff) {
                form.notice.row method="post" action=(action) {
                    (token(visit))
                    input type="hidden" name="send" value=(sent.send);
                    span.grow role="status" { "Your reply goes out in a moment." }
                    button.second { "Take it back" }
                }
            }
        }
    }
}

/// The box; or why there is none, with the draft.
pub(super) fn form(
    visit: &Visit,
    shown: &Shown,
    said: &Said,
    zone: &TimeZone,
    may_answer: bool,
) -> Markup {
    let view = &shown.view;
    let row = &view.row;
    if !may_answer || row.place == Place::Closed {
        return html! {};
    }
    let draft = view.draft.as_ref();
    let kept = draft.map_or("", |draft| draft.body.as_str());
    if let Err(why_not) = view.may_send {
        return html! {
            div #box.problems {
                p { (super::capital(&why_not.to_string())) }
                @if !kept.is_empty() { blockquote { (words(kept)) } }
                @if view.may_undo { (patron::undoing(visit, shown)) }
            }
        };
    }
    if !shown.is_mine(visit) {
        return html! {
            div #box {
                @if !kept.is_empty() {
                    p.quiet { "Your draft is kept:" }
                    blockquote { (words(kept)) }
                }
            }
        };
    }
    let body = said.body.as_deref().unwrap_or(kept);
    let seen = draft
        .filter(|draft| !draft.body.is_empty())
        .map_or(row.last_text, |draft| draft.seen);
    let overtaken = said.overtaken || seen != row.last_text;
    let send = Token::fresh().map(|token| token.told()).unwrap_or_default();
    let path = path(row.ticket);
    html! {
        form #box.card method="post" action={ (path) "/reply" } data-reply="" {
            (token(visit))
            input type="hidden" name="fence" value=(view.fence.0);
            div hx-morph-skip="" {
                input type="hidden" name="send" value=(send);
                input type="hidden" name="seen" value=(seen);
                div.field {
                    label for="body" { "Reply to " (row.alias) }
                    textarea #body name="body" rows="4" autofocus aria-describedby="cost"
                        hx-post={ (path) "/draft" } hx-include="#box" hx-target="#cost" hx-swap="outerHTML"
                        hx-trigger="input changed delay:400ms, again" {
                        // A browser takes away the first line break of what follows.
                        "\n" (body)
                    }
                }
            }
            div hx-morph-skip="" { (cost(body)) }
            @if view.undone {
                p.notice {
                    "The patron opted out in words of their own. A colleague has questioned it: "
                    "this question may be answered, and nothing else is sent."
                }
            }
            @if overtaken {
                div.notice role="alert" {
                    p { strong { (row.alias) " wrote after you began." } " Read it above, then send." }
                    input type="hidden" name="anyway" value="1";
                }
            }
            div.row {
                button #send {
                    @if overtaken { "I have read it: send to " (row.alias) } @else { "Send to " (row.alias) }
                }
                button.second name="then" value="close" { "Send and close" }
                button.second #save formaction={ (path) "/save" } { "Save draft" }
                label { input type="checkbox" name="card" value="1"; " With the contact card" }
            }
            details.small {
                summary { "Send it later" }
                div.row {
                    label for="later" { "At, by the library's clock" }
                    input #later type="datetime-local" name="later" min=(times::form(visit.now, zone));
                    button.second name="then" value="later" { "Send it then" }
                }
            }
            p.hint {
                "Ctrl and Enter sends. It can be taken back for five seconds. With scripts on, "
                "what you type is kept by itself."
            }
        }
    }
}

/// What a reply costs; counted by the same words that count what is sent.
fn cost(body: &str) -> Markup {
    let characters = body.trim().chars().count();
    if characters > CHARACTERS_MAX {
        let over = characters - CHARACTERS_MAX;
        return html! {
            p #cost.problem role="status" {
                "A reply has at most " (CHARACTERS_MAX) " characters; this is " (over) " too long to send."
                @if body.chars().count() > DRAFT_CHARACTERS_MAX {
                    " It is not kept either: keep it elsewhere before you leave this page."
                }
            }
        };
    }
    let counted = segments::count(body.trim());
    let forced: String = counted
        .forced_by
        .iter()
        .take(8)
        .map(|letter| format!(" {letter}"))
        .collect();
    html! {
        p #cost.hint {
            @if body.trim().is_empty() {
                "Nothing typed yet."
            } @else {
                (counted.segments) @if counted.segments == 1 { " text, " } @else { " texts, " }
                (counted.characters) " characters, " (counted.encoding)
                @if !forced.is_empty() { ": because of" (forced) }
            }
        }
    }
}
