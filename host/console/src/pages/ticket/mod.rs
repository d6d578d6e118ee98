//! One question: the conversation, the reply box, and beside it all that helps to answer. Every
//! part is drawn from the store; what changes elsewhere is looked up again while one types.

pub(crate) mod acts; // claim, close and the like
pub(crate) mod agreed; // to being texted first
pub(crate) mod guests; // another library answers
pub(crate) mod help; // saved and past answers, keywords to start
pub(crate) mod patron; // who asks
pub(crate) mod pictures; // what they sent
pub(crate) mod reminders; // at a moment that is to come
pub(crate) mod reply; // the box and what it sends
mod side; // what stands beside
mod talk; // the conversation

use callslip_core::ids::{InboundId, LibraryId, StaffId, TicketId};
use callslip_core::staff::{Action, Staff};
use callslip_engine::desk::{
    DeskError, Event, Item, PictureHead, Place, QueueRow, Refused, Reminder, Right, Speaker,
    TicketView,
};
use http::StatusCode;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::desk::Names;
use crate::frame::{self, Here};
use crate::parts::{mark, token};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

/// Things of a conversation on one page.
const ITEMS: usize = 40;

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    page(visit, &Said::default()).await
}

/// What the page is to say besides.
#[derive(Default)]
pub(super) struct Said {
    /// Why the last form did nothing.
    pub(super) refused: Option<String>,
    /// What was typed, when it was not sent.
    pub(super) body: Option<String>,
    /// The patron wrote while this was written.
    pub(super) overtaken: bool,
}

/// All that the page shows.
pub(super) struct Shown {
    pub(super) view: TicketView,
    pub(super) items: Vec<Item>,
    pub(super) events: Vec<Event>,
    pub(super) names: Names,
    /// Who may answer here, besides the asker.
    pub(super) colleagues: Vec<Staff>,
    /// What the patron sent, of all the texts.
    pub(super) pictures: Vec<PictureHead>,
    /// The asker's library answers for another (b7).
    pub(super) is_guest: bool,
    /// May answer here, be it as a guest.
    pub(super) may_answer: bool,
    /// For who has the question.
    helps: Option<help::Helps>,
    /// Of this patron at this library.
    pub(super) reminders: Vec<Reminder>,
    pub(super) seq: i64,
}

impl Shown {
    fn holder(&self, visit: &Visit) -> Option<&StaffId> {
        let claim = self.view.row.claim.as_ref()?;
        (claim.until > visit.now).then_some(&claim.staff)
    }

    /// The patron's other questions that are open.
    fn open_elsewhere(&self) -> impl Iterator<Item = &QueueRow> {
        let earlier = self.view.earlier.iter();
        earlier.filter(|row| row.place != Place::Closed)
    }

    fn is_mine(&self, visit: &Visit) -> bool {
        self.holder(visit)
            .is_some_and(|holder| self.names.is_me(holder))
    }
}

pub(super) fn id(visit: &Visit) -> Result<TicketId, Refusal> {
    visit
        .place(0)
        .parse()
        .map(TicketId)
        .map_err(|_| Refusal::Nothing)
}

pub(super) fn path(ticket: TicketId) -> String {
    path_of(ticket)
}

pub(crate) fn path_of(ticket: TicketId) -> String {
    format!("/tickets/{ticket}")
}

pub(super) async fn page(visit: &Visit, said: &Said) -> Result<Answer, Refusal> {
    let shown = load(visit).await?;
    let status = match (&said.refused, said.overtaken) {
        (None, false) => StatusCode::OK,
        _ => StatusCode::CONFLICT,
    };
    let title = shown.view.row.alias.clone();
    let just_sent = reply::just_sent(visit).await?;
    let body = draw(visit, &shown, said, &just_sent)?;
    Ok(frame::page_from(visit, Here::Queue, &title, shown.seq, &body).with_status(status))
}

/// What became of an act: back to the page, or the page with why not.
pub(super) async fn done<T>(visit: &Visit, did: Result<T, DeskError>) -> Result<Answer, Refusal> {
    match did {
        Ok(_) => Ok(Answer::see(after(visit).await?)),
        Err(error) => {
            let said = Said {
                refused: Some(why_not(visit, error).await?),
                ..Said::default()
            };
            page(visit, &said).await
        }
    }
}

