//! The gateways as the machine's file names them, each with its secrets, ready to speak.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use callslip_core::at::At;
use callslip_core::config::{self, Machine, NumberEntry, webhook};
use callslip_core::dialling::Country;
use callslip_gateways::{
    Client, ClientLimits, Gateway, HttpGateway, HttpOptions, Kannel, KannelOptions, OurNumber,
    Proof, Roots, Secret, SignatureCheck, SignatureMethod, Simulator, Smpp, SmppOptions, Tcp,
    Telnyx, TelnyxOptions, Twilio, TwilioOptions, TypeOfNumber, Vonage, VonageOptions,
};

use crate::stopped::Stopped;

/// The gateway of simulated phones; no gateway in a file can have this name.
pub(crate) const SIMULATOR: &str = "simulator";

/// `signature = "observe"` ends by itself after this (g6).
const OBSERVES_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// By name.
pub(crate) type Gateways = HashMap<String, Arc<dyn Gateway>>;

/// Those whose wrong signatures the file lets pass.
pub(crate) fn observing(machine: &Machine) -> Vec<String> {
    let observe = config::SignatureCheck::Observe;
    let gateways = machine.gateways.iter();
    gateways
        .filter(|gateway| gateway.signature == observe)
        .map(|gateway| gateway.name.clone())
        .collect()
}

/// `observing`: since when each of [`observing`] does.
pub(crate) fn all(machine: &Machine, observing: &HashMap<String, At>) -> Result<Gateways, Stopped> {
    let mut gateways = Gateways::new();
    let client = Client::new(ClientLimits::default()).map_err(anyhow::Error::from)?;
    for gateway in &machine.gateways {
        let signature = match observing.get(&gateway.name) {
            Some(since) => SignatureCheck::Observe {
                until: *since + OBSERVES_FOR,
            },
            None => SignatureCheck::Enforce,
        };
        let made = one(machine, gateway, signature, client.clone()).map_err(|error| {
            Stopped::usage(format!("[[gateway]] \"{}\": {error:#}", gateway.name))
        })?;
        gateways.insert(gateway.name.clone(), made);
    }
    let simulator: Arc<dyn Gateway> = Arc::new(Simulator::new(SIMULATOR, |_| {}));
    gateways.insert(SIMULATOR.to_owned(), simulator);
    Ok(gateways)
}

/// An arm for each kind. What a kind needs beyond its own fields is in `Common`.
fn one(
    machine: &Machine,
    gateway: &config::Gateway,
    signature: SignatureCheck,
    client: Client,
) -> anyhow::Result<Arc<dyn Gateway>> {
    let numbers = machine.numbers.iter();
    let numbers: Vec<_> = numbers
        .filter(|number| speaks_for(gateway, number))
        .collect();
    let common = Common {
        name: gateway.name.clone(),
        public_url: machine.public_url.clone(),
        country: numbers.first().map(|number| number.country()),
        numbers: numbers.iter().map(|number| number.number.clone()).collect(),
        signature,
        client,
    };
    Ok(match &gateway.kind {
        config::GatewayKind::Simulator => Arc::new(Simulator::new(&gateway.name, |_| {})),
        config::GatewayKind::Twilio(twilio) => Arc::new(twilio_gateway(common, twilio)?),
        config::GatewayKind::Telnyx(telnyx) => Arc::new(telnyx_gateway(common, telnyx)?),
        config::GatewayKind::Vonage(vonage) => Arc::new(vonage_gateway(common, vonage)?),
        config::GatewayKind::Kannel(kannel) => Arc::new(kannel_gateway(common, kannel)?),
        config::GatewayKind::Smpp(smpp) => {
            let own = |number: &&NumberEntry| OurNumber {
                number: number.number.clone(),
                country: number.country(),
            };
            let numbers = numbers.iter().map(own).collect();
            Arc::new(smpp_gateway(common.name, numbers, smpp)?)
        }
        config::GatewayKind::Http(service) => Arc::new(http_gateway(common, service)?),
    })
}

/// Its own numbers, and those that fall back on it: what it then sends is reported by it too.
fn speaks_for(gateway: &config::Gateway, number: &config::NumberEntry) -> bool {
    number.gateway == gateway.name || number.fallback.as_ref() == Some(&gateway.name)
}

struct Common {
    name: String,
    public_url: String,
    /// Those that it may speak for (g1).
    numbers: Vec<String>,
    /// That of the first of them.
    country: Option<Country>,
    signature: SignatureCheck,
    client: Client,
}

fn twilio_gateway(common: Common, twilio: &config::Twilio) -> anyhow::Result<Twilio> {
    Ok(Twilio::new(TwilioOptions {
        name: common.name,
        account_sid: twilio.account_sid.clone(),
        auth_token: secret(&twilio.auth_token).context("auth-token")?,
        shared_key: None,
        public_url: common.public_url,
        api_base: twilio
            .api_base
            .clone()
            .unwrap_or_else(|| "https://api.twilio.com".to_owned()),
        messaging_service_sid: twilio.messaging_service.clone(),
        numbers: common.numbers,
        signature: common.signature,
        client: common.client,
    })?)
}

fn telnyx_gateway(common: Common, telnyx: &config::Telnyx) -> anyhow::Result<Telnyx> {
    Ok(Telnyx::new(TelnyxOptions {
        name: common.name,
        api_key: secret(&telnyx.api_key).context("api-key")?,
        public_key: telnyx.public_key.clone(),
        messaging_profile: telnyx.messaging_profile.clone(),
        public_url: common.public_url,
        api_base: telnyx
            .api_base
            .clone()
            .unwrap_or_else(|| "https://api.telnyx.com".to_owned()),
        numbers: common.numbers,
        signature: common.signature,
        client: common.client,
    })?)
}

