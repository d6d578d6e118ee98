//! Feeds as libraries have them, and as nobody should.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use callslip_calendar::{Feed, Unreadable, read};
use callslip_core::at::At;
use jiff::tz::TimeZone;

const ZONE: &str = "America/New_York";

fn at(local: &str) -> At {
    let local: jiff::civil::DateTime = local.parse().unwrap();
    let zone = TimeZone::get(ZONE).unwrap();
    At(zone.to_timestamp(local).unwrap().as_millisecond())
}

fn calendar(events: &str) -> Feed {
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n{}\r\nEND:VCALENDAR\r\n",
        events.trim().replace('\n', "\r\n")
    );
    read(text.as_bytes(), ZONE, at("2031-05-06T10:00")).unwrap()
}

/// What takes place in these days, as people would say it.
fn on(feed: &Feed, from: &str, to: &str) -> Vec<String> {
    let zone = TimeZone::get(ZONE).unwrap();
    let clock = |moment: At| {
        let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap();
        zone.to_datetime(moment).strftime("%m-%d %H:%M").to_string()
    };
    let found = feed.occurrences(at(from), at(to)).into_iter();
    found
        .map(|one| {
            let marks = match (one.all_day, one.cancelled) {
                (true, _) => " all day",
                (_, true) => " cancelled",
                _ => "",
            };
            format!("{} {}{marks}", clock(one.starts), one.title)
        })
        .collect()
}

#[test]
fn times_are_the_feeds_zone_the_librarys_or_the_worlds() {
    let feed = calendar(
        "BEGIN:VTIMEZONE\nTZID:Europe/Paris\nEND:VTIMEZONE
BEGIN:VEVENT\nUID:1\nSUMMARY:In Paris\nDTSTART;TZID=Europe/Paris:20310510T160000\nDTEND;TZID=Europe/Paris:20310510T170000\nEND:VEVENT
BEGIN:VEVENT\nUID:2\nSUMMARY:At home\nDTSTART:20310510T110000\nDURATION:PT45M\nEND:VEVENT
BEGIN:VEVENT\nUID:3\nSUMMARY:In the world\nDTSTART:20310510T160000Z\nEND:VEVENT
BEGIN:VEVENT\nUID:4\nSUMMARY:Sale\nDTSTART;VALUE=DATE:20310510\nDTEND;VALUE=DATE:20310512\nEND:VEVENT",
    );
    let saturday = on(&feed, "2031-05-10T00:00", "2031-05-11T00:00");
    assert_eq!(
        saturday,
        [
            "05-10 00:00 Sale all day",
            "05-10 10:00 In Paris",
            "05-10 11:00 At home",
            "05-10 12:00 In the world",
        ]
    );
    // The second day of the sale.
    assert_eq!(
        on(&feed, "2031-05-11T00:00", "2031-05-12T00:00"),
        ["05-10 00:00 Sale all day"]
    );
    assert_eq!(on(&feed, "2031-05-12T00:00", "2031-05-13T00:00"), [""; 0]);
}

#[test]
fn what_comes_again_keeps_its_hour_over_the_change_of_clocks() {
    let feed = calendar(
        "BEGIN:VEVENT\nUID:story\nSUMMARY:Story time\nLOCATION:Main Branch\nCATEGORIES:Kids,Stories
DTSTART;TZID=America/New_York:20200107T103000\nDTEND;TZID=America/New_York:20200107T113000
RRULE:FREQ=WEEKLY;BYDAY=TU\nEXDATE;TZID=America/New_York:20311028T103000\nEND:VEVENT
BEGIN:VEVENT\nUID:story\nSUMMARY:Story time in the park\nRECURRENCE-ID;TZID=America/New_York:20311104T103000
DTSTART;TZID=America/New_York:20311104T140000\nDTEND;TZID=America/New_York:20311104T150000\nEND:VEVENT
BEGIN:VEVENT\nUID:story\nSUMMARY:Story time\nSTATUS:CANCELLED\nRECURRENCE-ID;TZID=America/New_York:20311111T103000
DTSTART;TZID=America/New_York:20311111T103000\nEND:VEVENT
BEGIN:VEVENT\nUID:other\nSUMMARY:Chess\nDTSTART;TZID=America/New_York:20200107T103000\nRRULE:FREQ=WEEKLY;BYDAY=TU\nEND:VEVENT",
    );
    let autumn = on(&feed, "2031-10-20T00:00", "2031-11-13T00:00");
    assert_eq!(
        autumn,
        [
            "10-21 10:30 Chess",
            "10-21 10:30 Story time",
            "10-28 10:30 Chess",
            "11-04 10:30 Chess",
            "11-04 14:00 Story time in the park",
            "11-11 10:30 Chess",
            "11-11 10:30 Story time cancelled",
        ]
    );
    let one = &feed.occurrences(at("2031-10-21T00:00"), at("2031-10-22T00:00"))[1];
    assert_eq!(one.place.as_deref(), Some("Main Branch"));
    assert_eq!(one.topics, ["Kids", "Stories"]);
}

