//! SIP2, the protocol between self-check machines and library systems: one line is one message, with
//! a sequence number and a checksum at its end. A connection is for one message, after a login where
//! the system wants one.

use std::time::Duration;

use callslip_core::outside::{Answer, Failure, MESSAGE_BYTES_MAX};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{NoWay, Outward};
use crate::secret::Secret;

/// Who we are there.
#[derive(Clone, Debug)]
pub struct Sip2Login {
    pub user: String,
    pub password: Secret,
    pub location: Option<String>,
}

impl Outward {
    /// What comes back, without sequence number and checksum. Once the message is on its way, what
    /// fails leaves open whether it was done.
    pub async fn ask_sip2(
        &self,
        server: &str,
        message: &str,
        login: Option<&Sip2Login>,
        patience: Duration,
    ) -> Answer {
        let mut sent = false;
        let asking = self.converse(server, message, login, &mut sent);
        let asked = tokio::time::timeout(patience, asking).await;
        match asked {
            Ok(Ok(answer)) => Answer::Message(answer),
            Ok(Err(failure)) => Answer::Failed(failure),
            Err(_) if sent => Answer::Failed(Failure::Unclear),
            Err(_) => Answer::Failed(Failure::Unreachable("nothing came in time".to_owned())),
        }
    }

    async fn converse(
        &self,
        server: &str,
        message: &str,
        login: Option<&Sip2Login>,
        sent: &mut bool,
    ) -> Result<String, Failure> {
        let (host, port) = server.rsplit_once(':').unwrap_or((server, "6001"));
        let port = port.parse();
        let port = port.map_err(|_| Failure::Invalid("its address has no port".to_owned()))?;
        let stream = self.connect(host, port).await;
        let mut stream = stream.map_err(|no_way| match no_way {
            NoWay::OutOfReach { why, .. } => Failure::NotGranted(why.to_string()),
            other => Failure::Unreachable(other.to_string()),
        })?;
        let mut sequence = 0;
        if let Some(login) = login {
            let answer = exchange(&mut stream, &login_message(login)?, sequence).await?;
            if !answer.starts_with("941") {
                let what = "the library system refuses the login of the grant";
                return Err(Failure::Unreachable(what.to_owned()));
            }
            sequence = 1;
        }
        *sent = true;
        let answered = exchange(&mut stream, message, sequence).await;
        answered.map_err(|failure| match failure {
            Failure::Unreachable(_) => Failure::Unclear,
            other => other,
        })
    }
}

fn login_message(login: &Sip2Login) -> Result<String, Failure> {
    let location = login.location.as_deref().unwrap_or_default();
    let parts = [&login.user, login.password.reveal(), location];
    if parts.iter().any(|part| part.contains(['|', '\r', '\n'])) {
        return Err(Failure::Invalid(
            "user, password or location of the grant has a | or a line's end".to_owned(),
        ));
    }
    let [user, password, location] = parts;
    Ok(format!("9300CN{user}|CO{password}|CP{location}|"))
}

async fn exchange(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    message: &str,
    sequence: u8,
) -> Result<String, Failure> {
    let broken = |_| Failure::Unreachable("the connection broke".to_owned());
    let line = sealed(message, sequence);
    stream.write_all(line.as_bytes()).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    let mut line = Vec::new();
    loop {
        let byte = stream.read_u8().await.map_err(broken)?;
        match byte {
            // Some end a line with both, in either order.
            b'\r' | b'\n' if line.is_empty() => {}
            b'\r' | b'\n' => break,
            _ if line.len() >= MESSAGE_BYTES_MAX => return Err(Failure::TooLong),
            _ => line.push(byte),
        }
    }
    unsealed(&line, sequence)
}

fn sealed(message: &str, sequence: u8) -> String {
    let bare = format!("{message}AY{sequence}AZ");
    format!("{bare}{:04X}\r", checksum(bare.as_bytes()))
}

/// Of all up to and with `AZ`, so that with it the sum is nothing.
fn checksum(bytes: &[u8]) -> u16 {
    let sum = bytes
        .iter()
        .fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    sum.wrapping_neg()
}

fn unsealed(line: &[u8], sequence: u8) -> Result<String, Failure> {
    let wrong = |what: &str| Failure::Unreadable(what.to_owned());
    let end = line.len().checked_sub(9).filter(|end| {
        let tail = line.get(*end..).unwrap_or_default();
        tail.starts_with(b"AY") && tail.get(3..5) == Some(b"AZ")
    });
    // A system that is set up without error detection sends neither.
    let body = match end {
        None => line,
        Some(end) => {
            let tail = &line[end..];
            let told = std::str::from_utf8(&tail[5..]).ok();
            let told = told.and_then(|told| u16::from_str_radix(told, 16).ok());
            if told != Some(checksum(&line[..end + 5])) {
                return Err(wrong("its checksum is not that of its message"));
            }
            if tail[2] != b'0' + sequence {
                return Err(wrong("it answers another message"));
            }
            &line[..end]
        }
    };
    let body = String::from_utf8_lossy(body).into_owned();
    match body.get(..2) {
        Some("96") => Err(wrong("the library system asks to have it again")),
        Some(kind) if kind.bytes().all(|digit| digit.is_ascii_digit()) => Ok(body),
        _ => Err(wrong("it does not begin with the two digits of a message")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the protocol's own description: a login without sequence number is not ours,
    /// the sum is by its rule.
    #[test]
    fn a_message_and_its_sum_come_to_nothing() {
        for message in [
            "9900302.00",
            "2300120060101    084235AOUWOLS|AAdjfiander|ACterm|AD|",
        ] {
            let line = sealed(message, 1);
            let (body, told) = line.trim_end().split_at(line.len() - 5);
            let sum: u16 = body.bytes().map(u16::from).sum();
            let told = u16::from_str_radix(told, 16).unwrap();
            assert_eq!(sum.wrapping_add(told), 0);
            assert_eq!(unsealed(line.trim_end().as_bytes(), 1).unwrap(), message);
        }
    }

    #[test]
    fn what_is_damaged_or_another_messages_is_not_believed() {
        let line = sealed("941", 0);
        let line = line.trim_end();
        assert_eq!(unsealed(line.as_bytes(), 0).unwrap(), "941");
        assert_eq!(unsealed(b"941", 0).unwrap(), "941");
        assert!(unsealed(line.as_bytes(), 1).is_err());
        assert!(unsealed(line.replace("941", "940").as_bytes(), 0).is_err());
        assert!(unsealed(b"96AZFEF6", 0).is_err());
        assert!(unsealed(b"", 0).is_err());
        assert!(unsealed(b"HTTP/1.1 400", 0).is_err());
    }
}
