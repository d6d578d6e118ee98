//! The HTTP edge: two listeners, one for gateways and the world, one for the phone page on this
//! machine. It reads a request whole, under limits, hands it on as a value and writes the answer.
//!
//! Nothing here logs a path, a header or a body: they hold numbers and texts (invariant 11).

mod handed; // tells when an answer has been written
mod listen; // sockets, connections, limits, graceful stop
mod phone;
mod web; // webhooks, cards, health // the phone page

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::house::House;

pub(crate) type Body = BoxBody<Bytes, Infallible>;

/// What a client may take up.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) body_bytes: usize,
    /// For the head of a request, and for an idle connection to begin one.
    pub(crate) head_within: Duration,
    pub(crate) body_within: Duration,
    pub(crate) connections: usize,
}

/// Both listeners, bound and not yet serving.
pub(crate) struct Listening {
    web: (TcpListener, Arc<web::Web>),
    phone: Option<(TcpListener, Arc<phone::Phone>)>,
    bounds: Bounds,
    stopping: watch::Receiver<bool>,
    addresses: (SocketAddr, Option<SocketAddr>),
}

impl Listening {
    pub(crate) async fn bind(
        house: &House,
        stopping: watch::Receiver<bool>,
    ) -> anyhow::Result<Listening> {
        let server = &house.machine.server;
        let bounds = Bounds {
            body_bytes: server.body_bytes_max as usize,
            head_within: Duration::from_secs(u64::from(
                server.header_seconds.min(server.idle_seconds),
            )),
            body_within: Duration::from_secs(u64::from(server.header_seconds)),
            connections: server.connections_max as usize,
        };
        let listener = bind(server.listen, "[server] listen").await?;
        let web_address = listener.local_addr()?;
        let web = (listener, Arc::new(web::Web::new(house.engine.clone())));
        let mut phone_address = None;
        let phone = match &house.machine.phone {
            None => None,
            Some(page) => {
                let listener = bind(page.listen, "[phone] listen").await?;
                phone_address = Some(listener.local_addr()?);
                let phone = phone::Phone::new(
                    house.engine.clone(),
                    page.allow_remote,
                    crate::clock::real(),
                );
                Some((listener, Arc::new(phone)))
            }
        };
        Ok(Listening {
            web,
            phone,
            bounds,
            stopping,
            addresses: (web_address, phone_address),
        })
    }

    pub(crate) fn web(&self) -> SocketAddr {
        self.addresses.0
    }

    pub(crate) fn phone(&self) -> Option<SocketAddr> {
        self.addresses.1
    }

    /// Until it is told to stop; then what was begun is finished.
    pub(crate) async fn serve(self) {
        let Listening {
            web: (web_listener, web),
            phone,
            bounds,
            stopping,
            ..
        } = self;
        let serving_web = listen::serve(web_listener, bounds, stopping.clone(), move |request| {
            let web = Arc::clone(&web);
            async move { web.respond(request).await }
        });
        let serving_phone = async {
            if let Some((listener, phone)) = phone {
                let page_stopping = stopping.clone();
                listen::serve(listener, bounds, stopping.clone(), move |request| {
                    let (phone, stopping) = (Arc::clone(&phone), page_stopping.clone());
                    async move { phone.respond(request, stopping).await }
                })
                .await;
            }
        };
        tokio::join!(serving_web, serving_phone);
    }
}

async fn bind(address: SocketAddr, name: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}, which is {name} in the configuration; another program may be there")
    })
}

/// A short answer for people and programs.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(full(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    let plain = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

pub(crate) fn full(bytes: Bytes) -> Body {
    Full::new(bytes).boxed()
}
