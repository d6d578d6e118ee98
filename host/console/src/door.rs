//! Reads a request, finds its route, asks who it is and whether they may, and only then runs the
//! page. Whatever goes wrong ends here as a page of its own.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use callslip_core::ids::{LibraryId, MessageId, TicketId};
use callslip_core::staff::Action;
use callslip_store::limits::COMPONENT_BYTES_MAX;
use http::uri::Authority;
use http::{Method, Request, Response, header};
use tokio::sync::watch;

use crate::answer::{Answer, Body};
use crate::asked::Asked;
use crate::auth::{Token, is_form_token};
use crate::refusal::Refusal;
use crate::routes::{self, Needs, Route};
use crate::upload::AROUND_BYTES_MAX;
use crate::visit::{Visit, Who};
use crate::{Room, Shared, frame};

/// What colleagues of another library may do at a question.
const AS_GUEST: [Action; 2] = [Action::SeeTexts, Action::Answer];

/// The names that the console answers to: a page elsewhere may let its own name point here.
pub(crate) struct Host {
    url: Option<String>,
    public: Option<Authority>,
}

impl Host {
    pub(crate) fn new(public_url: Option<&str>) -> Host {
        let authority = public_url.and_then(|url| url.split("://").nth(1));
        Host {
            url: public_url.map(str::to_owned),
            public: authority.and_then(|rest| rest.split('/').next()?.parse().ok()),
        }
    }

    pub(crate) fn public_url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    fn knows(&self, asked: &Asked) -> bool {
        let Some(named) = asked
            .header(header::HOST)
            .and_then(|host| host.parse::<Authority>().ok())
        else {
            return false;
        };
        let is = |name: &str| named.host().eq_ignore_ascii_case(name);
        if named.as_str().contains('@') {
            return false;
        }
        let public = self.public.as_ref().is_some_and(|own| is(own.host()));
        public
            || ["localhost", "127.0.0.1", "[::1]"]
                .iter()
                .any(|own| is(own))
    }
}

pub(crate) async fn respond(
    shared: &Arc<Shared>,
    request: Request<Bytes>,
    from: IpAddr,
    stopping: watch::Receiver<bool>,
) -> Response<Body> {
    let mut asked = Asked::read(request, from);
    asked.unpack().await;
    let is_head = asked.method == Method::HEAD;
    let answer = match shared.assets.find(&asked) {
        Some(file) => file,
        None => page(shared, asked, stopping).await,
    };
    let mut response = answer.response();
    if is_head {
        *response.body_mut() = Body::default();
    }
    response
}

async fn page(shared: &Arc<Shared>, asked: Asked, stopping: watch::Receiver<bool>) -> Answer {
    let known = shared.auth.cookies.read(&asked.headers);
    let is_new = known.is_none();
    let visitor = match known.map_or_else(Token::fresh, Ok) {
        Ok(visitor) => visitor,
        Err(trouble) => return frame::refused(None, &trouble.into()),
    };
    let mut visit = Visit {
        shared: Arc::clone(shared),
        asked,
        now: shared.engine.now(),
        visitor,
        who: None,
        places: Vec::new(),
        permit: None,
        stopping,
    };
    let answer = match go(&mut visit).await {
        Ok(answer) => answer,
        Err(Refusal::SignIn) if visit.asked.reads() && !wants_part(&visit) => {
            Answer::see(crate::pages::sign_in::path(&visit.asked.target))
        }
        Err(Refusal::SecondStep) if visit.asked.reads() && !wants_part(&visit) => {
            Answer::see("/account/second-step")
        }
        Err(refusal) => {
            if let Refusal::Trouble(trouble) = &refusal {
                tracing::error!(%trouble, "a page of the console failed");
            }
            frame::refused(Some(&visit), &refusal)
        }
    };
    if is_new && answer.cookie.is_none() {
        let cookie = shared.auth.cookies.set(&visit.visitor);
        return answer.with_cookie(cookie);
    }
    answer
}

/// A script asks, which cannot sign in.
fn wants_part(visit: &Visit) -> bool {
    visit.asked.header("hx-request").is_some()
}

/// Asked of the head alone: who is signed in, by the route that the path has, may bring a file.
pub(crate) async fn room_for_file(
    shared: &Arc<Shared>,
    head: &http::request::Parts,
    from: IpAddr,
) -> Option<Room> {
    let mut request = Request::builder().method(&head.method).uri(&head.uri);
    *request.headers_mut()? = head.headers.clone();
    let asked = Asked::read(request.body(Bytes::new()).ok()?, from);
    let (routes, places) = routes::find(&asked.path)?;
    let mut routes = routes.into_iter();
    let route = routes.find(|route| route.method == asked.method && route.takes_file())?;
    let mut visit = Visit {
        shared: Arc::clone(shared),
        visitor: shared.auth.cookies.read(&asked.headers)?,
        asked,
        now: shared.engine.now(),
        who: None,
        places,
        permit: None,
        stopping: watch::channel(false).1,
    };
    if !shared.host.knows(&visit.asked) {
        return None;
    }
    visit.who = who(&visit).await.ok()?;
    let library = library(&visit, route).await.ok()?;
    same_origin(&visit).ok()?;
    may(&mut visit, route, library).ok()?;
    let place = Arc::clone(&shared.uploads).try_acquire_owned().ok();
    Some(Room {
        bytes_max: COMPONENT_BYTES_MAX + AROUND_BYTES_MAX,
        is_full: place.is_none(),
        _place: place.map(Arc::new),
    })
}

