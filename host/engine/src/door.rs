//! The way into the house for gateways that keep a connection of their own: what the web edge does
//! for a webhook, without HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use callslip_core::at::At;
use callslip_gateways::{BoxFuture, Door, Incoming, Matched, NotTaken, Note, StatusReport};
use callslip_store::{Done, GatewayNote, Noted, StoreError};
use tokio::sync::oneshot;

use crate::Engine;

impl Engine {
    /// One for each gateway: it speaks for no other (g1).
    pub fn door(&self, gateway: &str) -> Arc<dyn Door> {
        Arc::new(EngineDoor {
            engine: self.clone(),
            gateway: gateway.to_owned(),
            refuses: AtomicBool::new(false),
        })
    }
}

struct EngineDoor {
    engine: Engine,
    gateway: String,
    /// Said once, not for each text of a full hour.
    refuses: AtomicBool,
}

impl EngineDoor {
    fn taken<T>(&self, result: Result<T, String>) -> Result<T, NotTaken> {
        let failed = result.is_err();
        let failed_before = self.refuses.swap(failed, Ordering::Relaxed);
        let gateway = self.gateway.as_str();
        match result {
            Ok(taken) => {
                if failed_before {
                    tracing::info!(gateway, "texts and reports are taken again");
                }
                Ok(taken)
            }
            Err(error) => {
                if !failed_before {
                    tracing::error!(
                        gateway,
                        error,
                        "a text or a report was not taken: the gateway keeps it and comes again"
                    );
                }
                Err(NotTaken)
            }
        }
    }

    async fn ask<T: Send + 'static>(&self, ask: impl FnOnce(Done<T>)) -> Result<T, StoreError> {
        let (done, answer) = oneshot::channel();
        ask(Box::new(move |result| {
            let _ = done.send(result); // The connection may have ended.
        }));
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

impl Door for EngineDoor {
    fn now(&self) -> At {
        self.engine.now()
    }

    fn text(&self, incoming: Incoming) -> BoxFuture<'_, Result<(), NotTaken>> {
        Box::pin(async {
            let result = self.engine.take(incoming.inbound).await;
            self.taken(result.map_err(|busy| busy.to_string()))
        })
    }

    fn status(&self, report: StatusReport) -> BoxFuture<'_, Result<Matched, NotTaken>> {
        Box::pin(async {
            let result = self.engine.report(&self.gateway, report).await;
            let noted = self.taken(result.map_err(|error| error.to_string()))?;
            Ok(match noted {
                Noted::Changed | Noted::Unchanged => Matched::Ours,
                Noted::Unknown => Matched::Unknown,
            })
        })
    }

    fn keep(&self, note: Note) -> BoxFuture<'_, Result<(), NotTaken>> {
        Box::pin(async {
            let note = GatewayNote {
                gateway: self.gateway.clone(),
                key: note.key,
                body: note.body,
            };
            let store = self.engine.store();
            let result = self.ask(|done| store.keep_note(note, done)).await;
            self.taken(result.map_err(|error| error.to_string()))
        })
    }

    fn kept(&self) -> BoxFuture<'_, Result<Vec<Note>, NotTaken>> {
        let (store, gateway) = (Arc::clone(self.engine.store()), self.gateway.clone());
        Box::pin(async {
            // Reading the file is no work for a thread that serves.
            let read = tokio::task::spawn_blocking(move || store.reader()?.notes(&gateway));
            let result = read.await.unwrap_or(Err(StoreError::Closed));
            let notes = self.taken(result.map_err(|error| error.to_string()))?;
            let note = |note: GatewayNote| Note {
                key: note.key,
                body: note.body,
            };
            Ok(notes.into_iter().map(note).collect())
        })
    }

    fn forget(&self, keys: Vec<String>) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let (store, gateway) = (self.engine.store(), self.gateway.clone());
            let forgotten = self
                .ask(|done| store.forget_notes(gateway, keys, done))
                .await;
            if let Err(error) = forgotten {
                let gateway = self.gateway.as_str();
                tracing::warn!(gateway, %error, "a gateway's notes could not be taken away");
            }
        })
    }
}
