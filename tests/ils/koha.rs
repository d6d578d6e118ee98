//! A Koha of the tests: the part of its REST API (`/api/v1`, version 24) that flows may use, with
//! the paths, parameters, shapes and statuses of its own description.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

use super::shelf::{Behaviour, Books, Shelf};

/// What the grant's header has to say.
pub(crate) const TOKEN: &str = "Basic Y2FsbHNsaXA6c2VjcmV0";

pub(crate) struct Koha {
    pub(crate) shelf: Shelf,
    pub(crate) address: String,
}

struct Request {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    authorization: String,
    embed: String,
    body: Value,
}

impl Koha {
    pub(crate) fn start() -> Koha {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it has one").to_string();
        let shelf = Shelf::new();
        let shared = shelf.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shelf = shared.clone();
                std::thread::spawn(move || serve(&stream, &shelf));
            }
        });
        Koha { shelf, address }
    }
}

fn serve(stream: &TcpStream, shelf: &Shelf) {
    let Some(request) = read(stream) else {
        return;
    };
    let mut books = shelf.books();
    books
        .asked
        .push(format!("{} {}", request.method, request.path));
    let behaviour = books.behaviour;
    if behaviour == Behaviour::HangsUp {
        return;
    }
    let changes = request.method != "GET";
    let (status, body) = match behaviour {
        Behaviour::Lies => (200, json!({"maintenance": true})),
        _ if request.authorization != TOKEN => (401, json!({"error": "Authentication failure."})),
        _ => answer(&mut books, &request),
    };
    drop(books);
    if behaviour == Behaviour::DoesAndHangsUp && changes {
        return;
    }
    let body = body.to_string();
    let mut stream = stream;
    let _ = write!(
        stream,
        "HTTP/1.1 {status} x\r\ncontent-type: application/json;charset=UTF-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ); // Whoever hung up does not read.
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut parts = line.split_whitespace();
    let (method, target) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let (mut length, mut authorization, mut embed) = (0, String::new(), String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "authorization" => authorization = value.trim().to_owned(),
            "x-koha-embed" => embed = value.trim().to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        Some((decoded(name), decoded(value)))
    };
    Some(Request {
        method,
        path: path.to_owned(),
        query: query.split('&').filter_map(pair).collect(),
        authorization,
        embed,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}

fn answer(books: &mut Books, request: &Request) -> (u16, Value) {
    let Some(path) = request.path.strip_prefix("/api/v1/") else {
        return (404, json!({"error": "Not Found"}));
    };
    let steps: Vec<&str> = path.split('/').collect();
    match (request.method.as_str(), steps.as_slice()) {
        ("GET", ["patrons"]) => {
            let card = request.parameter("cardnumber");
            let found = books.patrons.iter().filter(|patron| patron.card == card);
            let shown = found.map(|patron| {
                json!({"patron_id": patron.id, "cardnumber": patron.card, "firstname": "Maria", "phone": patron.phone,
                       "mobile": null, "secondary_phone": "", "sms_number": null, "library_id": "MAIN"})
            });
            (200, shown.collect())
        }
        ("POST", ["auth", "password", "validation"]) => validate(books, &request.body),
        ("GET", ["checkouts"]) => {
            let patron = request.number("patron_id");
            if !books.patrons.iter().any(|known| known.id == patron) {
                return (404, json!({"error": "Patron not found"}));
            }
            let mut mine: Vec<_> = books
                .loans
                .iter()
                .filter(|loan| loan.patron == patron)
                .collect();
            mine.sort_by_key(|loan| loan.due);
            (200, mine.into_iter().map(checkout).collect())
        }
        ("GET", ["checkouts", id]) => {
            match books.loans.iter().find(|loan| loan.id.to_string() == *id) {
                Some(loan) => (200, checkout(loan)),
                None => (404, json!({"error": "Checkout doesn't exist"})),
            }
        }
        ("POST", ["checkouts", id, "renewal" | "renewals"]) => {
            match books.renew(id.parse().unwrap_or_default()) {
                Ok(_) => {
                    let loan = books.loans.iter().find(|loan| loan.id.to_string() == *id);
                    (201, loan.map_or(Value::Null, checkout))
                }
                Err("no_checkout") => (404, json!({"error": "Checkout doesn't exist"})),
                Err(why) => (
                    403,
                    json!({"error": format!("Renewal not authorized ({why})")}),
                ),
            }
        }
        ("GET", ["items"]) => {
            let wanted = ids(&request.parameter("q"), "me.item_id");
            let found = books
                .loans
                .iter()
                .filter(|loan| wanted.contains(&loan.item));
            let shown = found.map(|loan| {
                let mut item = json!({"item_id": loan.item, "biblio_id": loan.biblio, "external_id": loan.item.to_string()});
                if request.embed.contains("biblio") {
                    item["biblio"] = json!({"biblio_id": loan.biblio, "title": books.title(loan.biblio)});
                }
                item
            });
            (200, shown.collect())
        }
        ("GET", ["biblios"]) => (200, biblios(books, &request.parameter("q"))),
        ("GET", ["patrons", id, "account"]) => {
            match books
                .patrons
                .iter()
                .find(|patron| patron.id.to_string() == *id)
            {
                Some(patron) => (
                    200,
                    json!({"balance": patron.owes, "outstanding_debits": {"total": patron.owes, "lines": []}}),
                ),
                None => (404, json!({"error": "Patron not found"})),
            }
        }
        ("GET", ["holds"]) => {
            let patron = request.number("patron_id");
            let title = request.parameter("biblio_id");
            let mine = books.holds.iter().filter(|hold| {
                hold.patron == patron && (title.is_empty() || hold.biblio.to_string() == title)
            });
            let shown = mine.map(|hold| {
                let status = if hold.ready { json!("W") } else { Value::Null };
                json!({"hold_id": hold.id, "patron_id": hold.patron, "biblio_id": hold.biblio, "status": status, "priority": 0})
            });
            (200, shown.collect())
        }
        ("POST", ["holds"]) => {
            let field = |name: &str| request.body[name].as_i64();
            let (Some(patron), Some(biblio), Some(_)) = (
                field("patron_id"),
                field("biblio_id"),
                request.body["pickup_library_id"].as_str(),
            ) else {
                return (
                    400,
                    json!({"errors": [{"message": "Missing property.", "path": "/body"}]}),
                );
            };
            match books.hold(patron, biblio) {
                Some(id) => (
                    201,
                    json!({"hold_id": id, "patron_id": patron, "biblio_id": biblio}),
                ),
                None => (
                    403,
                    json!({"error": "Hold cannot be placed. Reason: itemAlreadyOnHold"}),
                ),
            }
        }
        _ => (
            404,
            json!({"errors": [{"message": "Not Found.", "path": "/"}]}),
        ),
    }
}

fn validate(books: &Books, body: &Value) -> (u16, Value) {
    let (card, pin) = (body["identifier"].as_str(), body["password"].as_str());
    let patron = card.and_then(|card| books.by_card(card));
    match patron.filter(|patron| Some(patron.pin) == pin) {
        Some(patron) => (
            201,
            json!({"cardnumber": patron.card, "patron_id": patron.id, "userid": "maria"}),
        ),
        None => (400, json!({"error": "Validation failed"})),
    }
}

/// By their ids, or by a piece of the title between `%`.
fn biblios(books: &Books, query: &str) -> Value {
    let parsed: Value = serde_json::from_str(query).unwrap_or(Value::Null);
    let like = parsed["title"]["-like"].as_str().map(str::to_lowercase);
    let wanted = ids(query, "biblio_id");
    let fits = |id: i64, title: &str| match &like {
        None => wanted.contains(&id),
        Some(like) => {
            let title = title.to_lowercase();
            like.split('%')
                .filter(|piece| !piece.is_empty())
                .all(|piece| title.contains(piece))
        }
    };
    let found = books.biblios.iter().filter(|(id, title)| fits(*id, title));
    found
        .map(|(id, title)| json!({"biblio_id": id, "title": title, "author": null}))
        .collect()
}

fn ids(query: &str, field: &str) -> Vec<i64> {
    let parsed: Value = serde_json::from_str(query).unwrap_or(Value::Null);
    let ids = parsed[field].as_array().cloned().unwrap_or_default();
    ids.iter().filter_map(Value::as_i64).collect()
}

fn checkout(loan: &super::shelf::Loan) -> Value {
    json!({
        "checkout_id": loan.id, "patron_id": loan.patron, "item_id": loan.item,
        "due_date": format!("{}T23:59:00-04:00", loan.due), "auto_renew": false, "external_id": null,
    })
}

impl Request {
    fn parameter(&self, name: &str) -> String {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn number(&self, name: &str) -> i64 {
        self.parameter(name).parse().unwrap_or_default()
    }
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match byte {
            b'%' => {
                let (high, low) = (hex(bytes.next()), hex(bytes.next()));
                out.push((high.unwrap_or_default() * 16 + low.unwrap_or_default()) as u8);
            }
            b'+' => out.push(b' '),
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).unwrap_or_default()
}