async fn go(visit: &mut Visit) -> Result<Answer, Refusal> {
    if !visit.shared.host.knows(&visit.asked) {
        return Err(Refusal::OtherHost);
    }
    let (routes, places) = routes::find(&visit.asked.path).ok_or(Refusal::Nothing)?;
    visit.places = places;
    let wanted = if visit.asked.reads() {
        &Method::GET
    } else {
        &visit.asked.method
    };
    let route = routes.into_iter().find(|route| route.method == *wanted);
    visit.who = who(visit).await?;
    let Some(route) = route else {
        return Err(Refusal::Method);
    };
    let library = library(visit, route).await?;
    guard(visit, route, library)?;
    (route.handler)(visit).await
}

/// Whose session the cookie is, if it is one.
async fn who(visit: &Visit) -> Result<Option<Who>, Refusal> {
    let (token, now) = (visit.visitor.hash(), visit.now);
    let found = visit
        .shared
        .keep
        .read(move |reader| reader.session(&token, now))
        .await?;
    let Some((account, session)) = found else {
        return Ok(None);
    };
    let who = Who { account, session };
    crate::pages::sign_in::still_there(visit, &who).await?;
    Ok(Some(who))
}

/// The library that the path is about, if it is about one.
async fn library(visit: &Visit, route: &Route) -> Result<Option<LibraryId>, Refusal> {
    match route.needs {
        Needs::Library(_) => Ok(Some(LibraryId::from(visit.place(0)))),
        // Who is not signed in learns nothing by the time that a look takes.
        Needs::Ticket(_) if visit.who.is_some() => {
            let ticket = visit.place(0).parse().map_err(|_| Refusal::Nothing)?;
            let desk = visit.shared.engine.desk();
            let whose = desk.whose(TicketId(ticket)).await?;
            Ok(whose.map(|(library, guest)| at_the_desk(visit, route, library, guest)))
        }
        Needs::Message(_) if visit.who.is_some() => {
            let message = visit.place(0).parse().map_err(|_| Refusal::Nothing)?;
            crate::pages::messages::library_of(visit, MessageId(message)).await
        }
        Needs::Nothing
        | Needs::Account
        | Needs::Operator
        | Needs::Somewhere(_)
        | Needs::Ticket(_)
        | Needs::Message(_) => Ok(None),
    }
}

/// A question's own library; or the one that answers for it as a guest, for who may do that there
/// and not in the other (b7). What a guest may do beyond is the desk's to refuse.
fn at_the_desk(
    visit: &Visit,
    route: &Route,
    library: LibraryId,
    guest: Option<LibraryId>,
) -> LibraryId {
    let Needs::Ticket(action) = route.needs else {
        return library;
    };
    let may = |library: &LibraryId| {
        let staff = visit.staff();
        staff.is_ok_and(|staff| staff.permit(action, library).is_ok())
    };
    match guest {
        Some(guest) if AS_GUEST.contains(&action) && !may(&library) && may(&guest) => guest,
        Some(_) | None => library,
    }
}

fn guard(visit: &mut Visit, route: &Route, library: Option<LibraryId>) -> Result<(), Refusal> {
    if route.method == Method::POST {
        same_origin(visit)?;
        if route.needs != Needs::Nothing && visit.who.is_none() {
            return Err(Refusal::SignIn);
        }
        if !is_form_token(visit.asked.typed("form"), &visit.visitor) {
            return Err(Refusal::OldForm);
        }
    }
    may(visit, route, library)
}

fn may(visit: &mut Visit, route: &Route, library: Option<LibraryId>) -> Result<(), Refusal> {
    match route.needs {
        Needs::Nothing => return Ok(()),
        Needs::Operator => match visit.staff()?.operator {
            true => {}
            false => return Err(Refusal::Forbidden),
        },
        Needs::Account => {
            visit.who()?;
        }
        Needs::Somewhere(action) => visit.may_somewhere(action)?,
        Needs::Library(action) | Needs::Ticket(action) | Needs::Message(action) => {
            visit.who()?;
            let library = library.ok_or(Refusal::Nothing)?;
            let permit = visit.staff()?.permit(action, &library)?;
            visit.permit = Some(permit);
            // A role that outlived its library.
            visit.library()?;
        }
    }
    second_step_first(visit, route)
}

/// Where the console is reached from elsewhere, a password alone is too little for who may change
/// things.
fn second_step_first(visit: &Visit, route: &Route) -> Result<(), Refusal> {
    let account = &visit.who()?.account;
    let lacks = account.totp.is_none() && account.staff.is_powerful();
    let may_without = route.path.starts_with("/account") || route.path == "/sign-out";
    if lacks && visit.shared.host.public.is_some() && !may_without {
        return Err(Refusal::SecondStep);
    }
    Ok(())
}

/// What a browser says of who asks; with the form's own token that is twice the same question.
fn same_origin(visit: &Visit) -> Result<(), Refusal> {
    let site = visit.asked.header("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") {
        return Err(Refusal::OldForm);
    }
    let Some(origin) = visit.asked.header(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.split_once("://").map(|(_, host)| host);
    match origin == visit.asked.header(header::HOST) {
        true => Ok(()),
        false => Err(Refusal::OldForm),
    }
}
