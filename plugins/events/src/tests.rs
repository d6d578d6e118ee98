//! Several phones and few seats; what a transcript of one phone cannot show.

use callslip::test::recording::{self, Recording};
use callslip::test::{Phone, days};

use callslip::Date;

use super::{events, seats};

const FEED: &str = "CALENDAR https://events.example.org/all.ics";

fn robots(seats: u32, waiting: u32) -> Phone {
    let settings = format!(
        "feed = \"https://events.example.org/all.ics\"\nseats = {seats}\nwaiting = {waiting}\n"
    );
    let event = recording::Event::parse("2031-05-14 16:00 for 60 minutes | Robot lab | Main");
    Phone::new::<events>()
        .keyword("EVENTS")
        .settings(&settings)
        .answers(FEED, Recording::Events(vec![event.unwrap()]))
}

fn signs_up(phone: &mut Phone) -> String {
    phone.text("EVENTS robot");
    phone.text("1");
    if phone.waits() {
        phone.text("yes");
    }
    phone.read().pop().unwrap_or_default()
}

#[test]
fn twenty_seats_are_never_twenty_one_and_the_line_moves_up_by_itself() {
    let mut first = robots(20, 5);
    let mut others: Vec<Phone> = (0..29).map(|_| first.neighbor()).collect();
    let mut told = vec![signs_up(&mut first)];
    told.extend(others.iter_mut().map(signs_up));
    let seated = told.iter().filter(|told| told.contains("You have a seat"));
    assert_eq!(seated.count(), 20);
    assert!(
        told[20].contains("waiting list for Robot lab: 0 before you"),
        "{}",
        told[20]
    );
    assert!(told[24].contains("4 before you"), "{}", told[24]);
    assert!(told[25].contains("full"), "{}", told[25]);

    first.text("EVENTS drop");
    first.text("yes");
    first.read();
    // others[19] is the twenty-first who came.
    others[19].text("EVENTS mine");
    others[19].expect("You are signed up for:\nRobot lab, on Wednesday, May 14, at 4 pm");
    // Without asking it would have been told the next morning.
    others[19].later(days(1));
    others[19].expect("Good news: a seat came free. You have a seat at Robot lab, on Wednesday, May 14, at 4 pm. Cannot come? Text EVENTS DROP.");
    others[20].text("EVENTS mine");
    others[20].expect_part("waiting, 0 before you");
    // Whoever comes back stands at the end.
    assert!(signs_up(&mut first).contains("4 before you"));
}

#[test]
fn who_asks_while_the_last_seat_goes_is_told_the_truth() {
    let mut slow = robots(1, 0);
    let mut quick = slow.neighbor();
    slow.text("EVENTS robot");
    slow.text("1");
    assert!(signs_up(&mut quick).contains("You have a seat"));
    slow.read();
    slow.text("yes");
    slow.expect("Robot lab is full, and so is its waiting list. Text EVENTS for what else is on.");
}

#[test]
fn what_is_over_is_forgotten() {
    let mut phone = robots(1, 0);
    assert!(signs_up(&mut phone).contains("You have a seat"));
    let day = Date::parse("2031-05-14").unwrap();
    let joined = ["joined/", &seats::key("robot-lab@1936555200000", day)].concat();
    assert_eq!(phone.stored_for_all(&joined).as_deref(), Some("1"));
    phone.later(days(9));
    phone.read();
    phone.text("EVENTS mine");
    phone.expect("You are not signed up for anything. Text EVENTS to see what is on.");
    assert_eq!(phone.stored_for_all(&joined), None);
}

#[test]
fn a_picture_is_no_answer() {
    let mut phone = robots(1, 0);
    phone.text("EVENTS");
    phone.read();
    phone.picture("", "https://media.example.org/1.jpg");
    phone.expect_part("Sorry, I did not understand that.");
}

#[test]
fn the_day_before_at_ten_there_is_a_reminder_unless_the_seat_was_given_back() {
    let mut stays = robots(2, 0);
    let mut leaves = stays.neighbor();
    for phone in [&mut stays, &mut leaves] {
        assert!(signs_up(phone).contains("You have a seat"));
        let due: Vec<String> = phone.reminders().map(|(at, _)| format!("{at:?}")).collect();
        assert_eq!(due.len(), 1, "{due:?}");
    }
    leaves.text("EVENTS drop");
    leaves.text("yes");
    leaves.read();
    for phone in [&mut stays, &mut leaves] {
        phone.later(days(7));
    }
    stays.expect("To remind you: Robot lab, tomorrow at 4 pm. Cannot come? Text EVENTS DROP.");
    leaves.expect_nothing();
}

#[test]
fn who_still_waits_on_the_eve_hears_so_and_what_is_called_off_is_told() {
    let mut seated = robots(1, 5);
    let mut waits = seated.neighbor();
    signs_up(&mut seated);
    assert!(signs_up(&mut waits).contains("waiting list"));
    waits.later(days(7));
    waits.expect("Robot lab, tomorrow at 4 pm: no seat has come free, 0 before you. I am sorry.");
    waits.expect_nothing();
    let off = "2031-05-14 16:00 for 60 minutes | Robot lab | Main | cancelled";
    let off = recording::Event::parse(off).unwrap();
    seated.now_answers(FEED, Recording::Events(vec![off]));
    seated.later(days(7));
    seated.expect("Robot lab does not take place. I am sorry.");
}
