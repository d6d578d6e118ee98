//! One suite that every gateway passes, whatever it speaks.
//!
//! The checks know a gateway as `dyn Gateway` only. What differs is in a [`Kit`], a file for each
//! in `kits`: it makes requests as the carrier would, and plays the carrier's own server. To add a
//! gateway, write its kit and name it in the list at the end.

pub(crate) mod kits;
pub(crate) mod sending;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use callslip_core::at::At;
use callslip_gateways::{Gateway, SignatureCheck, WebRequest};

pub(crate) use crate::server::{Played, Server};
/// `OURS` is configured on each kit's gateway.
pub(crate) use crate::support::{NOW, NUMBER as OURS, PUBLIC_URL};

/// Ours, but on another gateway.
pub(crate) const NOT_HERE: &str = "+12065550100";
pub(crate) const PATRON: &str = "+12124217005";

/// What a kit's gateway is made with, besides the kit's own keys. Its name is "main".
pub(crate) struct Setup {
    /// Where the kit's server listens: `127.0.0.1:PORT`.
    pub(crate) server: String,
    pub(crate) signature: SignatureCheck,
}

pub(crate) trait Kit {
    fn gateway(&self, setup: Setup) -> Arc<dyn Gateway>;

    /// None: nothing comes to it from the web, and what comes is refused.
    fn webhooks(&self) -> Option<&dyn Webhooks>;

    /// Hands one message over, [`sending::message`], while the carrier's server does as told.
    /// None: that cannot happen here.
    fn send(&self, server: Server) -> Option<Played>;

    /// Whether a pause that the carrier asks for is as long as it says.
    fn says_how_long(&self) -> bool;
}

/// A text as a patron sends it.
#[derive(Clone)]
pub(crate) struct Text {
    pub(crate) id: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) body: String,
    /// Addresses and types.
    pub(crate) media: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Sent,
    Delivered,
    /// For good.
    Failed,
}

/// What became of a message of ours.
#[derive(Clone)]
pub(crate) struct News {
    pub(crate) id: String,
    pub(crate) from: String,
    pub(crate) fate: Fate,
}

/// How old, and how far in the future, a signed time may be.
#[derive(Clone, Copy)]
pub(crate) struct Tolerance {
    pub(crate) late: Duration,
    pub(crate) early: Duration,
}

/// Requests as the carrier makes them, each well signed at the moment given.
pub(crate) trait Webhooks {
    fn text(&self, text: &Text, at: At) -> WebRequest;

    /// A text with any bytes where its words stand.
    fn text_of_bytes(&self, words: &[u8], at: At) -> WebRequest;

    /// A body of any bytes; signed, as far as it can be.
    fn body_of_bytes(&self, body: &[u8], at: At) -> WebRequest;

    /// Texts that lack a field which they cannot do without.
    fn texts_without(&self, at: At) -> Vec<(&'static str, WebRequest)>;

    /// `address`: path and query, as the gateway gave them out.
    fn report(&self, news: &News, address: &str, at: At) -> WebRequest;

    fn reports_without(&self, address: &str, at: At) -> Vec<(&'static str, WebRequest)>;

    /// The address for reports in what the gateway sent to the carrier.
    fn address_for_reports(&self, sent: &str) -> String;

    /// The same request with no signature, and with others that do not fit.
    fn forgeries(&self, good: &WebRequest) -> Vec<WebRequest>;

    /// None: a secret comes with each request, and nothing of it is signed.
    fn signs_body(&self) -> bool {
        true
    }

    /// None: no time is signed.
    fn tolerance(&self) -> Option<Tolerance>;

    /// Whether a report says which number of ours it is about.
    fn reports_name_our_number(&self) -> bool;
}

/// A test for each check; `cargo nextest run -p callslip-gateways conformance::NAME` runs a
/// gateway's.
macro_rules! every_gateway_passes {
    ($($name:ident: $kit:expr,)*) => {
        $(mod $name {
            use super::*;

            webhooks! { $kit =>
                a_text_is_read_whole
                pictures_are_addresses_and_types
                a_nul_is_dropped
                invalid_utf8_is_refused
                a_mebibyte_is_refused
                what_is_missing_is_refused
                any_bytes_get_an_answer
                a_wrong_signature_is_refused
                an_altered_body_is_refused
                an_old_request_is_refused
                g6_observing_lets_a_wrong_signature_pass_and_ends
                g1_a_number_of_another_gateway_is_refused
                a_report_says_what_became_of_a_message
                a_report_on_an_unknown_message_is_read
                what_was_taken_is_acknowledged
                invariant_11_nothing_prints_a_number_or_a_text
            }

            sending! { $kit =>
                a_message_is_taken
                a_report_comes_back_to_its_message
                a_refusal_is_for_good
                an_opt_out_is_known
                trouble_on_the_other_side_passes
                a_pause_is_kept
                a_closed_door_took_nothing
                silence_is_unclear
                a_broken_connection_is_unclear
                a_broken_answer_is_unclear
                nothing_is_not_sent
            }
        })*
    };
}

macro_rules! webhooks {
    ($kit:expr => $($check:ident)*) => {
        $(#[test]
        fn $check() {
            super::webhooks::$check(&$kit);
        })*
    };
}

macro_rules! sending {
    ($kit:expr => $($check:ident)*) => {
        $(#[tokio::test]
        async fn $check() {
            super::sending::$check(&$kit).await;
        })*
    };
}

every_gateway_passes! {
    hosted: kits::hosted::Kit,
    kannel: kits::kannel::Kit,
    phone: kits::phone::Kit,
    simulator: kits::simulator::Kit,
    smpp: kits::smpp::Kit,
    telnyx: kits::telnyx::Kit,
    twilio: kits::twilio::Kit,
    vonage: kits::vonage::Kit::Messages,
    vonage_sms: kits::vonage::Kit::Sms,
}
