//! RSS, Atom and JSON Feed. They know no events, only entries with a moment: libraries' systems put
//! an event's beginning there, and its end nowhere.

use callslip_core::at::At;
use callslip_core::outside::Occurrence;

use crate::plain::plain;
use crate::{
    DESCRIPTION_CHARACTERS, OCCURRENCES_MAX, TITLE_CHARACTERS, TOPICS_MAX, Unreadable, Window,
};

pub(crate) fn read(bytes: &[u8], window: Window) -> Result<Vec<Occurrence>, Unreadable> {
    let feed = feed_rs::parser::parse(bytes).map_err(|_| Unreadable::OtherKind)?;
    let found = feed.entries.into_iter().filter_map(|entry| {
        let moment = At(entry.published.or(entry.updated)?.timestamp_millis());
        let title = plain(&entry.title?.content, TITLE_CHARACTERS)?;
        if !window.has(moment, moment) {
            return None;
        }
        let description = entry.summary.map(|summary| summary.content);
        let description = description.or_else(|| entry.content.and_then(|content| content.body));
        let topics = entry.categories.into_iter();
        let topics = topics.filter_map(|it| plain(&it.label.unwrap_or(it.term), TITLE_CHARACTERS));
        Some(Occurrence {
            id: format!("{}@{}", entry.id, moment.0),
            title,
            starts: moment,
            ends: moment,
            all_day: false,
            place: None,
            description: description.and_then(|text| plain(&text, DESCRIPTION_CHARACTERS)),
            topics: topics.take(TOPICS_MAX).collect(),
            url: entry.links.into_iter().next().map(|link| link.href),
            cancelled: false,
        })
    });
    Ok(found.take(OCCURRENCES_MAX).collect())
}
