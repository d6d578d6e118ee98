//! Answers that hold for whoever asks the same: of one library, in memory, for as long as the other
//! side says. Three hundred patrons who ask what is on are one question to the calendar (e3).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use callslip_calendar::Feed;
use callslip_core::at::At;
use callslip_core::ids::LibraryId;
use callslip_core::outside::{Answer, Ask};

const ANSWERS_MAX: usize = 512;
/// Of all answers together.
const BYTES_MAX: usize = 16 * 1024 * 1024;
const FEEDS_MAX: usize = 64;
/// A feed that is not to be had is as it was, for so long.
const STALE_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// After a feed said that it is not to be kept: patrons of one moment share it all the same.
const FEED_FRESH_MIN: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(crate) struct Kept {
    answers: HashMap<(LibraryId, Ask), (Answer, At)>,
    bytes: usize,
    feeds: HashMap<(LibraryId, String), KeptFeed>,
}

struct KeptFeed {
    feed: Arc<Feed>,
    read: At,
    until: At,
}

impl Kept {
    pub(crate) fn answer(&self, library: &LibraryId, ask: &Ask, now: At) -> Option<Answer> {
        let (answer, until) = self.answers.get(&(library.clone(), ask.clone()))?;
        (*until > now).then(|| answer.clone())
    }

    pub(crate) fn keep_answer(
        &mut self,
        library: &LibraryId,
        ask: &Ask,
        answer: &Answer,
        until: At,
    ) {
        let bytes = size(answer);
        if self.answers.len() >= ANSWERS_MAX || self.bytes + bytes > BYTES_MAX {
            // Everything is asked for anew: rare, and simpler than choosing.
            self.answers.clear();
            self.bytes = 0;
        }
        let key = (library.clone(), ask.clone());
        if let Some((before, _)) = self.answers.insert(key, (answer.clone(), until)) {
            self.bytes -= size(&before);
        }
        self.bytes += bytes;
    }

    pub(crate) fn feed(&self, library: &LibraryId, url: &str, now: At) -> Option<Arc<Feed>> {
        let kept = self.feeds.get(&(library.clone(), url.to_owned()))?;
        (kept.until > now).then(|| Arc::clone(&kept.feed))
    }

    pub(crate) fn stale_feed(&self, library: &LibraryId, url: &str, now: At) -> Option<Arc<Feed>> {
        let kept = self.feeds.get(&(library.clone(), url.to_owned()))?;
        (now.since(kept.read) < STALE_FOR).then(|| Arc::clone(&kept.feed))
    }

    pub(crate) fn keep_feed(
        &mut self,
        library: &LibraryId,
        url: &str,
        feed: &Arc<Feed>,
        now: At,
        fresh: Option<Duration>,
    ) {
        if self.feeds.len() >= FEEDS_MAX {
            self.feeds.clear();
        }
        let kept = KeptFeed {
            feed: Arc::clone(feed),
            read: now,
            until: now + fresh.unwrap_or_default().max(FEED_FRESH_MIN),
        };
        self.feeds.insert((library.clone(), url.to_owned()), kept);
    }
}

fn size(answer: &Answer) -> usize {
    match answer {
        Answer::Response { headers, body, .. } => {
            let headers = headers.iter();
            body.len()
                + headers
                    .map(|(name, value)| name.len() + value.len())
                    .sum::<usize>()
        }
        _ => 0,
    }
}
