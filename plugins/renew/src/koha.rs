//! Koha by its REST API, `/api/v1`.
//!
//! The grant adds the credentials of an account that may circulate, see patrons and place holds.
//! A PIN is asked for once and kept nowhere: behind it Koha's own id of the patron is enough.

use callslip::json::Json;
use callslip::prelude::*;
use callslip::{Method, Response};

use crate::ils::{
    Account, Held, Ils, LOANS_MAX, Loan, OnFile, Renewed, Summary, Title, Why, day, is_later,
    unreadable,
};

/// Hits of a search for something to hold.
const TITLES_MAX: usize = 5;

pub(crate) struct Koha<'a> {
    pub(crate) talk: &'a Talk,
    /// `https://koha.example.org`
    pub(crate) base: &'a str,
    pub(crate) currency: &'a str,
    /// Where holds are fetched: a library's code.
    pub(crate) pickup: &'a str,
}

impl Ils for Koha<'_> {
    async fn on_file(&self, card: &str) -> Result<Option<OnFile>, Failure> {
        let path = format!("patrons?cardnumber={}&_match=exact", encoded(card));
        let found = json(&self.get(&path, None).await?)?;
        let [patron] = found
            .items()
            .ok_or_else(|| unreadable("no list of patrons"))?
        else {
            return Ok(None);
        };
        let id = id(patron, "patron_id").ok_or_else(|| unreadable("a patron without an id"))?;
        // A server that takes no notice of the search would open somebody else's account.
        if text(patron, "cardnumber") != Some(card) {
            return Err(unreadable("another card than was asked for"));
        }
        let numbers = ["mobile", "sms_number", "phone", "secondary_phone"];
        let numbers = numbers.iter().filter_map(|field| text(patron, field));
        Ok(Some(OnFile {
            account: account(card, id),
            numbers: numbers.map(str::to_owned).collect(),
        }))
    }

    async fn check(&self, card: &str, pin: &str) -> Result<Option<Account>, Failure> {
        let body = format!(
            "{{\"identifier\":{},\"password\":{}}}",
            quoted(card),
            quoted(pin)
        );
        let answer = self.post("auth/password/validation", &body).await?;
        match answer.status {
            200 | 201 => {}
            400 => return Ok(None),
            status => return Err(refused(status)),
        }
        let patron = json(&answer)?;
        let id = id(&patron, "patron_id").ok_or_else(|| unreadable("a patron without an id"))?;
        Ok(Some(account(card, id)))
    }

    async fn summary(&self, account: &Account) -> Result<Option<Summary>, Failure> {
        let path = format!(
            "checkouts?patron_id={}&_per_page=50&_order_by=due_date",
            account.id
        );
        let answer = self.get_any(&path, None).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        let checkouts = json(&good(answer)?)?;
        let checkouts = checkouts
            .items()
            .ok_or_else(|| unreadable("no list of loans"))?;
        let listed = &checkouts[..checkouts.len().min(LOANS_MAX)];
        let items: Vec<String> = listed
            .iter()
            .filter_map(|loan| id(loan, "item_id"))
            .collect();
        let titles = self.titles_of_items(&items).await?;
        let loan = |loan: &Json| {
            let item = id(loan, "item_id").unwrap_or_default();
            let title = titles
                .iter()
                .find(|(id, _)| *id == item)
                .map(|(_, title)| title.clone());
            Some(Loan {
                id: id(loan, "checkout_id")?,
                title: title
                    .unwrap_or_else(|| text(loan, "external_id").unwrap_or(&item).to_owned()),
                due: text(loan, "due_date").and_then(day),
            })
        };
        let loans = listed.iter().map(loan).collect::<Option<_>>();
        let account = json(
            &self
                .get(&format!("patrons/{}/account", account.id), None)
                .await?,
        )?;
        Ok(Some(Summary {
            loans: loans.ok_or_else(|| unreadable("a loan without an id"))?,
            more: checkouts.len() - listed.len(),
            owed: account
                .get("balance")
                .and_then(|balance| self.money(balance)),
        }))
    }

    async fn renew(&self, _: &Account, loan: &Loan) -> Result<Renewed, Failure> {
        let path = format!("checkouts/{}/renewal", loan.id);
        let answer = match self.post(&path, "").await {
            // Looked at before it is asked again: a renewal too many is one fewer for the patron.
            Err(Failure::Unclear) => {
                let now = self.get(&format!("checkouts/{}", loan.id), None).await?;
                let due = text(&json(&now)?, "due_date").and_then(day);
                if is_later(loan.due, due) {
                    return Ok(Renewed::Until(due));
                }
                self.post(&path, "").await?
            }
            other => other?,
        };
        match answer.status {
            200 | 201 => Ok(Renewed::Until(
                text(&json(&answer)?, "due_date").and_then(day),
            )),
            403 | 404 => Ok(Renewed::Refused(why(&answer))),
            status => Err(refused(status)),
        }
    }

    async fn renew_all(&self, account: &Account, loans: &[Loan]) -> Result<Vec<Renewed>, Failure> {
        let mut all = Vec::new();
        for loan in loans {
            all.push(self.renew(account, loan).await?);
        }
        Ok(all)
    }

    async fn holds(&self, account: &Account) -> Result<Vec<Held>, Failure> {
        let holds = self
            .get(
                &format!("holds?patron_id={}&_per_page=20", account.id),
                None,
            )
            .await?;
        let holds = json(&holds)?;
        let holds = holds
            .items()
            .ok_or_else(|| unreadable("no list of holds"))?;
        let ids: Vec<String> = holds
            .iter()
            .filter_map(|hold| id(hold, "biblio_id"))
            .collect();
        let titles = self
            .titles(&format!("{{\"biblio_id\":[{}]}}", ids.join(",")), ids.len())
            .await?;
        let held = holds.iter().filter_map(|hold| {
            let biblio = id(hold, "biblio_id")?;
            let title = titles.iter().find(|title| title.id == biblio);
            Some(Held {
                title: title.map_or(biblio, |title| title.title.clone()),
                ready: text(hold, "status") == Some("W"),
            })
        });
        Ok(held.collect())
    }

    async fn search(&self, words: &str) -> Result<Vec<Title>, Failure> {
        let plain = |letter: char| {
            if letter.is_alphanumeric() {
                letter
            } else {
                ' '
            }
        };
        let words: String = words.chars().map(plain).take(80).collect();
        let like = words.split_whitespace().collect::<Vec<_>>().join("%");
        if like.is_empty() {
            return Ok(Vec::new());
        }
        let query = format!("{{\"title\":{{\"-like\":\"%{like}%\"}}}}");
        self.titles(&query, TITLES_MAX).await
    }

    async fn place(&self, account: &Account, title: &Title) -> Result<bool, Failure> {
        let body = format!(
            "{{\"patron_id\":{},\"biblio_id\":{},\"pickup_library_id\":{}}}",
            account.id,
            title.id,
            quoted(self.pickup)
        );
        let answer = match self.post("holds", &body).await {
            Err(Failure::Unclear) => {
                let path = format!("holds?patron_id={}&biblio_id={}", account.id, title.id);
                let holds = json(&self.get(&path, None).await?)?;
                if holds.items().is_some_and(|holds| !holds.is_empty()) {
                    return Ok(true);
                }
                self.post("holds", &body).await?
            }
            other => other?,
        };
        match answer.status {
            200 | 201 => Ok(true),
            403 | 404 | 409 => Ok(false),
            status => Err(refused(status)),
        }
    }
}