fn vonage_gateway(common: Common, vonage: &config::Vonage) -> anyhow::Result<Vonage> {
    Ok(Vonage::new(VonageOptions {
        name: common.name,
        api_key: vonage.api_key.clone(),
        api_secret: secret(&vonage.api_secret).context("api-secret")?,
        signature_secret: secret(&vonage.signature_secret).context("signature-secret")?,
        signature_method: vonage.signature_method.map(|method| match method {
            config::SignatureMethod::Md5Hash => SignatureMethod::Md5Hash,
            config::SignatureMethod::Md5 => SignatureMethod::Md5,
            config::SignatureMethod::Sha1 => SignatureMethod::Sha1,
            config::SignatureMethod::Sha256 => SignatureMethod::Sha256,
            config::SignatureMethod::Sha512 => SignatureMethod::Sha512,
        }),
        public_url: common.public_url,
        api_base: vonage
            .api_base
            .clone()
            .unwrap_or_else(|| "https://api.nexmo.com".to_owned()),
        numbers: common.numbers,
        signature: common.signature,
        client: common.client,
    })?)
}

fn kannel_gateway(common: Common, kannel: &config::Kannel) -> anyhow::Result<Kannel> {
    let webhook_secret = kannel.webhook_secret.as_ref().map(secret).transpose();
    Ok(Kannel::new(KannelOptions {
        name: common.name,
        sendsms: kannel.sendsms.clone(),
        username: kannel.username.clone(),
        password: secret(&kannel.password).context("password")?,
        webhook_secret: webhook_secret.context("webhook-secret")?,
        addresses: kannel.addresses.clone(),
        callback_base: kannel.callback_base.clone().unwrap_or(common.public_url),
        country: country(kannel.country, common.country)?,
        numbers: common.numbers,
        signature: common.signature,
        client: common.client,
    })?)
}

fn http_gateway(common: Common, service: &config::http::Http) -> anyhow::Result<HttpGateway> {
    let proof = service.webhook.proof.as_ref().map(proof).transpose();
    let secret = service.send.secret.as_ref().map(secret).transpose();
    Ok(HttpGateway::new(HttpOptions {
        name: common.name,
        proof: proof.context("[gateway.webhook]")?,
        secret: secret.context("[gateway.send] secret")?,
        public_url: common.public_url,
        country: country(service.country, common.country)?,
        numbers: common.numbers,
        signature: common.signature,
        client: common.client,
        service: service.clone(),
    })?)
}

fn smpp_gateway(
    name: String,
    numbers: Vec<OurNumber>,
    smpp: &config::Smpp,
) -> anyhow::Result<Smpp> {
    use callslip_core::config::smpp::{Alphabet, Long, ReceiptIds};
    let dial = match smpp.tls {
        true => Tcp::tls(&smpp.address, Roots::of_this_machine()?).context("tls")?,
        false => Tcp::plain(&smpp.address),
    };
    Ok(Smpp::new(SmppOptions {
        name,
        dial: Arc::new(dial),
        system_id: smpp.system_id.clone(),
        password: secret(&smpp.password).context("password")?,
        system_type: smpp.system_type.clone(),
        own_type: smpp.addr.map(|addr| TypeOfNumber {
            ton: addr.ton,
            npi: addr.npi,
        }),
        numbers,
        window: smpp.window as usize,
        parts_per_second: smpp.parts_per_second,
        alphabet: match smpp.alphabet {
            Alphabet::Gsm7 => callslip_gateways::Alphabet::Gsm7,
            Alphabet::Latin1 => callslip_gateways::Alphabet::Latin1,
            Alphabet::Ucs2 => callslip_gateways::Alphabet::Ucs2,
        },
        long: match smpp.long {
            Long::Parts => callslip_gateways::Long::Parts,
            Long::Payload => callslip_gateways::Long::Payload,
        },
        receipt_ids: match smpp.receipt_ids {
            ReceiptIds::Auto => callslip_gateways::ReceiptIds::Auto,
            ReceiptIds::Hex => callslip_gateways::ReceiptIds::Hex,
            ReceiptIds::Decimal => callslip_gateways::ReceiptIds::Decimal,
            ReceiptIds::Same => callslip_gateways::ReceiptIds::Same,
        },
    })?)
}

fn country(named: Option<Country>, of_numbers: Option<Country>) -> anyhow::Result<Country> {
    named
        .or(of_numbers)
        .context("no [[number]] names it, so that no text can come to it: add one")
}

fn proof(described: &webhook::Proof) -> anyhow::Result<Proof> {
    Ok(match described {
        webhook::Proof::Bearer(place) => Proof::Bearer(secret(place)?),
        webhook::Proof::Basic { username, password } => Proof::Basic {
            username: username.clone(),
            password: secret(password)?,
        },
        webhook::Proof::Hmac {
            secret: place,
            header,
            encoding,
            signed,
        } => Proof::Hmac {
            secret: secret(place)?,
            header: header.clone(),
            encoding: *encoding,
            signed: signed.clone(),
        },
    })
}

pub(crate) fn secret(source: &config::Secret) -> anyhow::Result<Secret> {
    let text = match source {
        config::Secret::Env(name) => {
            std::env::var(name).with_context(|| format!("the environment has no {name}; set it"))?
        }
        config::Secret::File(path) => std::fs::read_to_string(path)
            .with_context(|| format!("the secret's file {} cannot be read", path.display()))?,
    };
    Ok(Secret::new(text.trim()))
}
