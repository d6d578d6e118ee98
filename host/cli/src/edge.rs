//! The HTTP edge: a listener for gateways and the world, one for the phone page on this machine,
//! one for the console, one for metrics. It reads a request whole, under limits, hands it on as a value and writes the answer.
//!
//! Nothing here logs a path, a header or a body: they hold numbers and texts (invariant 11).

// What is asked.
mod metrics; // counts for this machine's own programs
mod phone; // the phone page
mod web; // webhooks, cards, health

// How it is answered.
mod reply; // what is answered, and what is to happen once it is written
mod tally; // counting what is refused, without a log line for each

// By which way.
mod connection; // one connection and its clocks
mod listen; // sockets, connections, graceful stop
mod pulse; // what a connection is doing
mod socket; // tells when an answer has been written

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use callslip_console::Console;
use callslip_core::config::{Machine, PhonePage};
use callslip_engine::Engine;
use http_body_util::{BodyExt, Full};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::house::House;
pub(crate) use reply::Body;
use reply::Reply;

/// Twilio gives a webhook 15 s in all, connection included; half of it leaves the answer room to
/// go by the outbox.
const PATIENCE: Duration = Duration::from_secs(8);

/// What a client may take up, and how long a text may.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) body_bytes: usize,
    /// From the first byte of a request's head to its last.
    pub(crate) head_within: Duration,
    pub(crate) body_within: Duration,
    /// For a connection that asks nothing, and for one that does not take its answer.
    pub(crate) idle_within: Duration,
    pub(crate) connections: usize,
    /// How long a gateway's request waits for its answer.
    pub(crate) patience: Duration,
}

impl Bounds {
    fn of(machine: &Machine) -> Bounds {
        let server = &machine.server;
        let head = Duration::from_secs(u64::from(server.header_seconds));
        Bounds {
            body_bytes: server.body_bytes_max as usize,
            head_within: head,
            body_within: head,
            idle_within: Duration::from_secs(u64::from(server.idle_seconds)),
            connections: server.connections_max as usize,
            patience: PATIENCE,
        }
    }
}

/// Where to listen.
pub(crate) struct Addresses {
    pub(crate) web: SocketAddr,
    /// None: the phone page is off.
    pub(crate) phone: Option<PhonePage>,
    /// None: the console is off.
    pub(crate) console: Option<SocketAddr>,
    /// None: nobody reads figures.
    pub(crate) metrics: Option<SocketAddr>,
}

/// All listeners, bound and not yet serving.
pub(crate) struct Listening {
    web: (TcpListener, Arc<web::Web>),
    phone: Option<(TcpListener, Arc<phone::Phone>)>,
    console: Option<(TcpListener, Console)>,
    metrics: Option<(TcpListener, Arc<metrics::Metrics>)>,
    bounds: Bounds,
    stopping: watch::Receiver<bool>,
    bound: Bound,
}

/// Where each listens.
#[derive(Clone, Copy)]
struct Bound {
    web: SocketAddr,
    phone: Option<SocketAddr>,
    console: Option<SocketAddr>,
    metrics: Option<SocketAddr>,
}

impl Listening {
    pub(crate) async fn bind(
        house: &House,
        stopping: watch::Receiver<bool>,
    ) -> anyhow::Result<Listening> {
        let addresses = Addresses {
            web: house.machine.server.listen,
            phone: house.machine.phone.clone(),
            console: house.machine.console.as_ref().map(|pages| pages.listen),
            metrics: house.machine.metrics,
        };
        let bounds = Bounds::of(&house.machine);
        Listening::open(&house.engine, &house.console, addresses, bounds, stopping).await
    }