#[test]
fn rules_that_never_end_or_come_too_often_are_bounded() {
    let feed = calendar(
        "BEGIN:VEVENT\nUID:1\nSUMMARY:Each second\nDTSTART:20310506T100000Z\nRRULE:FREQ=SECONDLY\nEND:VEVENT
BEGIN:VEVENT\nUID:2\nSUMMARY:Since ever\nDTSTART:00010101T100000Z\nRRULE:FREQ=DAILY\nEND:VEVENT
BEGIN:VEVENT\nUID:3\nSUMMARY:Never\nDTSTART:20310101T100000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT
BEGIN:VEVENT\nUID:4\nSUMMARY:Daily\nDTSTART;TZID=America/New_York:20000101T090000\nRRULE:FREQ=DAILY\nEND:VEVENT
BEGIN:VEVENT\nUID:5\nSUMMARY:Thrice\nDTSTART:20310510T150000\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT",
    );
    assert_eq!(
        on(&feed, "2031-05-11T00:00", "2031-05-14T00:00"),
        [
            "05-11 09:00 Daily",
            "05-11 15:00 Thrice",
            "05-12 09:00 Daily",
            "05-12 15:00 Thrice",
            "05-13 09:00 Daily",
        ]
    );
}

#[test]
fn e3_ten_thousand_events_are_read_and_a_few_are_given() {
    let mut events = String::new();
    for number in 0..10_000 {
        let (day, hour) = (number % 28 + 1, number % 12 + 8);
        events.push_str(&format!(
            "BEGIN:VEVENT\nUID:{number}\nSUMMARY:Event {number}\nDTSTART:203106{day:02}T{hour:02}0000\n\
             DESCRIPTION:{}\nEND:VEVENT\n",
            "words ".repeat(60)
        ));
    }
    let feed = calendar(&events);
    let found = feed.occurrences(at("2031-06-07T00:00"), at("2031-06-08T00:00"));
    assert_eq!(found.len(), 200);
    assert!(
        found
            .iter()
            .all(|one| one.description.as_ref().unwrap().len() <= 500)
    );
    assert!(found.is_sorted_by_key(|one| one.starts));
}

#[test]
fn what_is_damaged_is_read_as_far_as_it_goes() {
    let feed = calendar(
        "BEGIN:VEVENT\nUID:1\nSUMMARY:Good\nDTSTART:20310510T110000\nEND:VEVENT
this is no line
BEGIN:VEVENT\nUID:2\nSUMMARY:No date\nEND:VEVENT
BEGIN:VEVENT\nUID:3\nDTSTART:20310510T110000\nEND:VEVENT
BEGIN:VEVENT\nUID:4\nSUMMARY:Bad date\nDTSTART:20311399T990000\nEND:VEVENT
BEGIN:VEVENT\nUID:5\nSUMMARY:Ends before it begins\nDTSTART:20310510T120000\nDTEND:20310510T090000\nEND:VEVENT
BEGIN:VEVENT\nUID:6\nSUMMARY:Folded\n  over lines\nDTSTART:20310510T130000\nEND:VEVENT
BEGIN:VEVENT\nUID:7\nSUMMARY:Cut off",
    );
    assert_eq!(
        on(&feed, "2031-05-10T00:00", "2031-05-11T00:00"),
        [
            "05-10 11:00 Good",
            "05-10 12:00 Ends before it begins",
            "05-10 13:00 Folded over lines",
        ]
    );
    let now = at("2031-05-06T10:00");
    for text in [
        "",
        "<html><body>Sign in</body></html>",
        "{}",
        "BEGIN:VCARD\r\nEND:VCARD",
        "\0\0",
    ] {
        assert_eq!(
            read(text.as_bytes(), ZONE, now).unwrap_err(),
            Unreadable::OtherKind,
            "{text:?}"
        );
    }
    let text = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR";
    let zone = Unreadable::Zone("Mars/Olympus".to_owned());
    assert_eq!(read(text, "Mars/Olympus", now).unwrap_err(), zone);
}

#[test]
fn entries_of_rss_and_atom_are_events_at_their_moment() {
    let now = at("2031-05-06T10:00");
    let rss = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Events</title><link>https://e.example</link>
        <description>x</description>
        <item><title>Knitting &amp; tea</title><link>https://e.example/1</link><guid>1</guid><category>Adults</category>
        <pubDate>Sat, 10 May 2031 15:00:00 GMT</pubDate><description>&lt;p&gt;Bring &lt;b&gt;wool&lt;/b&gt;.&lt;/p&gt;</description></item>
        <item><title>No date</title></item></channel></rss>";
    let feed = read(rss.as_bytes(), ZONE, now).unwrap();
    let found = feed.occurrences(at("2031-05-10T00:00"), at("2031-05-11T00:00"));
    let [one] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(one.title, "Knitting & tea");
    assert_eq!(one.description.as_deref(), Some("Bring wool ."));
    assert_eq!(one.url.as_deref(), Some("https://e.example/1"));
    assert_eq!(one.topics, ["Adults"]);
    let atom = "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><id>f</id><title>Events</title>
        <updated>2031-05-01T00:00:00Z</updated>
        <entry><id>2</id><title>Chess</title><updated>2031-05-10T18:00:00-04:00</updated></entry></feed>";
    let feed = read(atom.as_bytes(), ZONE, now).unwrap();
    assert_eq!(
        on(&feed, "2031-05-10T00:00", "2031-05-11T00:00"),
        ["05-10 18:00 Chess"]
    );
}