/// Back to the question; to the queue when it is a guest's no more.
async fn after(visit: &Visit) -> Result<String, Refusal> {
    let ticket = id(visit)?;
    let whose = visit.desk().whose(ticket).await?;
    let actor = visit.actor()?;
    let sees = whose.is_some_and(|(library, guest)| {
        let seen = actor.check_at(&library, guest.as_ref(), Right::See);
        seen.is_ok()
    });
    Ok(match sees {
        true => path(ticket),
        false => "/queue".to_owned(),
    })
}

/// A refusal in words, with the colleague's name where there is one.
pub(super) async fn why_not(visit: &Visit, error: DeskError) -> Result<String, Refusal> {
    let refused = match error {
        DeskError::Refused(refused) => refused,
        error @ DeskError::Store(_) => return Err(error.into()),
    };
    Ok(match refused {
        Refused::NotFound | Refused::NotAllowed(_) | Refused::MayNotReveal => {
            return Err(DeskError::Refused(refused).into());
        }
        Refused::Held { by } => {
            let names = visit.names([by.clone()]).await?;
            format!(
                "{} has this question now. Nothing was changed.",
                names.of(&by)
            )
        }
        Refused::NotClaimed => "Claim the question first, then answer it.".to_owned(),
        Refused::ClaimOver => {
            "Your claim ran out, or you claimed it elsewhere. Claim it again.".to_owned()
        }
        Refused::Closed => "The question is closed. Reopen it first.".to_owned(),
        Refused::NotClosed => "The question is open already.".to_owned(),
        Refused::PatronWrote { .. } => "The patron wrote meanwhile.".to_owned(),
        Refused::StoppedAlready => "They have opted out already.".to_owned(),
        Refused::TooLate => "It has gone out already and cannot be taken back.".to_owned(),
        other => capital(&other.to_string()),
    })
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

async fn load(visit: &Visit) -> Result<Shown, Refusal> {
    let (desk, actor, ticket) = (visit.desk(), visit.actor()?, id(visit)?);
    // Before the rest: what changes while it is read is then told again.
    let seq = desk.latest().await?;
    let view = desk.ticket(&actor, ticket).await?;
    let before = visit.asked.query("before").and_then(|id| id.parse().ok());
    let before = before.map(InboundId);
    let items = desk.conversation(&actor, ticket, before, ITEMS).await?;
    let pictures = desk.pictures(&actor, ticket).await?;
    let events = desk.events(&actor, ticket).await?;
    let reminders = desk.reminders(&actor, ticket).await?;
    let (library, guest) = (view.row.library.clone(), view.row.guest.clone());
    let is_guest = actor.is_guest(&library, guest.as_ref());
    // Whoever answers as a guest knows their own colleagues, and the library all who may answer.
    let whose: Vec<LibraryId> = match (is_guest, guest.clone()) {
        (true, guest) => guest.into_iter().collect(),
        (false, guest) => std::iter::once(library.clone()).chain(guest).collect(),
    };
    let mut colleagues: Vec<Staff> = Vec::new();
    for of in whose {
        let asked = of.clone();
        let reading = visit
            .shared
            .keep
            .read(move |reader| reader.staff_of(&asked));
        for staff in reading.await? {
            let known = staff.id == actor.staff || colleagues.iter().any(|it| it.id == staff.id);
            if !known && staff.can(Action::Answer, &of) {
                colleagues.push(staff);
            }
        }
    }
    let may_answer = actor
        .check_at(&library, guest.as_ref(), Right::Answer)
        .is_ok();
    let setters = reminders
        .iter()
        .filter_map(|reminder| reminder.staff.clone());
    let mentioned = mentioned(&view, &items, &events).into_iter().chain(setters);
    let names = visit.names(mentioned).await?;
    let mut shown = Shown {
        view,
        items,
        events,
        names,
        colleagues,
        pictures,
        is_guest,
        may_answer,
        helps: None,
        reminders,
        seq,
    };
    if shown.is_mine(visit) {
        shown.helps = Some(help::load(visit, is_guest).await?);
    }
    Ok(shown)
}

/// Everybody whose name the page shows.
fn mentioned(view: &TicketView, items: &[Item], events: &[Event]) -> Vec<StaffId> {
    let mut ids: Vec<StaffId> = Vec::new();
    let rows = view.earlier.iter().chain([&view.row]);
    ids.extend(rows.filter_map(|row| row.claim.as_ref().map(|claim| claim.staff.clone())));
    ids.extend(view.presence.iter().map(|presence| presence.staff.clone()));
    ids.extend(view.unsent.iter().map(|sent| sent.staff.clone()));
    for item in items {
        ids.extend(item.notes.iter().map(|note| note.staff.clone()));
        if let Speaker::Desk { staff, .. } = &item.speaker {
            ids.extend(staff.clone());
        }
    }
    for event in events {
        ids.extend(event.staff.clone());
        ids.extend(event.detail.as_deref().map(StaffId::from));
    }
    ids
}

fn draw(visit: &Visit, shown: &Shown, said: &Said, just_sent: &Markup) -> Result<Markup, Refusal> {
    let row = &shown.view.row;
    let path = path(row.ticket);
    let here = match visit.asked.query("before") {
        Some(before) => format!("{path}?before={before}"),
        None => path.clone(),
    };
    let trigger = format!(
        "ticket-{} from:body delay:150ms, ticket from:body, every 30s",
        row.ticket
    );
    let (may_answer, own) = (shown.may_answer, !shown.is_guest);
    let zone = visit
        .library()
        .map_or(TimeZone::UTC, |library| times::zone(&library));
    Ok(html! {
        (just_sent)
        div.desk #ticket hx-get=(here) hx-select="#ticket" hx-swap="outerMorph" hx-trigger=(trigger) {
            div {
                (head(visit, shown))
                (guests::told(visit, shown, &zone))
                @if let Some(refused) = &said.refused { p.problems role="alert" { (refused) } }
                (talk::conversation(visit, shown, may_answer))
                @if may_answer && own && row.place != Place::Closed { (patron::asked_for(visit, shown)) }
                (standing(visit, shown, may_answer))
                (reply::unsent(visit, shown, &zone, may_answer))
                (reminders::waiting(visit, shown, &zone, may_answer && own))
                (reply::form(visit, shown, said, &zone, may_answer))
            }
            (side::all(visit, shown, may_answer)?)
        }
        div hidden hx-post={ (path) "/look" } hx-trigger="load, every 30s" hx-swap="none"
            hx-include="#look" {}
        form #look hidden { (token(visit)) }
    })
}

