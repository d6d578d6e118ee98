//! The first words of a connection, and the task that writes all of them.

use std::time::Duration;

use bytes::Bytes;
use rusmpp_core::pdus::owned::{BindTransceiver, Pdu};
use rusmpp_core::types::owned::COctetString;
use rusmpp_core::values::{InterfaceVersion, Npi, Ton};
use rusmpp_core::{CommandId, CommandStatus};
use tokio::io::{AsyncWrite, AsyncWriteExt, ReadHalf};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::Smpp;
use super::dial::Pipe;
use super::session::End;
use super::wire::{Frames, write};

const BIND_WITHIN: Duration = Duration::from_secs(15);
const WRITE_WITHIN: Duration = Duration::from_secs(20);

/// Its sequence number is 1.
pub(super) async fn bind(
    gateway: &Smpp,
    frames: &mut Frames<ReadHalf<Box<dyn Pipe>>>,
    out: &mpsc::Sender<Bytes>,
) -> Result<(), End> {
    let options = &gateway.options;
    let text = |text: &str| text.to_owned();
    let lost = |_| End::Lost("its settings are not SMPP's");
    let request = BindTransceiver::builder()
        .system_id(COctetString::from_string(text(&options.system_id)).map_err(lost)?)
        .password(COctetString::from_string(text(options.password.reveal())).map_err(lost)?)
        .system_type(COctetString::from_string(text(&options.system_type)).map_err(lost)?)
        .interface_version(InterfaceVersion::Smpp3_4)
        .addr_ton(options.own_type.map_or(Ton::Unknown, |own| own.ton()))
        .addr_npi(options.own_type.map_or(Npi::Unknown, |own| own.npi()))
        .build();
    let _ = out.send(write(CommandStatus::EsmeRok, 1, request)).await;
    let answer = timeout(BIND_WITHIN, async {
        loop {
            match frames.next().await {
                Ok(Some(frame)) => match frame.id {
                    CommandId::BindTransceiverResp | CommandId::GenericNack => return Ok(frame),
                    CommandId::EnquireLink => {
                        let pdu = Pdu::EnquireLinkResp;
                        let _ = out
                            .send(write(CommandStatus::EsmeRok, frame.sequence, pdu))
                            .await;
                    }
                    _ => {}
                },
                Ok(None) | Err(_) => {
                    return Err(End::Lost("it closed instead of answering a bind"));
                }
            }
        }
    });
    let answer = answer
        .await
        .unwrap_or(Err(End::Lost("it did not answer a bind")))?;
    match answer.status {
        CommandStatus::EsmeRok => Ok(()),
        status => Err(End::Refused(status)),
    }
}

pub(super) async fn write_all(mut to: impl AsyncWrite + Unpin, mut writes: mpsc::Receiver<Bytes>) {
    while let Some(pdu) = writes.recv().await {
        let written = timeout(WRITE_WITHIN, async {
            to.write_all(&pdu).await?;
            to.flush().await
        });
        if !matches!(written.await, Ok(Ok(()))) {
            return;
        }
    }
    let _ = to.shutdown().await;
}
