//! Capability `calendar`: events from a feed, which the host reads, repeats and keeps for a while.

use crate::journal::Recorded;
use crate::json::{Json, write_text};
use crate::outside::Failure;
use crate::talk::Talk;
use crate::time::Timestamp;

/// Feeds of events: iCalendar, RSS or Atom, at hosts that the keyword's grant names.
pub struct Calendar<'a> {
    talk: &'a Talk,
}

/// One time at which an event takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Stable for this event at this time.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// When it begins.
    pub starts: Timestamp,
    /// When it is over.
    pub ends: Timestamp,
    /// Whether it has days and no hours.
    pub all_day: bool,
    /// Where, in the feed's own words.
    pub place: Option<String>,
    /// The beginning of what the feed says of it, as plain text.
    pub description: Option<String>,
    /// The feed's categories.
    pub topics: Vec<String>,
    /// Where more is to be read.
    pub url: Option<String>,
    /// Whether it does not take place after all.
    pub cancelled: bool,
}

impl<'a> Calendar<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        Calendar { talk }
    }

    /// What ends after `after` and begins before `before`, by its beginning; at most 200. Before
    /// a question wrap it in [`once_async`](Talk::once_async) and keep what you need.
    pub async fn occurrences(
        &self,
        url: &str,
        after: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<Occurrence>, Failure> {
        let request = [url, &after.0.to_string(), &before.0.to_string()];
        let call = || host::occurrences(url, after, before).map(Listed);
        let listed = self.talk.call("calendar.occurrences", &request, call).await;
        listed.map(|listed| listed.0)
    }
}

struct Listed(Vec<Occurrence>);

impl Recorded for Listed {
    fn write(&self, out: &mut String) {
        out.push('[');
        for (at, one) in self.0.iter().enumerate() {
            out.push_str(if at == 0 { "[" } else { ",[" });
            for text in [&one.id, &one.title] {
                write_text(out, text);
                out.push(',');
            }
            out.push_str(&format!("{},{},", one.starts.0, one.ends.0));
            for text in [&one.place, &one.description, &one.url] {
                text.write(out);
                out.push(',');
            }
            for flag in [one.all_day, one.cancelled] {
                flag.write(out);
                out.push(',');
            }
            write_text(out, &one.topics.join("\n"));
            out.push(']');
        }
        out.push(']');
    }

    fn read(got: &Json) -> Option<Listed> {
        let one = |one: &Json| {
            let [
                id,
                title,
                starts,
                ends,
                place,
                description,
                url,
                all_day,
                cancelled,
                topics,
            ] = one.items()?
            else {
                return None;
            };
            let time = |json: &Json| Some(Timestamp(json.integer()?.try_into().ok()?));
            let topics = topics.text()?.split('\n').filter(|topic| !topic.is_empty());
            Some(Occurrence {
                id: id.text()?.to_owned(),
                title: title.text()?.to_owned(),
                starts: time(starts)?,
                ends: time(ends)?,
                all_day: bool::read(all_day)?,
                place: Option::read(place)?,
                description: Option::read(description)?,
                topics: topics.map(str::to_owned).collect(),
                url: Option::read(url)?,
                cancelled: bool::read(cancelled)?,
            })
        };
        let listed = got.items()?.iter().map(one).collect::<Option<_>>()?;
        Some(Listed(listed))
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::calendar as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use super::{Failure, Occurrence, Timestamp};
    use crate::abi::callslip::plugin::calendar;

    pub(super) fn occurrences(
        url: &str,
        after: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<Occurrence>, Failure> {
        let found = calendar::occurrences(url, after.0, before.0)?.into_iter();
        let found = found.map(|one| Occurrence {
            id: one.id,
            title: one.title,
            starts: Timestamp(one.starts),
            ends: Timestamp(one.ends),
            all_day: one.all_day,
            place: one.place,
            description: one.description,
            topics: one.topics,
            url: one.url,
            cancelled: one.cancelled,
        });
        Ok(found.collect())
    }
}