/// A question in a few words: its topic, or what was said in it last.
fn about(visit: &Visit, row: &QueueRow) -> String {
    const SHORT: usize = 40;
    if let Some(topic) = &row.topic {
        return crate::parts::topic(visit, &row.library, topic);
    }
    let said = row.said.as_deref().unwrap_or("(not kept)");
    crate::parts::short(said, SHORT)
}

fn head(visit: &Visit, shown: &Shown) -> Markup {
    let row = &shown.view.row;
    let running = visit.running();
    let library = running.directory.library(&row.library);
    html! {
        header.ticket-head {
            (mark(&row.alias))
            div {
                @if row.urgent {
                    p.problems { strong { "Urgent." } " The patron wrote words of danger. What they were told stands below." }
                }
                h1 { (row.alias) }
                p.quiet {
                    (library.map_or("", |library| library.name.as_str()))
                    @if let Some(topic) = &row.topic { " · " (crate::parts::topic(visit, &row.library, topic)) }
                    " · "
                    @match row.place {
                        Place::Waiting => { "waits for " (times::waited(row.since, visit.now)) },
                        Place::Answered => { "answered, the patron's turn" },
                        Place::Snoozed => { "put aside" },
                        Place::Closed => { "closed" },
                    }
                }
                @if let Some(summary) = &row.summary { p { (crate::parts::words(summary)) } }
                @if let Some(cause) = &row.cause { p.quiet { (cause) } }
            }
        }
    }
}

/// Whose it is, and who else is here.
fn standing(visit: &Visit, shown: &Shown, may_answer: bool) -> Markup {
    let row = &shown.view.row;
    let path = path(row.ticket);
    let others: Vec<_> = shown
        .view
        .presence
        .iter()
        .filter(|presence| !shown.names.is_me(&presence.staff))
        .collect();
    html! {
        div.standing {
            @match shown.holder(visit) {
                Some(holder) if shown.names.is_me(holder) => span.tag.good { "Yours" },
                Some(holder) => span.tag.warn { (shown.names.of(holder)) " has it" },
                None => span.tag.plain { "Nobody has it" },
            }
            @for presence in others {
                span.quiet {
                    (shown.names.of(&presence.staff))
                    @if presence.typed.is_some_and(|at| visit.now.since(at).as_secs() < 15) { " is typing" }
                    @else { " is looking" }
                }
            }
            @if may_answer && row.place == Place::Closed {
                form method="post" action={ (path) "/reopen" } { (token(visit)) button { "Reopen" } }
            } @else if may_answer && shown.holder(visit).is_none() {
                form method="post" action={ (path) "/claim" } {
                    (token(visit)) button #claim { "Claim it" }
                }
            }
        }
    }
}
