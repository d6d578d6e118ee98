//! Gateways that the config describes: the two that `config/gateways.md` shows.

use std::sync::Arc;

use callslip_core::config::http::Http;
use callslip_core::config::{File, GatewayKind, Secret as Place, machine_only, webhook};
use callslip_core::text::template::Template;
use callslip_gateways::{Gateway, HttpGateway, HttpOptions, Proof, Secret, SignatureCheck};

use crate::conformance::{OURS, PUBLIC_URL, Setup};
use crate::support;

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const PASSWORD: &str = "open sesame";

const MANUAL: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../config/gateways.md"
));

const MACHINE: &str = r#"public-url = "https://desk.library.example"
[store]
sqlite = "callslip.db"
[plugins]
folder = "plugins"
[[number]]
number = "+12066250825"
gateway = "NAME"
brand = "Desk"
jurisdiction = "us"
help-contact = "desk.library.example"
"#;

/// The lines of the manual that make the gateway of this name, read as a start reads them.
pub(crate) fn described(name: &str) -> Http {
    let lines = MANUAL
        .split("```toml\n")
        .filter_map(|rest| rest.split("```").next())
        .find(|lines| lines.contains(&format!("name = \"{name}\"")))
        .unwrap();
    let file = File {
        path: "callslip.toml".into(),
        text: MACHINE.replace("NAME", name) + lines,
    };
    let reading = machine_only(&file);
    assert_eq!(reading.problems, []);
    match &reading.machine.gateways[0].kind {
        GatewayKind::Http(http) => (**http).clone(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn options(name: &str) -> HttpOptions {
    let service = described(name);
    let secret = |_: &Place| Secret::new(SECRET);
    let proof = service.webhook.proof.as_ref().map(|proof| match proof {
        webhook::Proof::Hmac {
            secret: place,
            header,
            encoding,
            signed,
        } => Proof::Hmac {
            secret: secret(place),
            header: header.clone(),
            encoding: *encoding,
            signed: signed.clone(),
        },
        webhook::Proof::Bearer(place) => Proof::Bearer(secret(place)),
        webhook::Proof::Basic { username, password } => Proof::Basic {
            username: username.clone(),
            password: secret(password),
        },
    });
    HttpOptions {
        name: "main".to_owned(),
        secret: service.send.secret.as_ref().map(|_| Secret::new(PASSWORD)),
        service,
        proof,
        public_url: PUBLIC_URL.to_owned(),
        country: "us".parse().unwrap(),
        // With only one, a text need not say which it came to.
        numbers: vec![OURS.to_owned(), "+12065550199".to_owned()],
        signature: SignatureCheck::Enforce,
        client: support::options().client,
    }
}

pub(crate) fn gateway(name: &str, setup: Setup) -> Arc<dyn Gateway> {
    let mut options = options(name);
    let url = format!("http://{}/messages", setup.server);
    options.service.send.url = Template::parse(&url).unwrap();
    options.signature = setup.signature;
    Arc::new(HttpGateway::new(options).unwrap())
}
