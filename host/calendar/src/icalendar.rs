//! iCalendar: events, what comes again, what is taken out of that and what is moved.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr as _;

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::dates::TimeOrDelta;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarFrequency,
    ICalendarProperty, ICalendarStatus, ICalendarValue, Uri,
};
use calcard::{Entry, Parser};
use callslip_core::at::At;
use callslip_core::outside::Occurrence;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::plain::plain;
use crate::{
    DESCRIPTION_CHARACTERS, OCCURRENCES_MAX, TITLE_CHARACTERS, TOPICS_MAX, Unreadable, Window,
};

/// Of one event that comes again, from its beginning on: a daily one of forty years.
const TIMES_MAX: usize = 15_000;
/// Of all that a feed has, whatever it says.
const TIMES_IN_ALL: usize = 400_000;
/// What began earlier is a mistake, and does not come again.
const BEGAN_EARLIEST: u16 = 1970;

pub(crate) fn read(text: &str, zone: &str, window: Window) -> Result<Vec<Occurrence>, Unreadable> {
    let home = Tz::from_str(zone).map_err(|()| Unreadable::Zone(zone.to_owned()))?;
    let clock = TimeZone::get(zone).map_err(|_| Unreadable::Zone(zone.to_owned()))?;
    let mut components = Vec::new();
    let mut parser = Parser::new(text);
    let mut any = false;
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => {
                any = true;
                components.extend(calendar.components);
            }
            Entry::Eof => break,
            // A line that is none is passed over, as readers of calendars do.
            Entry::InvalidLine(_)
            | Entry::UnexpectedComponentEnd { .. }
            | Entry::UnterminatedComponent(_)
            | Entry::VCard(_) => {}
            _ => break,
        }
    }
    if !any {
        return Err(Unreadable::OtherKind);
    }
    let mut reader = Reader {
        home,
        clock,
        window,
        left: TIMES_IN_ALL,
        found: Vec::new(),
    };
    reader.all(components);
    Ok(reader.found)
}

struct Reader {
    home: Tz,
    /// For days without hours.
    clock: TimeZone,
    window: Window,
    left: usize,
    found: Vec<Occurrence>,
}

impl Reader {
    /// Events that belong together, what comes again and its exceptions, are expanded together and
    /// with nothing else: an exception is found by its moment alone.
    fn all(&mut self, components: Vec<ICalendarComponent>) {
        let mut zones = Vec::new();
        let mut single = Vec::new();
        let mut groups: BTreeMap<String, Vec<ICalendarComponent>> = BTreeMap::new();
        let mut of_uid: HashMap<String, usize> = HashMap::new();
        for component in &components {
            if component.component_type == ICalendarComponentType::VEvent
                && let Some(uid) = text(component, &ICalendarProperty::Uid)
            {
                *of_uid.entry(uid).or_default() += 1;
            }
        }
        for mut component in components {
            match component.component_type {
                ICalendarComponentType::VTimezone => {
                    component.component_ids.clear();
                    zones.push(component);
                }
                ICalendarComponentType::VEvent => {
                    component.component_ids.clear();
                    let uid = text(&component, &ICalendarProperty::Uid).unwrap_or_default();
                    let has = |name| find(&component, name).is_some();
                    let again = has(&ICalendarProperty::Rrule)
                        || has(&ICalendarProperty::RecurrenceId)
                        || of_uid.get(&uid).is_some_and(|times| *times > 1);
                    match again {
                        true => groups
                            .entry(uid)
                            .or_default()
                            .push(bounded(component, self.window)),
                        false => single.push(component),
                    }
                }
                _ => {}
            }
        }
        self.expand(single, &zones, usize::MAX);
        for group in groups.into_values() {
            self.expand(group, &zones, TIMES_MAX);
        }
    }

    fn expand(
        &mut self,
        events: Vec<ICalendarComponent>,
        zones: &[ICalendarComponent],
        most: usize,
    ) {
        let mut components = events;
        components.extend(zones.iter().cloned());
        let calendar = ICalendar { components };
        let most = most.min(self.left);
        let expanded = calendar.expand_dates(self.home, most);
        self.left = self.left.saturating_sub(expanded.events.len());
        for event in expanded.events {
            if self.found.len() >= OCCURRENCES_MAX {
                return;
            }
            let Some(component) = calendar.components.get(event.comp_id as usize) else {
                continue;
            };
            let starts = At(event.start.timestamp_millis());
            let ends = match event.end {
                TimeOrDelta::Time(ends) => At(ends.timestamp_millis()),
                TimeOrDelta::Delta(lasts) => At(starts.0.saturating_add(lasts.num_milliseconds())),
            };
            self.one(component, starts, ends.max(starts));
        }
    }

