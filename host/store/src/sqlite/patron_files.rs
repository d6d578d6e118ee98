//! Collects all that is held of one phone's present holder. What an earlier one left stands at
//! another phone and is never met here (WALKTHROUGHS a9).

use callslip_core::at::At;
use callslip_core::ids::{InboundId, LibraryId, PatronId, PhoneId, SessionId};
use callslip_core::inbound::{Media, Namespace};
use callslip_core::phone::{Keys, PhoneNumber};
use rusqlite::{Connection, Row, params};

use super::texts::{Content, find_phone};
use super::tokens::Json;
use super::{outbox, sessions};
use crate::StoreError;
use crate::patron_file::{
    AnswerFile, ConsentLine, Field, Kept, LibraryFile, ListFile, Moment, NumberFile, PatronFile,
    SessionFile, TextFile, TicketFile,
};

/// None: this phone has never texted. `library`: what this one may see of it.
pub(super) fn collect(
    db: &Connection,
    keys: &Keys,
    namespace: Namespace,
    number: &PhoneNumber,
    library: Option<&LibraryId>,
) -> Result<Option<PatronFile>, StoreError> {
    // All of it as it was at one moment, whoever writes meanwhile.
    let _moment = db.unchecked_transaction()?;
    match find_phone(db, keys, namespace, number)? {
        Some(phone) => held(db, keys, phone, library).map(Some),
        None => Ok(None),
    }
}

/// All of it; None: there is no such phone.
pub(super) fn of_phone(
    db: &Connection,
    keys: &Keys,
    phone: PhoneId,
) -> Result<Option<PatronFile>, StoreError> {
    let _moment = db.unchecked_transaction()?;
    let known = db
        .prepare_cached("SELECT 1 FROM phone WHERE id = ?1")?
        .exists([phone.0])?;
    known.then(|| held(db, keys, phone, None)).transpose()
}

fn held(
    db: &Connection,
    keys: &Keys,
    phone: PhoneId,
    library: Option<&LibraryId>,
) -> Result<PatronFile, StoreError> {
    let of = Of { db, phone, library };
    let (known_since, country, lists_suspended) = db
        .prepare_cached("SELECT since, country, lists_suspended FROM phone WHERE id = ?1")?
        .query_row([phone.0], |row| {
            let country: Option<String> = row.get(1)?;
            Ok((
                moment(row, 0)?,
                country.filter(|country| !country.is_empty()),
                maybe(row, 2)?,
            ))
        })?;
    Ok(PatronFile {
        known_since,
        country,
        lists_suspended,
        libraries: of.libraries()?,
        numbers: of.numbers()?,
        texts: of.texts(keys)?,
        sessions: of.sessions(keys)?,
        tickets: of.tickets()?,
        consent: of.consent()?,
        stopped: of.stopped()?,
    })
}

struct Of<'a> {
    db: &'a Connection,
    phone: PhoneId,
    library: Option<&'a LibraryId>,
}

