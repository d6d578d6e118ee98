//! The way out for everything whose address somebody other than the machine's operator may choose,
//! or that others may bend: webhooks, pictures, mail, what flows fetch (g5). A name is looked up
//! once, every address that it has is checked, and the connection goes to one that was checked;
//! a redirection is a new request and is checked like the first.
//!
//! Gateways' own calls go by `client`: their addresses stand in the machine's file.

mod asking; // what flows ask, over HTTP
mod fetch; // HTTP over it
mod mail; // SMTP over it
mod notices; // what goes to staff by both
mod picture; // what patrons send, made plain
mod pictures; // where it is fetched from
mod sip2; // what flows ask of library systems

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use callslip_core::network::{OutOfReach, Reach};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::port::BoxFuture;
use crate::smpp::{Roots, TlsError};

pub use asking::{Added, Download};
pub use fetch::{Asked, FetchError, FetchLimits, Fetched};
pub use mail::{Mail, MailError, MailTls, Mailer};
pub use notices::{HookTarget, NoticeError, Notices};
pub use picture::{Picture, PictureRefused, plain_picture};
pub use pictures::{PictureError, PicturePlace};
pub use sip2::Sip2Login;

/// Name, connection and TLS together.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A name with more is not one that anybody wants to be reached by.
const ADDRESSES_MAX: usize = 32;

/// Looks a name up. Given as a value, so that tests need no network.
pub trait Resolver: Send + Sync {
    fn look_up<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// The machine's own.
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn look_up<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Outward {
    resolver: Arc<dyn Resolver>,
    reach: Arc<Reach>,
    tls: TlsConnector,
    /// As certificates in PEM, for what makes its own TLS.
    roots: Arc<Vec<Vec<u8>>>,
}

/// Why there is no connection. Not a byte was sent.
#[derive(Debug, thiserror::Error)]
pub enum NoWay {
    #[error("{host}: {why}")]
    OutOfReach { host: String, why: OutOfReach },
    #[error("{0} is not known: no address was found for it")]
    Unknown(String),
    #[error("no connection to {host}: {cause}")]
    Connect { host: String, cause: io::Error },
    #[error("no connection to {0} in time")]
    TimedOut(String),
    #[error("\"{0}\" is no name that a certificate could be for")]
    NoName(String),
}

impl NoWay {
    /// Trying again changes nothing until somebody changes the configuration.
    pub fn is_lasting(&self) -> bool {
        matches!(self, NoWay::OutOfReach { .. } | NoWay::NoName(_))
    }
}

impl Outward {
    pub fn new(
        resolver: Arc<dyn Resolver>,
        reach: Reach,
        roots: Roots,
    ) -> Result<Outward, TlsError> {
        let (store, certificates) = roots.into_parts();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(store)
            .with_no_client_auth();
        Ok(Outward {
            resolver,
            reach: Arc::new(reach),
            tls: TlsConnector::from(Arc::new(config)),
            roots: Arc::new(certificates),
        })
    }

    /// A connection to an address that was checked.
    pub async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, NoWay> {
        let within = tokio::time::timeout(CONNECT_WITHIN, self.dial(host, port));
        let late = |_| Err(NoWay::TimedOut(host.to_owned()));
        within.await.unwrap_or_else(late)
    }

    pub(crate) async fn connect_tls(
        &self,
        host: &str,
        port: u16,
    ) -> Result<TlsStream<TcpStream>, NoWay> {
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| NoWay::NoName(host.to_owned()))?;
        let stream = self.connect(host, port).await?;
        let shaken = tokio::time::timeout(CONNECT_WITHIN, self.tls.connect(name, stream)).await;
        let shaken = shaken.map_err(|_| NoWay::TimedOut(host.to_owned()))?;
        shaken.map_err(|cause| NoWay::Connect {
            host: host.to_owned(),
            cause,
        })
    }

    /// As the certificates of those who are believed, each in DER.
    pub(crate) fn roots(&self) -> &[Vec<u8>] {
        &self.roots
    }

    async fn dial(&self, host: &str, port: u16) -> Result<TcpStream, NoWay> {
        let failed = |cause| NoWay::Connect {
            host: host.to_owned(),
            cause,
        };
        let mut last = None;
        for address in self.checked(host).await? {
            match TcpStream::connect(SocketAddr::new(address, port)).await {
                Ok(stream) => {
                    stream.set_nodelay(true).map_err(failed)?;
                    return Ok(stream);
                }
                Err(cause) => last = Some(cause),
            }
        }
        Err(match last {
            Some(cause) => failed(cause),
            None => NoWay::Unknown(host.to_owned()),
        })
    }

    /// Every address of the name; one that is out of reach refuses the name, since who mixes them
    /// hopes for the other.
    async fn checked(&self, host: &str) -> Result<Vec<IpAddr>, NoWay> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = match bare.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => {
                let looked_up = self.resolver.look_up(bare).await;
                looked_up.map_err(|_| NoWay::Unknown(host.to_owned()))?
            }
        };
        for address in &found {
            self.reach
                .check(*address)
                .map_err(|why| NoWay::OutOfReach {
                    host: host.to_owned(),
                    why,
                })?;
        }
        Ok(found.into_iter().take(ADDRESSES_MAX).collect())
    }
}
