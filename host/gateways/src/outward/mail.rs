//! Mail: one letter, one conversation with the machine's mail server.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, AsyncTokioStream, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::{NoWay, Outward};
use crate::secret::Secret;

/// Greylisting servers answer late; one that says nothing for so long says nothing.
const WITHIN: Duration = Duration::from_secs(60);
/// Neither may give the password to who listens.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// Where mail is handed in.
#[derive(Clone, Debug)]
pub struct Mailer {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    pub login: Option<(String, Secret)>,
    /// The sender in every letter.
    pub from: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// Asked for in the conversation; without it nothing is said.
    StartTls,
    Implicit,
    None,
}

pub struct Mail {
    pub to: String,
    pub subject: String,
    pub body: String,
    /// Left of the `@` of its Message-ID: the same whenever the same letter is sent again.
    pub id: String,
}

#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error(transparent)]
    NoWay(#[from] NoWay),
    #[error("\"{0}\" is not an e-mail address")]
    Address(String),
    #[error("the mail server will never take it: {0}")]
    Refused(String),
    #[error("the mail server did not take it: {0}")]
    Later(String),
    #[error("the mail server did not answer in time")]
    TimedOut,
}

impl MailError {
    pub fn is_lasting(&self) -> bool {
        match self {
            MailError::NoWay(no_way) => no_way.is_lasting(),
            MailError::Address(_) | MailError::Refused(_) => true,
            MailError::Later(_) | MailError::TimedOut => false,
        }
    }
}

impl Mailer {
    pub async fn send(&self, outward: &Outward, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        let sending = self.hand_in(outward, &message);
        let late = |_| Err(MailError::TimedOut);
        tokio::time::timeout(WITHIN, sending)
            .await
            .unwrap_or_else(late)
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let mailbox = |address: &str| -> Result<Mailbox, MailError> {
            let wrong = |_| MailError::Address(address.to_owned());
            Ok(Mailbox::new(None, address.parse().map_err(wrong)?))
        };
        let domain = self.from.rsplit_once('@').map_or("callslip", |(_, it)| it);
        let message = Message::builder()
            .from(mailbox(&self.from)?)
            .to(mailbox(&mail.to)?)
            .subject(mail.subject.clone())
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone());
        message.map_err(|error| MailError::Refused(error.to_string()))
    }

    async fn hand_in(&self, outward: &Outward, message: &Message) -> Result<(), MailError> {
        let hello = ClientId::Domain("callslip".to_owned());
        let stream: Box<dyn AsyncTokioStream> = match self.tls {
            MailTls::Implicit => {
                Box::new(Secured(outward.connect_tls(&self.host, self.port).await?))
            }
            MailTls::StartTls | MailTls::None => {
                Box::new(outward.connect(&self.host, self.port).await?)
            }
        };
        let mut talk = AsyncSmtpConnection::connect_with_transport(stream, &hello)
            .await
            .map_err(said)?;
        if self.tls == MailTls::StartTls {
            let parameters = parameters(&self.host, outward.roots()).map_err(said)?;
            talk.starttls(parameters, &hello).await.map_err(said)?;
        }
        if let Some((name, password)) = &self.login {
            let login = Credentials::new(name.clone(), password.reveal().to_owned());
            talk.auth(&MECHANISMS, &login).await.map_err(said)?;
        }
        talk.send(message.envelope(), &message.formatted())
            .await
            .map_err(said)?;
        // It is taken; what the server says to a farewell changes nothing.
        let _ = talk.quit().await;
        Ok(())
    }
}

fn parameters(host: &str, roots: &[Vec<u8>]) -> Result<TlsParameters, smtp::Error> {
    let mut builder =
        TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::None);
    for root in roots {
        builder = builder.add_root_certificate(Certificate::from_der(root.clone())?);
    }
    builder.build()
}

/// A server's own words may repeat an address: only its code is kept.
fn said(error: smtp::Error) -> MailError {
    let what = match error.status() {
        Some(code) => format!("it answered {code}"),
        None if error.is_tls() => "TLS failed; is its certificate known here?".to_owned(),
        None if error.is_client() => error.to_string(),
        None => "the connection broke".to_owned(),
    };
    match error.is_permanent() {
        true => MailError::Refused(what),
        false => MailError::Later(what),
    }
}

/// TLS from the first byte, as the mail library wants its connections.
struct Secured(TlsStream<TcpStream>);

impl fmt::Debug for Secured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secured")
    }
}

impl AsyncTokioStream for Secured {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
