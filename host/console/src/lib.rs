//! The console: pages for people, rendered here, with what they ask checked before a page is run.
//! It answers requests as values; who listens is the command line's business.
//!
//! A request's way: `door` reads it, finds its route and asks whether this person may; the page
//! loads, decides, commits and renders. What may be done by whom stands in `callslip_core::staff`.

mod door; // begin to read here
mod routes; // every page, by who may ask it

mod answer; // what is answered, with its headers
mod asked; // a request, read
mod refusal; // why not
mod upload; // a form with a file

mod auth;
mod keep; // the store, for pages
mod visit; // a request whose asker is known

mod desk; // the engine's desk, for pages
mod live; // what tells open pages that something changed

mod assets;
mod frame; // what is around every page
mod pages;
mod parts; // what pages are made of
mod times; // moments as people read them

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use callslip_core::config::{Made, Problem, field_of, is_of_console};
use callslip_core::directory::{Directory, Library};
use callslip_core::flow::Plugin;
use callslip_core::ids::{KeywordId, LibraryId};
use callslip_engine::Engine;
use callslip_store::StaffStore;
use callslip_store::StoreError;
use callslip_store::staff::{Author, StaffChange, StaffCommit, StaffCommitted, TokenHash};
use http::{Request, Response};
use tokio::sync::watch;

pub use answer::Body;
use auth::Token;
pub use keep::Trouble;

/// Where the notice's style is, under the machine's public address, and what it is.
pub const NOTICE_STYLE: (&str, &str) = ("/privacy/style.css", include_str!("../assets/notice.css"));

/// Links work so long (d5).
pub const LINK_LASTS: Duration = Duration::from_secs(60 * 60);

/// Each takes its own size in memory, twice.
const UPLOADS_AT_ONCE: usize = 2;

pub struct Parts {
    pub engine: Engine,
    pub staff: Arc<dyn StaffStore>,
    /// Where people reach the console, when that is not this machine alone.
    pub public_url: Option<String>,
    pub about: About,
}

/// What pages say of the machine and cannot know themselves.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub gateways: Vec<GatewayAbout>,
    /// Which file says what a library is.
    pub files: BTreeMap<LibraryId, String>,
    /// Installed ones, by name.
    pub plugins: BTreeMap<String, Arc<Plugin>>,
    /// Said on every page.
    pub is_training: bool,
}

/// What the console asks of the machine around it. Both look at files: not on a thread that serves.
pub trait Around: Send + Sync {
    /// What would be wrong if these were the keywords that were made in the console, and what
    /// would run.
    fn try_made(&self, made: &[Made]) -> (Vec<Wrong>, Directory);

    /// The same with the last of them in the place of this keyword of its library's file.
    fn try_instead(&self, made: &[Made], keyword: &KeywordId) -> Vec<Wrong>;

    /// A library as one file: its own as it was last read, with what was made here.
    fn export(&self, library: &LibraryId) -> Option<String>;

    /// Takes the keywords that the store has now, and of the files nothing but what was read of
    /// them last; or says why not.
    fn take_made(&self) -> Result<(), Vec<String>>;

    /// Reads the files again and takes what they say; gives what is wrong with single libraries
    /// and keywords. Or says why nothing of it was taken.
    fn read_files(&self) -> Result<Vec<String>, Vec<String>>;
}

/// Something wrong with a keyword that was made in the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Which of those that were tried, and its field, where that is known.
    pub place: Option<(usize, String)>,
    pub told: String,
}

impl Wrong {
    /// Those of a reading that are with such keywords.
    pub fn of(problems: &[Problem], made: &[Made]) -> Vec<Wrong> {
        let problems = problems.iter().filter(|problem| is_of_console(problem));
        problems
            .map(|problem| Wrong {
                place: field_of(problem, made),
                told: format!("{}. {}", problem.what, problem.remedy),
            })
            .collect()
    }
}

#[derive(Clone, Debug)]
pub struct GatewayAbout {
    pub name: String,
    pub kind: String,
    /// Who runs it; None: it is this machine.
    pub company: Option<String>,
    /// Its copies of words are emptied.
    pub emptied: bool,
    /// The address for the gateway's own pages; None: nothing comes by webhook.
    pub paste: Option<String>,
    /// Whether what comes without a right signature is refused, where that is asked at all.
    pub enforces: Option<bool>,
}

/// Leave to send a file. It stands with the request while the file is read and looked at.
#[derive(Clone)]
pub struct Room {
    pub bytes_max: usize,
    /// None of it is read: as many come already as there is room for.
    pub is_full: bool,
    _place: Option<Arc<tokio::sync::OwnedSemaphorePermit>>,
}

/// A cheap handle.
#[derive(Clone)]
pub struct Console {
    shared: Arc<Shared>,
}

