//! Makes the connection: TCP, with TLS over it or not. Tests dial a pipe in memory instead.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::port::BoxFuture;

/// Name, connection and TLS together.
const WITHIN: Duration = Duration::from_secs(10);

pub trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

pub trait Dial: Send + Sync {
    /// Where it leads to, for the log.
    fn place(&self) -> String;

    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Pipe>>>;
}

/// A host and a port, such as `smsc.example.org:2775`.
pub struct Tcp {
    address: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("no root certificates on this machine: install the package ca-certificates")]
    NoCertificates,
    #[error("\"{0}\" is no name that a certificate could be for")]
    NoName(String),
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// The authorities whose certificates are believed.
pub struct Roots {
    store: rustls::RootCertStore,
    certificates: Vec<Vec<u8>>,
}

impl Roots {
    pub fn of_this_machine() -> Result<Roots, TlsError> {
        Roots::of(rustls_native_certs::load_native_certs().certs)
    }

    /// Certificates as they stand in a file, between lines that begin and end them.
    pub fn of_pem(pem: &[u8]) -> Result<Roots, TlsError> {
        Roots::of(CertificateDer::pem_slice_iter(pem).flatten())
    }

    /// The same, and each by itself.
    pub(crate) fn into_parts(self) -> (rustls::RootCertStore, Vec<Vec<u8>>) {
        (self.store, self.certificates)
    }

    fn of(
        certificates: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Roots, TlsError> {
        let mut store = rustls::RootCertStore::empty();
        let mut known = Vec::new();
        for certificate in certificates {
            // What a machine has lying there and nobody can read is passed over.
            if store.add(certificate.clone()).is_ok() {
                known.push(certificate.to_vec());
            }
        }
        match store.is_empty() {
            true => Err(TlsError::NoCertificates),
            false => Ok(Roots {
                store,
                certificates: known,
            }),
        }
    }
}

impl Tcp {
    pub fn plain(address: &str) -> Tcp {
        Tcp {
            address: address.to_owned(),
            tls: None,
        }
    }

    /// The certificate must be for the host's name, by an authority of these.
    pub fn tls(address: &str, roots: Roots) -> Result<Tcp, TlsError> {
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name =
            ServerName::try_from(host.to_owned()).map_err(|_| TlsError::NoName(host.to_owned()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots.store)
            .with_no_client_auth();
        Ok(Tcp {
            address: address.to_owned(),
            tls: Some((TlsConnector::from(Arc::new(config)), name)),
        })
    }

    async fn connect(&self) -> io::Result<Box<dyn Pipe>> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            None => Box::new(stream),
            Some((connector, name)) => Box::new(connector.connect(name.clone(), stream).await?),
        })
    }
}

impl Dial for Tcp {
    fn place(&self) -> String {
        match self.tls {
            None => self.address.clone(),
            Some(_) => format!("{} with TLS", self.address),
        }
    }

    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Pipe>>> {
        Box::pin(async {
            tokio::time::timeout(WITHIN, self.connect())
                .await
                .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        })
    }
}