    fn one(&mut self, component: &ICalendarComponent, starts: At, ends: At) {
        let all_day = matches!(
            find(component, &ICalendarProperty::Dtstart).and_then(|entry| entry.values.first()),
            Some(ICalendarValue::PartialDateTime(date)) if date.hour.is_none()
        );
        let (starts, ends) = match all_day {
            true => (self.midnight(starts), self.midnight(ends)),
            false => (starts, ends),
        };
        if !self.window.has(starts, ends) {
            return;
        }
        let words = |name| text(component, name).unwrap_or_default();
        let Some(title) = plain(&words(&ICalendarProperty::Summary), TITLE_CHARACTERS) else {
            return;
        };
        let uid = words(&ICalendarProperty::Uid);
        let topics = component.entries.iter();
        let topics = topics.filter(|entry| entry.name == ICalendarProperty::Categories);
        let topics = topics
            .flat_map(|entry| &entry.values)
            .filter_map(ICalendarValue::as_text)
            .filter_map(|topic| plain(topic, TITLE_CHARACTERS));
        let status = find(component, &ICalendarProperty::Status);
        self.found.push(Occurrence {
            id: format!(
                "{}@{}",
                if uid.is_empty() { &title } else { &uid },
                starts.0
            ),
            starts,
            ends,
            all_day,
            place: plain(&words(&ICalendarProperty::Location), TITLE_CHARACTERS),
            description: plain(
                &words(&ICalendarProperty::Description),
                DESCRIPTION_CHARACTERS,
            ),
            topics: topics.take(TOPICS_MAX).collect(),
            url: text(component, &ICalendarProperty::Url),
            cancelled: status.is_some_and(|entry| {
                entry.values.first() == Some(&ICalendarValue::Status(ICalendarStatus::Cancelled))
            }),
            title,
        });
    }

    /// A day without hours is the library's own, from its midnight on.
    fn midnight(&self, at: At) -> At {
        let Ok(moment) = Timestamp::from_millisecond(at.0) else {
            return at;
        };
        // Whatever zone the reader took, the day that is meant is the nearest one.
        let local = self.clock.to_datetime(moment);
        let day = match local.hour() >= 12 {
            true => local.date().tomorrow().unwrap_or(local.date()),
            false => local.date(),
        };
        let start = self.clock.to_timestamp(day.at(0, 0, 0, 0));
        start.map_or(at, |start| At(start.as_millisecond()))
    }
}

/// A rule without an end ends with the year that is looked at; one that repeats by the minute, or
/// since ever, does not.
fn bounded(mut component: ICalendarComponent, window: Window) -> ICalendarComponent {
    let begins = match find(&component, &ICalendarProperty::Dtstart)
        .and_then(|entry| entry.values.first())
    {
        Some(ICalendarValue::PartialDateTime(date)) => date.year,
        _ => None,
    };
    let sane = begins.is_some_and(|year| year >= BEGAN_EARLIEST);
    component.entries.retain_mut(|entry| {
        let Some(ICalendarValue::RecurrenceRule(rule)) = entry.values.first_mut() else {
            return true;
        };
        let often = matches!(
            rule.freq,
            ICalendarFrequency::Secondly
                | ICalendarFrequency::Minutely
                | ICalendarFrequency::Hourly
        );
        if often || !sane {
            return false;
        }
        if rule.count.is_none() {
            let end = PartialDateTime::from_utc_timestamp(window.before.0 / 1_000);
            let earlier = rule.until.as_ref().and_then(PartialDateTime::to_date_time);
            let latest = end.to_date_time();
            let ends_before = match (earlier, latest) {
                (Some(told), Some(latest)) => told.date_time <= latest.date_time,
                _ => false,
            };
            if !ends_before {
                rule.until = Some(end);
            }
        }
        true
    });
    component
}

fn find<'c>(
    component: &'c ICalendarComponent,
    name: &ICalendarProperty,
) -> Option<&'c ICalendarEntry> {
    component.entries.iter().find(|entry| entry.name == *name)
}

fn text(component: &ICalendarComponent, name: &ICalendarProperty) -> Option<String> {
    let value = find(component, name)?.values.first()?;
    match value {
        ICalendarValue::Uri(Uri::Location(url)) => Some(url.clone()),
        value => value.as_text().map(str::to_owned),
    }
}
