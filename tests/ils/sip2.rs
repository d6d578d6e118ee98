//! A SIP2 server of the tests, as the protocol's description (3M, version 2.00) has it: login,
//! sequence numbers, checksums, 96 for a line that came damaged.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use super::shelf::{Behaviour, Books, Patron, Shelf};

pub(crate) const USER: &str = "callslip";
pub(crate) const PASSWORD: &str = "terminal";
/// On each answer; nothing looks at it.
const NOW: &str = "20990506    100000";

pub(crate) struct Sip2 {
    pub(crate) shelf: Shelf,
    pub(crate) address: String,
}

impl Sip2 {
    pub(crate) fn start() -> Sip2 {
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
        Sip2 { shelf, address }
    }
}

fn serve(stream: &TcpStream, shelf: &Shelf) {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let mut logged_in = false;
    loop {
        let mut line = Vec::new();
        match reader.read_until(b'\r', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        let Some((message, sequence)) = undamaged(&line) else {
            let _ = writer.write_all(b"96AZFEF6\r"); // Whoever hung up does not read.
            continue;
        };
        let mut books = shelf.books();
        let shown = message.split("AD").next().unwrap_or_default();
        books.asked.push(shown.to_owned());
        let behaviour = books.behaviour;
        let login = message.starts_with("93");
        if behaviour == Behaviour::HangsUp && !login {
            return;
        }
        let answer = match &message[..2] {
            "93" => {
                let fields = fields(&message, 4);
                logged_in = first(&fields, "CN") == USER && first(&fields, "CO") == PASSWORD;
                format!("94{}", u8::from(logged_in))
            }
            // Unknown to whoever did not log in.
            _ if !logged_in => return,
            _ if behaviour == Behaviour::Lies => format!("98YYYYNN100003{NOW}2.00AOBPL|"),
            _ => answer(&mut books, &message),
        };
        drop(books);
        let changes = ["15", "29", "65"].contains(&&message[..2]);
        if behaviour == Behaviour::DoesAndHangsUp && changes {
            return;
        }
        let bare = format!("{answer}AY{sequence}AZ");
        let line = format!("{bare}{:04X}\r", checksum(bare.as_bytes()));
        if writer.write_all(line.as_bytes()).is_err() {
            return;
        }
    }
}

/// The message and its sequence number, when the sum is right.
fn undamaged(line: &str) -> Option<(String, char)> {
    let at = line.len().checked_sub(9)?;
    let (message, tail) = line.split_at_checked(at)?;
    let sequence = tail.strip_prefix("AY")?.chars().next()?;
    let told = u16::from_str_radix(tail.get(5..)?, 16).ok()?;
    let right = told == checksum(&line.as_bytes()[..at + 5]) && message.len() > 2;
    right.then(|| (message.to_owned(), sequence))
}

fn checksum(bytes: &[u8]) -> u16 {
    let sum: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
    (sum as u16).wrapping_neg()
}

fn answer(books: &mut Books, message: &str) -> String {
    match &message[..2] {
        "23" => {
            let fields = fields(message, 23);
            format!("24{}001{NOW}{}", " ".repeat(14), about(books, &fields))
        }
        "63" => patron(books, message),
        "17" => item(books, &first(&fields(message, 20), "AB")),
        "29" => renew(books, &fields(message, 40)),
        "65" => renew_all(books, &fields(message, 20)),
        "15" => hold(books, &fields(message, 21)),
        _ => "96".to_owned(),
    }
}

fn who<'b>(books: &'b Books, fields: &[(String, String)]) -> Option<&'b Patron> {
    books.by_card(&first(fields, "AA"))
}

/// Without a password the question is not whether it is right.
fn may(patron: &Patron, fields: &[(String, String)]) -> bool {
    let pin = first(fields, "AD");
    pin.is_empty() || pin == patron.pin
}

fn about(books: &Books, fields: &[(String, String)]) -> String {
    let card = first(fields, "AA");
    let Some(patron) = books.by_card(&card) else {
        return format!("AOBPL|AA{card}|AE|BLN|CQN|");
    };
    let right = if may(patron, fields) { "Y" } else { "N" };
    format!(
        "AOBPL|AA{card}|AEMaria Ruiz|BLY|CQ{right}|BHUSD|BV{:.2}|BF{}|AFWelcome|",
        patron.owes, patron.phone
    )
}

