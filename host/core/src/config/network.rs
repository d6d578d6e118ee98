//! What the host connects to besides gateways: `[network]` lists the private addresses that it may,
//! `[mail]` is where its mail goes out, `[alarms]` who runs the machine and when they are told.

use std::net::IpAddr;
use std::path::Path;

use super::gateway::{Secret, secret_if_given};
use super::machine::section;
use super::problem::Findings;
use super::table::{Table, Text, line_of_text};
use crate::alert::is_email;
use crate::network::{IpNet, Reach, is_private};

/// `[mail]`: the server that takes mail from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    pub login: Option<MailLogin>,
    /// Stands in the letters as their sender.
    pub from: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// The connection begins plain and goes on with TLS; one that cannot is not used.
    StartTls,
    /// TLS from the first byte.
    Implicit,
    /// For a server on this machine or in one's own network.
    None,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLogin {
    pub username: String,
    pub password: Secret,
}

/// `[alarms]`: who runs the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarms {
    pub email: Vec<String>,
    /// A busy number from which nothing came for so long may be cut off (f8).
    pub silent_hours: u32,
}

pub(super) fn reach(file: &mut Table<'_>, found: &mut Findings) -> Reach {
    let mut table = section(file, "network", found);
    let mut private = Vec::new();
    for item in table.items("allow-private", found).unwrap_or_default() {
        let Some(text) = line_of_text(item, "allow-private", found) else {
            continue;
        };
        match network(text.value) {
            Some(network) if is_private(&network) => private.push(network),
            Some(_) => {
                let what = format!("\"{}\" is not a private network", text.value);
                let remedy = "List private ones alone, such as \"10.1.0.0/16\": public ones need \
                              no leave, and others are never called.";
                found.report(&text.at, what, remedy);
            }
            None => {
                let what = format!("\"{}\" is not an address or a network", text.value);
                let remedy = "Write it in digits, such as \"192.168.1.20\" or \"10.1.0.0/16\".";
                found.report(&text.at, what, remedy);
            }
        }
    }
    table.finish(found);
    Reach::new(private)
}

fn network(text: &str) -> Option<IpNet> {
    let single = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(single)
}

pub(super) fn mail(file: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<Mail> {
    let mut table = file.table("mail", found)?;
    let server = table.needed_text("server", "\"smtp.example.org\"", found);
    let choices = [
        ("starttls", MailTls::StartTls),
        ("implicit", MailTls::Implicit),
        ("none", MailTls::None),
    ];
    let tls = table.choice("tls", &choices, found);
    let tls = tls.unwrap_or(MailTls::StartTls);
    let from = table.needed_text("from", "\"callslip@example.org\"", found);
    let from = from.map(|from| address(&from, "from", found));
    let login = login(&mut table, folder, found);
    if tls == MailTls::None
        && let Some(login) = &login
    {
        let what = format!(
            "the password of \"{}\" would go out in the clear",
            login.username
        );
        let remedy = "Write tls = \"starttls\", or take username and password away.";
        found.report(&table.at_field("tls"), what, remedy);
    }
    table.finish(found);
    let (host, port) = place(&server?, tls, found)?;
    Some(Mail {
        host,
        port,
        tls,
        login,
        from: from?,
    })
}

fn login(table: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<MailLogin> {
    let username = table.text("username", found);
    let password = secret_if_given(table, "password", "SMTP_PASSWORD", folder, found);
    match (username, password) {
        (Some(username), Some(password)) => Some(MailLogin {
            username: username.value.to_owned(),
            password,
        }),
        (None, None) => None,
        (Some(name), None) if !table.has("password") => {
            let what = "\"username\" is of no use without \"password\"";
            let remedy = "Add a line such as password = { env = \"SMTP_PASSWORD\" }.";
            found.report(&name.at, what, remedy);
            None
        }
        (Some(_), None) => None, // What is wrong with the password is said already.
        (None, Some(_)) => {
            let what = "\"password\" is of no use without \"username\"";
            found.report(
                &table.at_field("password"),
                what,
                "Add a line such as username = \"callslip\".",
            );
            None
        }
    }
}

/// `smtp.example.org`, `smtp.example.org:2525`, `[2001:db8::7]:25`.
fn place(server: &Text<'_>, tls: MailTls, found: &mut Findings) -> Option<(String, u16)> {
    let usual = match tls {
        MailTls::StartTls => 587,
        MailTls::Implicit => 465,
        MailTls::None => 25,
    };
    let (host, port) = match server.value.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (server.value, Some(usual)),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-:_".contains(letter);
    match port {
        Some(port) if !host.is_empty() && host.chars().all(plain) => Some((host.to_owned(), port)),
        _ => {
            let what = format!("\"server\" cannot be \"{}\"", server.value);
            let remedy = "Write the server's name, and a port if it is not the usual one, such as \
                          smtp.example.org:587.";
            found.report(&server.at, what, remedy);
            None
        }
    }
}

pub(super) fn alarms(file: &mut Table<'_>, found: &mut Findings) -> Option<Alarms> {
    let has_mail = file.has("mail");
    let mut table = file.table("alarms", found)?;
    let email = addresses(&mut table, "email", found);
    if email.is_empty() && !table.has("email") {
        table.missing("email", "[\"operator@example.org\"]");
    }
    if !has_mail {
        let what = "[alarms] names people, and there is no [mail] to reach them by";
        let remedy = "Add [mail] with server and from.";
        found.report(table.at(), what, remedy);
    }
    let silent_hours = table.count("silent-hours", 6, 1..=168, found);
    table.finish(found);
    Some(Alarms {
        email,
        silent_hours,
    })
}

/// A list of addresses.
pub(super) fn addresses(
    table: &mut Table<'_>,
    key: &'static str,
    found: &mut Findings,
) -> Vec<String> {
    let items = table.items(key, found).unwrap_or_default();
    let texts = items
        .iter()
        .filter_map(|item| line_of_text(item, key, found));
    let texts: Vec<Text<'_>> = texts.collect();
    texts.iter().map(|text| address(text, key, found)).collect()
}

fn address(text: &Text<'_>, key: &str, found: &mut Findings) -> String {
    if !is_email(text.value) {
        let what = format!(
            "\"{key}\" has \"{}\", which is not an e-mail address",
            text.value
        );
        found.report(
            &text.at,
            what,
            "Write it as in \"ask@baysidelibrary.example.org\".",
        );
    }
    text.value.to_owned()
}