impl Koha<'_> {
    async fn titles_of_items(&self, items: &[String]) -> Result<Vec<(String, String)>, Failure> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let query = format!("{{\"me.item_id\":[{}]}}", items.join(","));
        let path = format!("items?q={}", encoded(&query));
        let found = json(&self.get(&path, Some("biblio")).await?)?;
        let found = found
            .items()
            .ok_or_else(|| unreadable("no list of items"))?;
        let title = |item: &Json| {
            Some((
                id(item, "item_id")?,
                tidy(text(item.get("biblio")?, "title")?),
            ))
        };
        Ok(found.iter().filter_map(title).collect())
    }

    async fn titles(&self, query: &str, most: usize) -> Result<Vec<Title>, Failure> {
        if most == 0 {
            return Ok(Vec::new());
        }
        let path = format!("biblios?q={}&_per_page={most}", encoded(query));
        let found = json(&self.get(&path, None).await?)?;
        let found = found
            .items()
            .ok_or_else(|| unreadable("no list of titles"))?;
        let title = |biblio: &Json| {
            Some(Title {
                id: id(biblio, "biblio_id")?,
                title: tidy(text(biblio, "title")?),
            })
        };
        Ok(found.iter().filter_map(title).take(most).collect())
    }

    async fn get(&self, path: &str, embed: Option<&str>) -> Result<Response, Failure> {
        self.get_any(path, embed).await.and_then(good)
    }

    /// Whatever its status.
    async fn get_any(&self, path: &str, embed: Option<&str>) -> Result<Response, Failure> {
        let mut request = self.talk.fetch().request(Method::Get, &self.url(path));
        request = request.header("accept", "application/json");
        if let Some(embed) = embed {
            request = request.header("x-koha-embed", embed);
        }
        request.send().await
    }

    async fn post(&self, path: &str, body: &str) -> Result<Response, Failure> {
        self.talk.fetch().post_json(&self.url(path), body).await
    }

    fn url(&self, path: &str) -> String {
        [self.base.trim_end_matches('/'), "/api/v1/", path].concat()
    }

    /// `$2.50` of `2.5`; none of nothing and of a credit.
    fn money(&self, balance: &Json) -> Option<String> {
        let Json::Number(number) = balance else {
            return None;
        };
        let amount: f64 = number.parse().ok()?;
        (amount >= 0.005).then(|| format!("{}{amount:.2}", self.currency))
    }
}

fn account(card: &str, id: String) -> Account {
    Account {
        card: card.to_owned(),
        id,
        pin: String::new(),
    }
}

fn good(answer: Response) -> Result<Response, Failure> {
    if answer.ok() {
        Ok(answer)
    } else {
        Err(refused(answer.status))
    }
}

fn refused(status: u16) -> Failure {
    Failure::Unreadable(format!("Koha answered with status {status}"))
}

fn json(answer: &Response) -> Result<Json, Failure> {
    answer.json().ok_or_else(|| unreadable("no JSON"))
}

/// Koha says `Renewal not authorized (on_reserve)`.
fn why(answer: &Response) -> Why {
    match answer.body.as_str() {
        body if body.contains("too_many") || body.contains("too_unseen") => Why::TooOften,
        body if body.contains("on_reserve") => Why::Wanted,
        _ => Why::Other,
    }
}

/// Whole numbers alone: they go into addresses and bodies.
fn id(json: &Json, field: &str) -> Option<String> {
    json.get(field)?.integer().map(|id| id.to_string())
}

fn text<'j>(json: &'j Json, field: &str) -> Option<&'j str> {
    json.get(field)?.text().filter(|text| !text.is_empty())
}

/// Without the marks that cataloguers put behind a title: `Dune /`.
fn tidy(title: &str) -> String {
    title
        .trim_end_matches([' ', '/', ':', ';', '=', ','])
        .to_owned()
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            letter if letter < ' ' => {}
            letter => out.push(letter),
        }
    }
    out + "\""
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
