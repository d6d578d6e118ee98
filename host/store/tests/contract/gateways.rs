//! What is known of a gateway as such.

use std::time::Duration;

use callslip_core::at::At;

use super::Fixture;
use super::bench::{Bench, NOW, wait};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn since(bench: &Bench, gateways: &[&str], now: At) -> Vec<(String, At)> {
    let gateways = gateways.iter().map(|name| (*name).to_owned()).collect();
    let known = wait(|done| bench.store.observing_since(gateways, now, done)).unwrap();
    let mut known: Vec<_> = known.into_iter().collect();
    known.sort();
    known
}

fn named(name: &str, at: At) -> (String, At) {
    (name.to_owned(), at)
}

pub(crate) fn g6_observing_began_when_it_was_first_seen<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let main = || named("main", NOW);
    assert_eq!(since(&bench, &["main"], NOW), [main()]);
    assert_eq!(since(&bench, &["main"], NOW + DAY), [main()]);

    let then = Bench::new(fixture.after_a_crash().store());
    let spare = || named("spare", NOW + 2 * DAY);
    let both = since(&then, &["main", "spare"], NOW + 2 * DAY);
    assert_eq!(both, [main(), spare()]);

    // Back on enforce, and a second time on observe: that is another seven days.
    assert_eq!(since(&then, &["spare"], NOW + 3 * DAY), [spare()]);
    let again = named("main", NOW + 4 * DAY);
    let both = since(&then, &["main", "spare"], NOW + 4 * DAY);
    assert_eq!(both, [again, spare()]);

    // The clock was ahead: nothing began in the future.
    assert_eq!(since(&then, &["main"], NOW), [named("main", NOW)]);
    assert_eq!(since(&then, &[], NOW), []);
}
