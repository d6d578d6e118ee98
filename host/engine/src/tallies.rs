//! Counts how long questions wait, in the hours of the library's desk: a walk through the desk's
//! history, whose counts and place are one commit.

use callslip_core::hours;
use callslip_core::ids::LibraryId;
use callslip_store::tallies::{Counted, DeskMoment, SPANS, Tally};

use crate::{Engine, Running};

const EVENTS_AT_ONCE: usize = 500;
/// One sweep counts so many stretches, so that an old store is through in minutes.
const STRETCHES_MAX: usize = 20;

impl Engine {
    /// What happened at the desks since the last look.
    pub(crate) async fn count_desks(&self) {
        for _ in 0..STRETCHES_MAX {
            let walk = self
                .look("counting at the desk", |reader| {
                    reader.tallies().desk_walk(EVENTS_AT_ONCE)
                })
                .await;
            let Some(walk) = walk.filter(|walk| walk.to > walk.from) else {
                return;
            };
            let running = self.running();
            let moments = walk.moments.iter();
            let counted = moments.filter_map(|moment| counted(&running, moment));
            let (walked, counted) = ((walk.from, walk.to), counted.collect());
            let kept = self
                .ask("counting at the desk", |done| {
                    let tallies = self.shared.store.tallies();
                    tallies.keep_tallies(walked, counted, done);
                })
                .await;
            if kept.is_none() {
                return;
            }
        }
    }

    /// A card was fetched by a link that came from a poster; what is no poster's is not counted.
    pub async fn card_saved(&self, library: &LibraryId, keyword: &str, mark: &str) {
        let (library, now) = (library.clone(), self.now());
        let (keyword, mark) = (keyword.to_owned(), mark.to_owned());
        self.ask("counting a card", |done| {
            let tallies = self.shared.store.tallies();
            tallies.card_saved(library, keyword, mark, now, done);
        })
        .await;
    }
}

/// None: the library is gone, and with it its hours.
fn counted(running: &Running, moment: &DeskMoment) -> Option<Counted> {
    let library = running.directory.library(&moment.library)?;
    let minutes = hours::open_between(library, moment.opened, moment.at).as_secs() / 60;
    let span = SPANS.iter().find(|(most, _)| minutes <= *most);
    Some(Counted {
        library: moment.library.clone(),
        what: match moment.is_end {
            true => Tally::Closed,
            false => Tally::First,
        },
        at: moment.at,
        part: span.map_or("longer", |(_, name)| name),
    })
}
