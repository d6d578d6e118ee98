//! What a library system knows, for the servers of the tests: patrons, loans, holds and fines. Both
//! servers keep one, and what a text changes is seen by the next.

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::ToSpan;
use jiff::civil::{Date, date};

#[derive(Clone, Debug)]
pub(crate) struct Patron {
    pub(crate) id: i64,
    pub(crate) card: &'static str,
    pub(crate) pin: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) owes: f64,
}

#[derive(Clone, Debug)]
pub(crate) struct Loan {
    pub(crate) id: i64,
    pub(crate) patron: i64,
    pub(crate) item: i64,
    pub(crate) biblio: i64,
    pub(crate) due: Date,
    pub(crate) renewals_left: u8,
    /// Somebody waits for it.
    pub(crate) wanted: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) id: i64,
    pub(crate) patron: i64,
    pub(crate) biblio: i64,
    pub(crate) ready: bool,
}

/// What the server does with what it is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Behaviour {
    #[default]
    Well,
    /// It takes the connection and hangs up.
    HangsUp,
    /// It does what changes something, and hangs up before it says so.
    DoesAndHangsUp,
    /// It says something that is no answer.
    Lies,
}

#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) patrons: Vec<Patron>,
    pub(crate) loans: Vec<Loan>,
    pub(crate) holds: Vec<Hold>,
    /// Number and title.
    pub(crate) biblios: Vec<(i64, &'static str)>,
    pub(crate) behaviour: Behaviour,
    /// Each request, as its first line or message, without PINs.
    pub(crate) asked: Vec<String>,
}

/// A cheap handle; clones share the books.
#[derive(Clone, Debug)]
pub(crate) struct Shelf(Arc<Mutex<Books>>);

impl Shelf {
    /// Maria with two loans and a fine, of which one can be renewed, and a hold that waits for her;
    /// and Jo, whose number is on file.
    pub(crate) fn new() -> Shelf {
        let patron = |id, card, pin, phone, owes| Patron {
            id,
            card,
            pin,
            phone,
            owes,
        };
        let loan = |id, patron, biblio, due, renewals_left, wanted| Loan {
            id,
            patron,
            item: 300 + id,
            biblio,
            due,
            renewals_left,
            wanted,
        };
        Shelf(Arc::new(Mutex::new(Books {
            patrons: vec![
                patron(7, "23456789", "1234", "555-555-0199", 2.5),
                patron(8, "88889999", "4321", "(555) 765-4321", 0.0),
            ],
            loans: vec![
                loan(1, 7, 51, date(2099, 5, 9), 1, false),
                loan(2, 7, 52, date(2099, 5, 12), 3, true),
                loan(3, 8, 53, date(2099, 5, 14), 2, false),
            ],
            holds: vec![Hold {
                id: 1,
                patron: 7,
                biblio: 54,
                ready: true,
            }],
            biblios: vec![
                (51, "Dune /"),
                (52, "Emma"),
                (53, "Persuasion"),
                (54, "Middlemarch"),
                (55, "Moby Dick"),
            ],
            behaviour: Behaviour::Well,
            asked: Vec::new(),
        })))
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().expect("no holder panics")
    }

    pub(crate) fn behaves(&self, behaviour: Behaviour) {
        self.books().behaviour = behaviour;
    }

    /// How often something was asked that holds these words.
    pub(crate) fn times(&self, words: &str) -> usize {
        let books = self.books();
        books
            .asked
            .iter()
            .filter(|asked| asked.contains(words))
            .count()
    }
}

impl Books {
    pub(crate) fn title(&self, biblio: i64) -> &'static str {
        let found = self.biblios.iter().find(|(id, _)| *id == biblio);
        found.map_or("", |(_, title)| title)
    }

    pub(crate) fn by_card(&self, card: &str) -> Option<&Patron> {
        self.patrons.iter().find(|patron| patron.card == card)
    }

    /// The new due date, or why there is none, in Koha's words.
    pub(crate) fn renew(&mut self, loan: i64) -> Result<Date, &'static str> {
        let loan = self.loans.iter_mut().find(|known| known.id == loan);
        let loan = loan.ok_or("no_checkout")?;
        if loan.wanted {
            return Err("on_reserve");
        }
        loan.renewals_left = loan.renewals_left.checked_sub(1).ok_or("too_many")?;
        loan.due = loan.due.saturating_add(21.days());
        Ok(loan.due)
    }

    /// Once a title.
    pub(crate) fn hold(&mut self, patron: i64, biblio: i64) -> Option<i64> {
        let known = self.biblios.iter().any(|(id, _)| *id == biblio);
        let twice = self
            .holds
            .iter()
            .any(|hold| hold.patron == patron && hold.biblio == biblio);
        if !known || twice {
            return None;
        }
        let id = 1 + self
            .holds
            .iter()
            .map(|hold| hold.id)
            .max()
            .unwrap_or_default();
        self.holds.push(Hold {
            id,
            patron,
            biblio,
            ready: false,
        });
        Some(id)
    }
}
