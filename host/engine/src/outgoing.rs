//! Messages as people look after them: which did not get through, why, and once more.

use std::sync::Arc;
use std::time::Duration;

use callslip_core::directory::Number;
use callslip_core::ids::{InboundId, LibraryId, MessageId, StaffId};
use callslip_core::inbound::Namespace;
use callslip_core::outbox::AGAIN_USEFUL;
use callslip_core::outbox::why::{MessageFacts, TextFacts};
use callslip_core::phone::PhoneNumber;
use callslip_store::{FailedPage, Reader, StoreError, TestSent, TestText};
use tokio::sync::oneshot;

use crate::{Engine, lock};

/// Who tests waits beside the phone.
const TEST_USEFUL: Duration = Duration::from_secs(60 * 60);
/// Connections that wait for the next page.
const READERS_KEPT: usize = 4;

impl Engine {
    /// Reads off the pages' threads, on a connection that is kept for the next one.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || {
            let kept = lock(&shared.readers).pop();
            let reader = match kept {
                Some(reader) => reader,
                None => shared.store.reader()?,
            };
            let value = read(&*reader)?;
            let mut readers = lock(&shared.readers);
            if readers.len() < READERS_KEPT {
                readers.push(reader);
            }
            Ok(value)
        });
        done.await.unwrap_or(Err(StoreError::Closed))
    }

    pub async fn failed_messages(&self, page: FailedPage) -> Result<Vec<MessageFacts>, StoreError> {
        self.read(move |reader| reader.failed_of(&page)).await
    }

    pub async fn message_facts(
        &self,
        message: MessageId,
    ) -> Result<Option<MessageFacts>, StoreError> {
        self.read(move |reader| reader.message(message)).await
    }

    pub async fn text_facts(&self, text: InboundId) -> Result<Option<TextFacts>, StoreError> {
        self.read(move |reader| reader.text(text)).await
    }

    /// Another try for a message that has failed. None: it has not, or had another already.
    pub async fn resend(&self, message: MessageId) -> Result<Option<MessageId>, StoreError> {
        let now = self.now();
        let (tell, told) = oneshot::channel();
        let done = Box::new(move |result| {
            let _ = tell.send(result); // Who asked may have gone.
        });
        let store = self.store();
        store.send_again(message, now, now + AGAIN_USEFUL, done);
        let made = told.await.unwrap_or(Err(StoreError::Closed))?;
        self.shared.outbox.notify_one();
        Ok(made)
    }

    /// A text to a phone of the staff's own, within the hour or not at all.
    pub async fn test_text(
        &self,
        number: &Number,
        library: LibraryId,
        to: PhoneNumber,
        (body, staff): (String, StaffId),
    ) -> Result<TestSent, StoreError> {
        let now = self.now();
        let test = TestText {
            library,
            number: number.number.clone(),
            gateway: number.gateway.clone(),
            to,
            body,
            staff,
            now,
            useful_until: now + TEST_USEFUL,
        };
        let (tell, told) = oneshot::channel();
        let done = Box::new(move |result| {
            let _ = tell.send(result); // Who asked may have gone.
        });
        self.store().test_text(test, done);
        let sent = told.await.unwrap_or(Err(StoreError::Closed))?;
        self.shared.outbox.notify_one();
        Ok(sent)
    }

    /// Segments that each library has sent in this month.
    pub async fn spent(&self) -> Result<Vec<(LibraryId, u64)>, StoreError> {
        let now = self.now();
        self.read(move |reader| reader.spent(now, Namespace::Real))
            .await
    }
}
