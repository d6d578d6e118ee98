//! What an SMPP gateway is told at its making, and what of it cannot be.

use std::fmt;
use std::sync::Arc;

use callslip_core::dialling::Country;
use rusmpp_core::values::{Npi, Ton};
use sha2::{Digest, Sha256};

use super::dial::Dial;
use crate::secret::Secret;

/// What the protocol's fields hold, without the octet that ends them.
const SYSTEM_ID_MAX: usize = 15;
const PASSWORD_MAX: usize = 8;
const SYSTEM_TYPE_MAX: usize = 12;

pub struct SmppOptions {
    pub name: String,
    pub dial: Arc<dyn Dial>,
    pub system_id: String,
    pub password: Secret,
    pub system_type: String,
    /// How the other side wants our own numbers typed; none: by their look.
    pub own_type: Option<TypeOfNumber>,
    pub numbers: Vec<OurNumber>,
    /// Requests that may wait for their answers at once.
    pub window: usize,
    /// A message in three parts counts as three.
    pub parts_per_second: u32,
    pub alphabet: Alphabet,
    pub long: Long,
    pub receipt_ids: ReceiptIds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeOfNumber {
    pub ton: u8,
    pub npi: u8,
}

impl TypeOfNumber {
    pub(super) fn ton(self) -> Ton {
        Ton::from(self.ton)
    }

    pub(super) fn npi(self) -> Npi {
        Npi::from(self.npi)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OurNumber {
    /// As the config writes it.
    pub number: String,
    /// Whose national numbers texts to it come from.
    pub country: Country,
}

/// What a message is written in, and what the other side's default alphabet is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// GSM-7, unpacked; what does not fit is UCS-2.
    Gsm7,
    /// ISO 8859-1; what does not fit is UCS-2.
    Latin1,
    /// UCS-2 for everything.
    Ucs2,
}

/// How a text of several segments is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Long {
    /// Each in a PDU, with a header that tells the phone how to join them.
    Parts,
    /// Whole in one PDU; the other side cuts it.
    Payload,
}

/// How receipts write the id that the answer to a message gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptIds {
    /// It is found out.
    Auto,
    /// Receipts in hex, answers in decimal.
    Hex,
    /// Receipts in decimal, answers in hex.
    Decimal,
    /// Alike but for case and leading zeros.
    Same,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmppSetupError {
    #[error(
        "{0} is longer than the {1} characters that SMPP has for it: ask the provider for a shorter one"
    )]
    TooLong(&'static str, usize),
    #[error("{0} has characters that SMPP does not carry: use letters, digits and signs of ASCII")]
    NotAscii(&'static str),
}

impl SmppOptions {
    pub(super) fn check(&self) -> Result<(), SmppSetupError> {
        for (name, value, most) in [
            ("system-id", self.system_id.as_str(), SYSTEM_ID_MAX),
            ("password", self.password.reveal(), PASSWORD_MAX),
            ("system-type", self.system_type.as_str(), SYSTEM_TYPE_MAX),
        ] {
            if !value.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
                return Err(SmppSetupError::NotAscii(name));
            }
            if value.len() > most {
                return Err(SmppSetupError::TooLong(name, most));
            }
        }
        Ok(())
    }

    /// Over everything that makes a difference, the password included.
    pub(super) fn likeness(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let rest = format!(
            "{:?} {:?} {} {} {:?} {:?} {:?}",
            self.own_type,
            self.numbers,
            self.window,
            self.parts_per_second,
            self.alphabet,
            self.long,
            self.receipt_ids
        );
        for part in [
            self.name.as_str(),
            &self.dial.place(),
            &self.system_id,
            self.password.reveal(),
            &self.system_type,
            &rest,
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

impl fmt::Debug for SmppOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmppOptions")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