    pub(crate) async fn open(
        engine: &Engine,
        console: &Console,
        addresses: Addresses,
        bounds: Bounds,
        stopping: watch::Receiver<bool>,
    ) -> anyhow::Result<Listening> {
        let listener = listen_on(addresses.web, "[server] listen").await?;
        let mut bound = Bound {
            web: listener.local_addr()?,
            phone: None,
            console: None,
            metrics: None,
        };
        let web = (
            listener,
            Arc::new(web::Web::new(
                engine.clone(),
                console.clone(),
                bounds.patience,
            )),
        );
        let phone = match addresses.phone {
            None => None,
            Some(page) => {
                let listener = listen_on(page.listen, "[phone] listen").await?;
                bound.phone = Some(listener.local_addr()?);
                let clock = crate::clock::real();
                let phone = phone::Phone::new(engine.clone(), page.allow_remote, clock);
                Some((listener, Arc::new(phone)))
            }
        };
        let console = match addresses.console {
            None => None,
            Some(listen) => {
                let listener = listen_on(listen, "[console] listen").await?;
                bound.console = Some(listener.local_addr()?);
                Some((listener, console.clone()))
            }
        };
        let metrics = match addresses.metrics {
            None => None,
            Some(listen) => {
                let listener = listen_on(listen, "[metrics] listen").await?;
                bound.metrics = Some(listener.local_addr()?);
                let metrics = metrics::Metrics::new(engine.clone(), Arc::clone(&web.1));
                Some((listener, Arc::new(metrics)))
            }
        };
        Ok(Listening {
            web,
            phone,
            console,
            metrics,
            bounds,
            stopping,
            bound,
        })
    }

    pub(crate) fn web(&self) -> SocketAddr {
        self.bound.web
    }

    pub(crate) fn phone(&self) -> Option<SocketAddr> {
        self.bound.phone
    }

    pub(crate) fn console(&self) -> Option<SocketAddr> {
        self.bound.console
    }

    pub(crate) fn metrics(&self) -> Option<SocketAddr> {
        self.bound.metrics
    }

    /// Until it is told to stop; then what was begun is finished.
    pub(crate) async fn serve(self) {
        let Listening {
            web: (web_listener, web),
            phone,
            console,
            metrics,
            bounds,
            stopping,
            ..
        } = self;
        let serving_metrics = serve_metrics(metrics, bounds, stopping.clone());
        let serving_console = serve_console(console, bounds, stopping.clone());
        let serving_web = listen::serve(
            web_listener,
            bounds,
            None,
            stopping.clone(),
            move |request| {
                let web = Arc::clone(&web);
                async move { web.respond(request).await }
            },
        );
        let serving_phone = async {
            if let Some((listener, phone)) = phone {
                let page_stopping = stopping.clone();
                listen::serve(listener, bounds, None, stopping, move |request| {
                    let (phone, stopping) = (Arc::clone(&phone), page_stopping.clone());
                    async move { Reply::from(phone.respond(request, stopping).await) }
                })
                .await;
            }
        };
        tokio::join!(serving_web, serving_phone, serving_console, serving_metrics);
    }
}

async fn serve_metrics(
    metrics: Option<(TcpListener, Arc<metrics::Metrics>)>,
    bounds: Bounds,
    stopping: watch::Receiver<bool>,
) {
    if let Some((listener, metrics)) = metrics {
        listen::serve(listener, bounds, None, stopping, move |request| {
            let metrics = Arc::clone(&metrics);
            async move { metrics.respond(request).await }
        })
        .await;
    }
}

async fn serve_console(
    console: Option<(TcpListener, Console)>,
    bounds: Bounds,
    stopping: watch::Receiver<bool>,
) {
    let Some((listener, console)) = console else {
        return;
    };
    let pages_stopping = stopping.clone();
    let for_files = console.clone();
    let larger: connection::Larger = Arc::new(move |head| {
        let console = for_files.clone();
        Box::pin(async move {
            let room = console
                .room_for_file(&head, came_from(&head.extensions))
                .await;
            connection::Admitted { head, room }
        })
    });
    listen::serve(listener, bounds, Some(larger), stopping, move |request| {
        let (console, stopping) = (console.clone(), pages_stopping.clone());
        async move {
            let from = came_from(request.extensions());
            Reply::from(console.respond(request, from, stopping).await)
        }
    })
    .await;
}

fn came_from(extensions: &http::Extensions) -> IpAddr {
    let peer = extensions.get::<listen::Peer>();
    peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0)
}

async fn listen_on(address: SocketAddr, name: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}, which is {name} in the configuration; another program \
             may be there, or the address is not this machine's"
        )
    })
}

pub(crate) fn full(bytes: Bytes) -> Body {
    Full::new(bytes).boxed()
}

#[cfg(test)]
mod tests;
