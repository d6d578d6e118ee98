//! A library's office for the tests of the console: the example's two libraries on one machine,
//! patrons on simulated phones, and people with browsers.

use std::fs;

use super::browser::{Browser, ENTER};
use super::server::{Server, Site};
use super::workspace;

pub(crate) const PASSWORD: &str = "four words in a row";

/// The example as a newcomer has it, with a console.
pub(crate) fn office(name: &str) -> Site {
    let site = Site::new(name);
    let config = workspace().canonicalize().expect("the workspace is there");
    let config = config.join("config");
    for library in ["bayside.toml", "maple.toml"] {
        let text = fs::read_to_string(config.join("libraries").join(library)).expect("an example");
        site.write(&format!("libraries/{library}"), &text);
    }
    listen(&site, "127.0.0.1:0", "127.0.0.1:0");
    site
}

/// The machine's file, with the phone and the console at these addresses.
pub(crate) fn listen(site: &Site, phone: &str, console: &str) {
    let workspace = workspace().canonicalize().expect("the workspace is there");
    let machine = fs::read_to_string(workspace.join("config/callslip.toml"))
        .expect("the example")
        .replace("listen = \"127.0.0.1:8066\"", "listen = \"127.0.0.1:0\"")
        .replace(
            "listen = \"127.0.0.1:8067\"",
            &format!("listen = \"{phone}\""),
        )
        .replace(
            "listen = \"127.0.0.1:8068\"",
            &format!("listen = \"{console}\""),
        )
        .replace("../var/", "")
        .replace(
            "../target/plugins",
            &workspace.join("target/plugins").to_string_lossy(),
        );
    site.write("callslip.toml", &machine);
}

pub(crate) fn console(server: &Server) -> String {
    server.console.clone().expect("the console is on")
}

/// Types into a field, over what stands there.
pub(crate) fn fill(browser: &Browser, field: &str, text: &str) {
    browser.run(
        "const field = document.getElementById(arguments[0]); field.focus(); field.select?.()",
        &[field],
    );
    browser.keys(text);
}

/// Presses the button with these words.
pub(crate) fn press(browser: &Browser, words: &str) {
    let found = browser.run(
        "const button = [...document.querySelectorAll('button, a, summary')]
            .find((part) => part.checkVisibility() && part.textContent.trim().startsWith(arguments[0]));
         button?.click();
         return Boolean(button)",
        &[words],
    );
    assert_eq!(found, true, "a button {words}");
}

pub(crate) fn heading(browser: &Browser, words: &str) {
    browser.arrive(&format!(
        "document.readyState === 'complete'
            && document.querySelector('h1')?.textContent.trim().startsWith('{words}')"
    ));
}

/// Makes the first account by the link that the service has printed.
pub(crate) fn first_run(browser: &Browser, server: &Server) {
    browser.open(server.first.as_deref().expect("no account yet"));
    fill(browser, "shown", "Maria Lopez");
    fill(browser, "name", "maria");
    fill(browser, "password", PASSWORD);
    fill(browser, "again", PASSWORD);
    browser.keys(ENTER);
    heading(browser, "First steps");
}

pub(crate) fn sign_in(browser: &Browser, server: &Server, name: &str, password: &str) {
    browser.open(&format!("{}/sign-in", console(server)));
    fill(browser, "name", name);
    fill(browser, "password", password);
    browser.keys(ENTER);
}

/// Whoever is signed in adds a colleague to Bayside, who opens the account and signs in.
pub(crate) fn colleague(owner: &Browser, other: &Browser, server: &Server, name: &str, role: &str) {
    owner.open(&format!("{}/libraries/bayside/staff", console(server)));
    fill(owner, "shown", &format!("{name} Ash"));
    fill(owner, "name", name);
    owner.run(
        "document.querySelector(`input[name=role][value=${arguments[0]}]`).click()",
        &[role],
    );
    press(owner, "Add");
    heading(owner, "Staff");
    let link = owner.run(
        "return document.querySelector('.paste code').textContent",
        &[],
    );
    other.open(link.as_str().expect("a link"));
    fill(other, "password", PASSWORD);
    fill(other, "again", PASSWORD);
    other.keys(ENTER);
    heading(other, "Sign in");
    fill(other, "name", name);
    fill(other, "password", PASSWORD);
    other.keys(ENTER);
    heading(other, "Today");
}

