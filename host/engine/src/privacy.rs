//! What patrons may ask of what is held about them (a15), and the nightly job that removes what has
//! come to its term (b1).

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::finish::link_hash;
use callslip_core::ids::LibraryId;
use callslip_core::retention::{self, CONSENT_DAYS, FAULT_DAYS, days};
use callslip_store::StoreError;
use callslip_store::patron_file::PatronFile;
use callslip_store::privacy::{Gone, Oldest, Retain};
use tokio::sync::watch;

use crate::Engine;

/// Whether the night has come is looked at so often.
const LOOK_EVERY: Duration = Duration::from_secs(10 * 60);
/// Texts in one commit: a tenth of a second of the writer's time at most.
const PORTION: usize = 200;

/// What of a library goes next, and when its job last ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NextToGo {
    /// The oldest text comes to its term then, or came and goes in the next night.
    pub text: Option<At>,
    pub question: Option<At>,
    pub last_run: Option<At>,
}

impl Engine {
    /// Whether this link of MYDATA would show something now.
    pub async fn shows_my_data(&self, token: &str) -> Result<bool, StoreError> {
        let (hash, now) = (link_hash(token), self.now());
        self.read(move |reader| reader.privacy().link_is_open(hash, now))
            .await
    }

    /// What is held of whoever was sent this link, once.
    pub async fn my_data(&self, token: &str) -> Result<Option<PatronFile>, StoreError> {
        let (hash, now) = (link_hash(token), self.now());
        let store = &self.shared.store;
        let opened = self.ask("opening a link", |done| {
            store.privacy().open_link(hash, now, done);
        });
        let Some(phone) = opened.await.ok_or(StoreError::Closed)? else {
            return Ok(None);
        };
        self.read(move |reader| reader.privacy().held_of(phone))
            .await
    }

    /// Removes each night what has come to its term, until `stop` says so.
    pub async fn retain(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.retain_when_due().await;
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Runs the job if it is due; whether it did.
    pub async fn retain_when_due(&self) -> bool {
        let last = self.read(|reader| reader.privacy().last_retained()).await;
        let Ok(last) = last else { return false };
        let (running, now) = (self.running(), self.now());
        let mut libraries = running.directory.libraries.values();
        if !libraries.any(|library| retention::is_due(library, last, now)) {
            return false;
        }
        let mut gone = Gone::default();
        for library in running.directory.libraries.values() {
            let (terms, zone) = (&library.terms, retention::zone(library));
            let before = [
                terms.texts_before(&zone, now),
                terms.questions_before(&zone, now),
            ];
            let id = Some(library.id.clone());
            add(&mut gone, self.words(id, before, now).await);
        }
        let before = now - days(retention::DEFAULT.texts_days);
        add(&mut gone, self.words(None, [before, before], now).await);
        let records = Retain::Records {
            faults_before: now - days(FAULT_DAYS),
            consent_before: now - days(CONSENT_DAYS),
            now,
            max: PORTION,
        };
        add(&mut gone, self.portions(&records).await);
        let store = &self.shared.store;
        self.ask("noting the nightly job", |done| {
            store.privacy().retained(now, done);
        })
        .await;
        tracing::info!(
            texts = gone.texts,
            questions = gone.questions,
            records = gone.records,
            "what came to its term is removed"
        );
        true
    }

    /// What came, and what was closed, before these.
    async fn words(&self, library: Option<LibraryId>, before: [At; 2], now: At) -> Gone {
        let [texts_before, questions_before] = before;
        let words = Retain::Words {
            library,
            texts_before,
            questions_before,
            now,
            max: PORTION,
        };
        self.portions(&words).await
    }

    /// Texts overtake: each portion waits for its turn at the writer.
    async fn portions(&self, retain: &Retain) -> Gone {
        let mut all = Gone::default();
        loop {
            let retain = retain.clone();
            let store = &self.shared.store;
            let gone = self.ask("removing what came to its term", |done| {
                store.privacy().retain(retain, done);
            });
            match gone.await {
                Some(gone) if gone.any() => add(&mut all, gone),
                Some(_) | None => return all,
            }
        }
    }

    /// For a page: what of this library goes next.
    pub async fn next_to_go(&self, library: &LibraryId) -> Result<NextToGo, StoreError> {
        let id = library.clone();
        let (oldest, last_run) = self
            .read(move |reader| {
                let privacy = reader.privacy();
                Ok((privacy.oldest(Some(&id))?, privacy.last_retained()?))
            })
            .await?;
        let running = self.running();
        let Some(library) = running.directory.library(library) else {
            return Ok(NextToGo::default());
        };
        let (terms, zone) = (&library.terms, retention::zone(library));
        let Oldest { text, question } = oldest;
        Ok(NextToGo {
            text: text.map(|came| terms.text_goes(&zone, came)),
            question: question.map(|closed| terms.question_goes(&zone, closed)),
            last_run,
        })
    }
}

fn add(all: &mut Gone, gone: Gone) {
    all.texts += gone.texts;
    all.questions += gone.questions;
    all.records += gone.records;
}
