//! A phone in the browser: a page to type as a patron, with the simulator as its gateway. What is
//! typed goes the real way through the engine; nothing leaves the machine (f5), and nobody from
//! elsewhere gets in unless the configuration says so (f6).

mod answer;
mod events; // "something new": the page fetches it
mod guard; // who may ask
mod numbers; // what there is to text
mod texts; // a text in, its outcome out
mod thread; // a conversation as a phone shows it // responses and their headers

pub(super) use guard::is_for_this_machine;

use bytes::Bytes;
use callslip_engine::{Clock, Engine};
use callslip_gateways::Simulator;
use http::{Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use tokio::sync::{broadcast, watch};

use super::Body;
use answer::Refusal;

pub(crate) struct Phone {
    engine: Engine,
    simulator: Simulator,
    reach: guard::Reach,
    clock: Clock,
    /// Our numbers at which a simulated phone has just been handed its answer.
    handed: broadcast::Sender<String>,
    pages: events::Pages,
}

/// Pages that fall further behind than this look everything up again.
const HANDED_KEPT: usize = 256;

impl Phone {
    pub(crate) fn new(engine: Engine, allow_remote: bool, clock: Clock) -> Self {
        let reach = if allow_remote {
            guard::Reach::Anywhere
        } else {
            guard::Reach::ThisMachine
        };
        // What a simulated phone receives is read from the store, after a restart too.
        let simulator = Simulator::new(crate::carriers::SIMULATOR, |_| {});
        let (handed, _) = broadcast::channel(HANDED_KEPT);
        Phone {
            engine,
            simulator,
            reach,
            clock,
            handed,
            pages: events::Pages::default(),
        }
    }

    /// `request` has its whole body already.
    pub(crate) async fn respond(
        &self,
        request: Request<Bytes>,
        stopping: watch::Receiver<bool>,
    ) -> Response<Body> {
        let answered = match guard::check(&request, self.reach) {
            Ok(()) => self.route(request, stopping).await,
            Err(refusal) => Err(refusal),
        };
        let mut response = answered.unwrap_or_else(answer::refused);
        answer::protect(response.headers_mut());
        response
    }

    async fn route(
        &self,
        request: Request<Bytes>,
        stopping: watch::Receiver<bool>,
    ) -> Result<Response<Body>, Refusal> {
        let path = request.uri().path();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let posts = *request.method() == Method::POST;
        match path {
            "/" if reads => Ok(answer::redirect("/phone")),
            "/phone" if reads => Ok(answer::file(
                answer::HTML,
                include_str!("phone/page/page.html"),
            )),
            "/phone/style.css" if reads => Ok(answer::file(
                answer::CSS,
                include_str!("phone/page/style.css"),
            )),
            "/phone/app.js" if reads => Ok(answer::file(
                answer::SCRIPT,
                include_str!("phone/page/app.js"),
            )),
            "/phone/thread.js" if reads => Ok(answer::file(
                answer::SCRIPT,
                include_str!("phone/page/thread.js"),
            )),
            "/phone/phones.js" if reads => Ok(answer::file(
                answer::SCRIPT,
                include_str!("phone/page/phones.js"),
            )),
            "/phone/icon.svg" if reads => Ok(answer::file(
                answer::SVG,
                include_str!("phone/page/icon.svg"),
            )),
            "/phone/numbers" if reads => Ok(answer::json(&numbers::all(&self.engine.running()))),
            "/phone/events" if reads => self.events(stopping),
            "/phone/texts" if posts => self.text(read(&request)?).await,
            "/phone/thread" if posts => self.thread(read(&request)?).await,
            "/phone/texts" | "/phone/thread" => Err(Refusal::method("This takes POST only.")),
            _ => match path.strip_prefix("/phone/card/") {
                Some(file) if reads => self.card(file),
                _ if reads => Err(Refusal::nothing(
                    "There is nothing here. The phone is at /phone.",
                )),
                _ => Err(Refusal::method("This takes GET only.")),
            },
        }
    }

    /// `LIBRARY.vcf`, as the world gets it too.
    fn card(&self, file: &str) -> Result<Response<Body>, Refusal> {
        let running = self.engine.running();
        let card = thread::library_card(&running.directory, file)
            .ok_or_else(|| Refusal::nothing("No library has this card."))?;
        Ok(answer::card(card.to_vcard()))
    }
}

fn read<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, Refusal> {
    // What serde says may quote what was typed.
    serde_json::from_slice(request.body()).map_err(|_| {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "This is not the JSON that is expected here.",
        )
    })
}