struct Shared {
    engine: Engine,
    keep: keep::Keep,
    auth: auth::Auth,
    host: door::Host,
    assets: assets::Assets,
    about: RwLock<Arc<About>>,
    around: OnceLock<Arc<dyn Around>>,
    listeners: live::Listeners,
    tests: pages::numbers::test::Tests,
    previews: pages::made::preview::Previews,
    /// Files that are taken at once.
    uploads: Arc<tokio::sync::Semaphore>,
    /// Two switches are not thrown at once: what runs is what the store says after the later one.
    switching: tokio::sync::Mutex<()>,
}

impl Console {
    pub fn new(parts: Parts) -> Result<Console, Trouble> {
        Ok(Console {
            shared: Arc::new(Shared {
                engine: parts.engine,
                keep: keep::Keep::new(parts.staff),
                auth: auth::Auth::new(parts.public_url.as_deref())?,
                host: door::Host::new(parts.public_url.as_deref()),
                assets: assets::Assets::new(),
                about: RwLock::new(Arc::new(parts.about)),
                around: OnceLock::new(),
                listeners: live::Listeners::default(),
                tests: pages::numbers::test::Tests::default(),
                previews: pages::made::preview::Previews::default(),
                uploads: Arc::new(tokio::sync::Semaphore::new(UPLOADS_AT_ONCE)),
                switching: tokio::sync::Mutex::new(()),
            }),
        })
    }

    /// `request` has its whole body already; `from` is who is at the other end of the connection.
    /// Once `stopping` is true, what open pages listen to ends.
    pub async fn respond(
        &self,
        request: Request<Bytes>,
        from: IpAddr,
        stopping: watch::Receiver<bool>,
    ) -> Response<Body> {
        door::respond(&self.shared, request, from, stopping).await
    }

    /// Room for a file, for who may bring one: asked before anything of the body is read. None: it
    /// is a form as others are.
    pub async fn room_for_file(&self, head: &http::request::Parts, from: IpAddr) -> Option<Room> {
        door::room_for_file(&self.shared, head, from).await
    }

    /// A library's notice to patrons, for anybody; None: there is no such library.
    pub fn notice(&self, library: &str) -> Option<String> {
        let running = self.shared.engine.running();
        let library = running.directory.library(&LibraryId::from(library))?;
        let about = self.shared.about();
        Some(pages::leaves::public(
            library,
            &running.directory,
            &about,
            NOTICE_STYLE.0,
        ))
    }

    /// Where MYDATA's link leads, before its button is pressed, and whether it would show something.
    pub async fn my_data_closed(
        &self,
        token: &str,
        accepts: &str,
    ) -> Result<(bool, String), StoreError> {
        let open = self.shared.engine.shows_my_data(token).await?;
        Ok((open, pages::mine::closed(accepts, open, NOTICE_STYLE.0)))
    }

    /// After it: what is held, once, and whether there was something to show.
    pub async fn my_data(&self, token: &str, accepts: &str) -> Result<(bool, String), StoreError> {
        let held = self.shared.engine.my_data(token).await?;
        let page = pages::mine::opened(accepts, held.as_ref(), NOTICE_STYLE.0);
        Ok((held.is_some(), page))
    }

    /// Once, when the house is put together; until then no keyword is made.
    pub fn set_around(&self, around: Arc<dyn Around>) {
        let _ = self.shared.around.set(around);
    }

    /// After a reload.
    pub fn set_about(&self, about: About) {
        *self
            .shared
            .about
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(about);
    }

    /// Where the first account is made, as long as there is none. The path works once, within
    /// [`LINK_LASTS`], and is kept nowhere: whoever calls this tells it to a person.
    pub async fn first_link(&self) -> Result<Option<String>, Trouble> {
        let nobody = self.shared.keep.read(|reader| reader.nobody_yet()).await?;
        if !nobody {
            return Ok(None);
        }
        let token = Token::fresh()?;
        let now = self.shared.engine.now();
        let commit = StaffCommit {
            now,
            by: machine(),
            change: StaffChange::OfferFirst {
                link: token.hash(),
                expires: now + LINK_LASTS,
            },
            note: None,
        };
        match self.shared.keep.commit(commit).await? {
            StaffCommitted::Saved(_) => Ok(Some(format!("/first/{}", token.told()))),
            StaffCommitted::Refused(_) => Ok(None),
        }
    }
}

impl Shared {
    fn about(&self) -> Arc<About> {
        Arc::clone(&self.about.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A link to a new password: the hash for the store, and the path to tell a person.
pub fn reset_link() -> Result<(TokenHash, String), Trouble> {
    let token = Token::fresh()?;
    Ok((token.hash(), format!("/link/{}", token.told())))
}

/// A library's notice to patrons, for a terminal.
pub fn notice_text(library: &Library, directory: &Directory, about: &About) -> String {
    pages::leaves::text(library, directory, about)
}

fn machine() -> Author {
    Author {
        staff: None,
        name: "the machine".to_owned(),
    }
}

#[cfg(test)]
mod tests;