fn patron(books: &Books, message: &str) -> String {
    let fields = fields(message, 33);
    let summary = message.get(23..33).unwrap_or_default();
    let id = who(books, &fields).map(|patron| patron.id);
    let loans: Vec<_> = books
        .loans
        .iter()
        .filter(|loan| Some(loan.patron) == id)
        .collect();
    let holds: Vec<_> = books
        .holds
        .iter()
        .filter(|hold| Some(hold.patron) == id)
        .collect();
    let ready = holds.iter().filter(|hold| hold.ready).count();
    let mut answer = format!(
        "64{}001{NOW}{ready:04}0000{:04}00000000{:04}{}",
        " ".repeat(14),
        loans.len(),
        holds.len() - ready,
        about(books, &fields)
    );
    let right = who(books, &fields).is_some_and(|patron| may(patron, &fields));
    if right && summary.get(2..3) == Some("Y") {
        for loan in &loans {
            answer = format!("{answer}AU{}|", loan.item);
        }
    }
    if right && summary.starts_with('Y') {
        for hold in holds.iter().filter(|hold| hold.ready) {
            answer = format!("{answer}AS{}|", 900 + hold.biblio);
        }
    }
    answer
}

/// A copy on loan, or the only other copy of a title, which has 900 more than its number.
fn item(books: &Books, item: &str) -> String {
    let number: i64 = item.parse().unwrap_or_default();
    if let Some(loan) = books.loans.iter().find(|loan| loan.item == number) {
        let due = loan.due.to_string().replace('-', "");
        return format!(
            "18040001{NOW}AB{item}|AJ{}|AH{due}    235900|",
            books.title(loan.biblio)
        );
    }
    let title = books.title(number - 900);
    format!(
        "18{}0001{NOW}AB{item}|AJ{title}|",
        if title.is_empty() { "01" } else { "03" }
    )
}

fn renew(books: &mut Books, fields: &[(String, String)]) -> String {
    let item = first(fields, "AB");
    let card = first(fields, "AA");
    let patron = who(books, fields)
        .filter(|patron| may(patron, fields))
        .map(|patron| patron.id);
    let loan = books
        .loans
        .iter()
        .find(|loan| loan.item.to_string() == item && Some(loan.patron) == patron);
    let renewed = match loan.map(|loan| loan.id) {
        Some(id) => books.renew(id),
        None => Err("no_checkout"),
    };
    let said = match &renewed {
        Ok(due) => format!("AH{}    235900|", due.to_string().replace('-', "")),
        Err("on_reserve") => "AH|AFItem is on hold for another patron|".to_owned(),
        Err("too_many") => "AH|AFToo many renewals|".to_owned(),
        Err(_) => "AH|AFItem not checked out to this patron|".to_owned(),
    };
    let ok = u8::from(renewed.is_ok());
    let y = if renewed.is_ok() { "Y" } else { "N" };
    format!("30{ok}{y}NN{NOW}AOBPL|AA{card}|AB{item}|AJ|{said}")
}

fn renew_all(books: &mut Books, fields: &[(String, String)]) -> String {
    let Some(patron) = who(books, fields).filter(|patron| may(patron, fields)) else {
        return format!("66000000000{NOW}AOBPL|");
    };
    let id = patron.id;
    let mine: Vec<(i64, i64)> = books
        .loans
        .iter()
        .filter(|loan| loan.patron == id)
        .map(|loan| (loan.id, loan.item))
        .collect();
    let (mut renewed, mut not) = (Vec::new(), Vec::new());
    for (loan, item) in mine {
        match books.renew(loan) {
            Ok(_) => renewed.push(format!("BM{item}|")),
            Err(_) => not.push(format!("BN{item}|")),
        }
    }
    let (all, none) = (renewed.concat(), not.concat());
    format!(
        "661{:04}{:04}{NOW}AOBPL|{all}{none}",
        renewed.len(),
        not.len()
    )
}

fn hold(books: &mut Books, fields: &[(String, String)]) -> String {
    let item = first(fields, "AB");
    let patron = who(books, fields)
        .filter(|patron| may(patron, fields))
        .map(|patron| patron.id);
    let biblio: i64 = item.parse::<i64>().unwrap_or_default() - 900;
    let placed = patron.and_then(|patron| books.hold(patron, biblio));
    let ok = u8::from(placed.is_some());
    format!("16{ok}N{NOW}AOBPL|AA{}|AB{item}|", first(fields, "AA"))
}

fn fields(message: &str, fixed: usize) -> Vec<(String, String)> {
    let fields = message.get(fixed..).unwrap_or_default().split('|');
    let field = |field: &str| {
        let (name, value) = field.split_at_checked(2)?;
        Some((name.to_owned(), value.to_owned()))
    };
    fields.filter_map(field).collect()
}

fn first(fields: &[(String, String)], name: &str) -> String {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}
