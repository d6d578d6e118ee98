//! A gateway of kind "kannel": an smsbox of one's own.

use std::net::IpAddr;
use std::path::Path;

use super::webhook::{addresses, country};
use super::{Secret, own_service, secret, secret_if_given};
use crate::config::problem::Findings;
use crate::config::table::Table;
use crate::dialling::Country;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kannel {
    pub country: Option<Country>,
    /// Where smsbox takes messages: `http://127.0.0.1:13013/cgi-bin/sendsms`.
    pub sendsms: String,
    /// Those of a `sendsms-user`.
    pub username: String,
    pub password: Secret,
    /// What stands in the addresses that smsbox calls. One of these two is there (g6).
    pub webhook_secret: Option<Secret>,
    pub addresses: Vec<IpAddr>,
    /// Where smsbox reaches us, if not at `public-url`.
    pub callback_base: Option<String>,
}

pub(super) fn read(table: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<Kannel> {
    if !table.has("sendsms") {
        table.missing("sendsms", "\"http://127.0.0.1:13013/cgi-bin/sendsms\"");
    }
    let sendsms = own_service(table, "sendsms", found);
    let username = table.needed_text("username", "\"callslip\"", found);
    let password = secret(table, "password", "KANNEL_PASSWORD", folder, found);
    let env = "KANNEL_WEBHOOK_SECRET";
    let webhook_secret = secret_if_given(table, "webhook-secret", env, folder, found);
    let addresses = addresses(table, found);
    if !table.has("webhook-secret") && !table.has("addresses") {
        let remedy = format!(
            "Add webhook-secret = {{ env = \"{env}\" }} with a secret of 32 characters or more, or \
             addresses = [\"127.0.0.1\"] if smsbox calls from there without a proxy between."
        );
        found.report(table.at(), "anybody could call this gateway", remedy);
    }
    Some(Kannel {
        country: country(table, found),
        callback_base: own_service(table, "callback-base", found),
        sendsms: sendsms?,
        username: username?.value.to_owned(),
        password: password?,
        webhook_secret,
        addresses,
    })
}