/// A patron texts the shared number from a simulated phone.
pub(crate) fn patron_texts(server: &Server, from: &str, text: &str) {
    let url = format!("{}/phone/texts", server.phone.as_deref().expect("a phone"));
    let body = serde_json::json!({ "from": from, "to": "66746", "text": text });
    let answer = ureq::post(&url)
        .header("Content-Type", "application/json")
        .send(body.to_string());
    answer.expect("the text is taken");
}

/// A browser without a screen: one cookie, forms with their token.
pub(crate) struct Client {
    base: String,
    agent: ureq::Agent,
    cookie: std::cell::RefCell<String>,
}

impl Client {
    pub(crate) fn new(base: &str) -> Client {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Client {
            base: base.to_owned(),
            agent: config.into(),
            cookie: std::cell::RefCell::default(),
        }
    }

    pub(crate) fn first_run(&self, server: &Server) {
        let first = server.first.as_deref().expect("no account yet");
        let path = first
            .strip_prefix(&self.base)
            .expect("a path of the console");
        let fields = [
            ("shown", "Maria Lopez"),
            ("name", "maria"),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ];
        self.post(path, &fields);
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.ask(path).body_mut().read_to_string().expect("a page")
    }

    /// Until the answer's head is here.
    pub(crate) fn first_byte(&self, path: &str) {
        assert_eq!(self.ask(path).status(), 200, "{path}");
    }

    fn ask(&self, path: &str) -> ureq::http::Response<ureq::Body> {
        let url = format!("{}{path}", self.base);
        let cookie = self.cookie.borrow().clone();
        let answer = self.agent.get(&url).header("Cookie", cookie).call();
        let answer = answer.expect("the console answers");
        self.keep(&answer);
        answer
    }

    /// Of any page that has a form.
    fn token(&self, page: &str) -> String {
        let page = self.get(page);
        let (_, rest) = page.split_once("name=\"form\" value=\"").expect("a form");
        rest.split('"').next().expect("a token").to_owned()
    }

    /// A form with a file; what is answered.
    pub(crate) fn upload(&self, path: &str, file: &[u8]) -> u16 {
        let page = match self.cookie.borrow().is_empty() {
            true => "/sign-in",
            false => "/account",
        };
        let token = self.token(page);
        let mut body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"form\"\r\n\r\n{token}\r\n--edge\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"a.wasm\"\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let url = format!("{}{path}", self.base);
        let answer = self
            .agent
            .post(&url)
            .header("Cookie", self.cookie.borrow().clone())
            .header("Content-Type", "multipart/form-data; boundary=edge")
            .send(&body[..]);
        answer.expect("the console answers").status().as_u16()
    }

    /// A file that says how large it is, and is not sent.
    pub(crate) fn upload_of(&self, path: &str, bytes: usize) -> u16 {
        use std::io::{Read as _, Write as _};
        let host = self.base.trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(host).expect("the console listens");
        let cookie = self.cookie.borrow();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\
             Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: {bytes}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("it is taken");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).expect("an answer");
        let status = std::str::from_utf8(&answer[9..]).expect("a status");
        status.parse().expect("a number")
    }

    /// Of a form that may be refused.
    pub(crate) fn status(&self, path: &str) -> u16 {
        let token = self.token("/account");
        let url = format!("{}{path}", self.base);
        let cookie = self.cookie.borrow().clone();
        let form = [("form", token.as_str())];
        let answer = self
            .agent
            .post(&url)
            .header("Cookie", cookie)
            .send_form(form);
        answer.expect("the console answers").status().as_u16()
    }

    /// A form as its page has it: the token is of any page.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) {
        let token = self.token(if path.starts_with("/first") {
            path
        } else {
            "/account"
        });
        let mut all = vec![("form", token.as_str())];
        all.extend(fields);
        let url = format!("{}{path}", self.base);
        let cookie = self.cookie.borrow().clone();
        let answer = self
            .agent
            .post(&url)
            .header("Cookie", cookie)
            .send_form(all);
        let answer = answer.expect("the console answers");
        assert_eq!(answer.status(), 303, "{path}");
        self.keep(&answer);
    }

    fn keep(&self, answer: &ureq::http::Response<ureq::Body>) {
        if let Some(set) = answer.headers().get("set-cookie") {
            let set = set.to_str().expect("a cookie");
            let pair = set.split(';').next().unwrap_or_default();
            pair.clone_into(&mut self.cookie.borrow_mut());
        }
    }

    /// Bytes of the style and the scripts that a page names.
    pub(crate) fn assets(&self, path: &str) -> usize {
        let page = self.get(path);
        let names = page.split('"').filter(|part| part.starts_with("/assets/"));
        names.map(|name| self.get(name).len()).sum()
    }
}