impl Of<'_> {
    /// Rows of the phone; `?1` is the phone and `?2` the library or NULL.
    fn rows<T>(
        &self,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut select = self.db.prepare(sql)?;
        let library = self.library.map(|library| &*library.0);
        let rows = select.query_map(params![self.phone.0, library], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn libraries(&self) -> Result<Vec<LibraryFile>, StoreError> {
        let mut patrons = self.rows(
            "SELECT id, library, alias, language, since, channel, channel_note FROM patron
              WHERE phone = ?1 AND (?2 IS NULL OR library = ?2) ORDER BY library",
            |row| {
                let patron = PatronId(row.get(0)?);
                Ok((
                    patron,
                    LibraryFile {
                        library: row.get(1)?,
                        alias: row.get(2)?,
                        language: row.get(3)?,
                        since: moment(row, 4)?,
                        channel: row.get(5)?,
                        channel_note: row.get(6)?,
                        profile: Vec::new(),
                        lists: Vec::new(),
                        kept: Vec::new(),
                    },
                ))
            },
        )?;
        for (patron, file) in &mut patrons {
            file.profile = self.of_patron(
                *patron,
                "SELECT field, value FROM profile WHERE patron = ?1 ORDER BY field",
                |row| {
                    Ok(Field {
                        field: row.get(0)?,
                        value: row.get(1)?,
                    })
                },
            )?;
            file.lists = self.of_patron(
                *patron,
                "SELECT list, since FROM list_member WHERE patron = ?1 ORDER BY list",
                |row| {
                    Ok(ListFile {
                        list: row.get(0)?,
                        since: moment(row, 1)?,
                    })
                },
            )?;
            file.kept = self.of_patron(
                *patron,
                "SELECT s.name, v.key, v.value
                   FROM storage_scope s JOIN storage_value v ON v.scope = s.id
                  WHERE s.patron = ?1 ORDER BY s.name, v.key",
                |row| {
                    Ok(Kept {
                        storage: row.get(0)?,
                        key: row.get(1)?,
                        value: row.get(2)?,
                    })
                },
            )?;
        }
        Ok(patrons.into_iter().map(|(_, file)| file).collect())
    }

    fn of_patron<T>(
        &self,
        patron: PatronId,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut select = self.db.prepare(sql)?;
        let rows = select.query_map([patron.0], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A library sees the numbers at which it has answered.
    fn numbers(&self) -> Result<Vec<NumberFile>, StoreError> {
        self.rows(
            "SELECT number, consent, library, updated FROM conversation
              WHERE phone = ?1 AND (?2 IS NULL OR number IN
                    (SELECT number FROM text WHERE phone = ?1 AND library = ?2))
              ORDER BY number",
            |row| {
                Ok(NumberFile {
                    number: row.get(0)?,
                    consent: row.get(1)?,
                    library: row.get(2)?,
                    updated: moment(row, 3)?,
                })
            },
        )
    }

    fn texts(&self, keys: &Keys) -> Result<Vec<TextFile>, StoreError> {
        let texts = self.rows(
            "SELECT id, number, received, sealed, body, media, library, keyword, outcome, reason
               FROM text WHERE phone = ?1 AND (?2 IS NULL OR library = ?2) ORDER BY id",
            |row| {
                let id = InboundId(row.get(0)?);
                let media: Option<Json<Vec<Media>>> = row.get(5)?;
                let sealed: Option<Vec<u8>> = row.get(3)?;
                let content = sealed.and_then(|sealed| Content::open(keys, id, &sealed).ok());
                let (text, media) = match content {
                    Some(content) => (Some(content.body), content.media),
                    None => (row.get(4)?, media.map(|json| json.0).unwrap_or_default()),
                };
                Ok((
                    id,
                    TextFile {
                        number: row.get(1)?,
                        received: moment(row, 2)?,
                        text,
                        media: media.into_iter().map(|media| media.url).collect(),
                        library: row.get(6)?,
                        keyword: row.get(7)?,
                        outcome: row.get(8)?,
                        reason: row.get(9)?,
                        answers: Vec::new(),
                    },
                ))
            },
        )?;
        let with_answers = texts.into_iter().map(|(id, mut text)| {
            text.answers = self.answers(id)?;
            Ok(text)
        });
        with_answers.collect()
    }

    fn answers(&self, turn: InboundId) -> Result<Vec<AnswerFile>, StoreError> {
        let (first, last) = outbox::of_turn(turn);
        let mut select = self.db.prepare_cached(
            "SELECT body, state, changed FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
        )?;
        let answers = select.query_map(params![first, last], |row| {
            Ok(AnswerFile {
                text: row.get(0)?,
                state: row.get(1)?,
                changed: moment(row, 2)?,
            })
        })?;
        Ok(answers.collect::<Result<_, _>>()?)
    }

    fn sessions(&self, keys: &Keys) -> Result<Vec<SessionFile>, StoreError> {
        self.rows(
            "SELECT id, library, keyword, state, sealed, asked, expires, ended, reason
               FROM session WHERE phone = ?1 AND (?2 IS NULL OR library = ?2) ORDER BY id",
            |row| {
                let id = SessionId(row.get(0)?);
                let sealed: Option<Vec<u8>> = row.get(4)?;
                let ended: Option<Moment> = maybe(row, 7)?;
                Ok(SessionFile {
                    library: row.get(1)?,
                    keyword: row.get(2)?,
                    state: match ended {
                        Some(_) => "ended".to_owned(),
                        None => row.get(3)?,
                    },
                    question: sealed.and_then(|sealed| sessions::question(keys, id, &sealed)),
                    asked: moment(row, 5)?,
                    expires: moment(row, 6)?,
                    ended,
                    reason: row.get(8)?,
                })
            },
        )
    }

    fn tickets(&self) -> Result<Vec<TicketFile>, StoreError> {
        self.rows(
            "SELECT library, topic, summary, opened, closed,
                    (SELECT json_group_array(body) FROM note WHERE note.ticket = ticket.id)
               FROM ticket
              WHERE phone = ?1 AND (?2 IS NULL OR library = ?2) ORDER BY id",
            |row| {
                Ok(TicketFile {
                    library: row.get(0)?,
                    topic: row.get(1)?,
                    summary: row.get(2)?,
                    opened: moment(row, 3)?,
                    closed: maybe(row, 4)?,
                    notes: row.get::<_, Json<_>>(5)?.0,
                })
            },
        )
    }

    /// Libraries and lists that it has stopped.
    fn stopped(&self) -> Result<Vec<String>, StoreError> {
        self.rows(
            "SELECT library, list FROM stopped
              WHERE phone = ?1 AND (?2 IS NULL OR library = ?2) ORDER BY library, list",
            |row| {
                let (library, list): (String, String) = (row.get(0)?, row.get(1)?);
                Ok(match list.is_empty() {
                    true => library,
                    false => format!("{library}: {list}"),
                })
            },
        )
    }

    /// Consent is the phone's at a number: whoever answers there may see it.
    fn consent(&self) -> Result<Vec<ConsentLine>, StoreError> {
        let lines = self.rows(
            "SELECT f.at, f.number, coalesce(f.gateway, t.gateway), f.before, f.after, f.by,
                    f.words, coalesce(f.keyword, t.keyword), f.text, f.library, f.list, f.shown
               FROM consent_fact f LEFT JOIN text t ON t.id = f.text
              WHERE f.phone = ?1 AND (?2 IS NULL OR f.library = ?2 OR f.library IS NULL
                    AND f.number IN (SELECT number FROM text WHERE phone = ?1 AND library = ?2))
              ORDER BY f.id",
            |row| {
                let line = ConsentLine {
                    at: moment(row, 0)?,
                    number: row.get(1)?,
                    gateway: row.get(2)?,
                    before: row.get(3)?,
                    after: row.get(4)?,
                    by: row.get(5)?,
                    words: row.get(6)?,
                    keyword: row.get(7)?,
                    library: row.get(9)?,
                    list: row.get(10)?,
                    shown: row.get(11)?,
                    answered: Vec::new(),
                };
                Ok((InboundId(row.get(8)?), line))
            },
        )?;
        let answered = lines.into_iter().map(|(text, mut line)| {
            let answers = self.answers(text)?.into_iter();
            line.answered = answers.map(|answer| answer.text).collect();
            Ok(line)
        });
        answered.collect()
    }
}

fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Moment> {
    Ok(Moment(At(row.get(column)?)))
}

fn maybe(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Moment>> {
    let at: Option<i64> = row.get(column)?;
    Ok(at.map(|at| Moment(At(at))))
}
