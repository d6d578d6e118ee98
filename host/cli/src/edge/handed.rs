//! A body that tells when it has been handed to the connection. A client that hung up before
//! takes no frame, and then nothing is told: the answer stays `offered`.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

pub(super) struct Handed {
    bytes: Option<Bytes>,
    then: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Handed {
    pub(super) fn new(bytes: Bytes, then: impl FnOnce() + Send + Sync + 'static) -> Self {
        Handed {
            bytes: Some(bytes),
            then: Some(Box::new(then)),
        }
    }
}

impl Body for Handed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        if let (None, Some(then)) = (&self.bytes, self.then.take()) {
            then();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn only_an_answer_that_was_taken_is_told() {
        let told = Arc::new(AtomicBool::new(false));
        let tell = |told: &Arc<AtomicBool>| {
            let told = Arc::clone(told);
            move || told.store(true, Ordering::SeqCst)
        };
        drop(Handed::new(Bytes::from_static(b"never taken"), tell(&told)));
        assert!(!told.load(Ordering::SeqCst));
        Handed::new(Bytes::from_static(b"taken"), tell(&told))
            .collect()
            .await
            .unwrap();
        assert!(told.load(Ordering::SeqCst));
    }
}
