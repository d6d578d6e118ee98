//! Conversations for study: masked, as a file, for an owner, with a line in the log.

use std::time::Duration;

use callslip_core::directory::Library;
use callslip_core::inbound::Namespace;
use callslip_core::staff::Action;
use callslip_core::study::{self, CSV_HEAD};
use callslip_store::desk::Study;
use callslip_store::staff::StaffChange;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::asked::escaped;
use crate::keep::Trouble;
use crate::parts::token;
use crate::refusal::Refusal;
use crate::visit::{Visit, note};

const DAY: u64 = 24 * 60 * 60;
const TERMS: [(&str, &str, u64); 3] = [
    ("month", "the last month", 30),
    ("quarter", "the last three months", 91),
    ("year", "the last year", 365),
];
/// Turns in one file.
const TURNS_MAX: usize = 20_000;
const PAGE: usize = 1_000;

pub(super) fn form(visit: &Visit, library: &Library) -> Markup {
    let may = visit
        .staff()
        .is_ok_and(|staff| staff.can(Action::TakeForStudy, &library.id));
    let id = format!("term-{}", library.id);
    html! {
        @if may {
            details {
                summary { "Conversations for study" }
                form method="post" action={ "/libraries/" (escaped(&library.id.0)) "/study" } {
                    (token(visit))
                    p {
                        "Numbers, names, addresses, e-mail and card numbers are masked, and each patron is a number \
                         of this file alone. No mask is perfect: read it over before you pass it on. The log says \
                         that you took it."
                    }
                    div.field {
                        label for=(id) { "Of" }
                        select id=(id) name="term" {
                            @for (name, told, _) in TERMS { option value=(name) { (told) } }
                        }
                    }
                    button name="as" value="csv" { "Take it as CSV" }
                    " "
                    button.second name="as" value="json" { "As JSON lines" }
                }
            }
        }
    }
}

pub(crate) async fn take(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let term = visit.asked.field("term");
    let days = TERMS.iter().find(|(name, ..)| *name == term);
    let days = days.map_or(TERMS[0].2, |(_, _, days)| *days);
    let is_csv = visit.asked.field("as") != "json";
    // The line first: what is taken is taken.
    let line = note(Some(&library.id), "taken-for-study", format!("{days} days"));
    visit.commit(StaffChange::Noted, Some(line)).await?;
    let namespace = match visit.shared.about().is_training {
        true => Namespace::Simulator,
        false => Namespace::Real,
    };
    let mut wanted = Study {
        library: library.id.clone(),
        namespace,
        since: visit.now - Duration::from_secs(days * DAY),
        after: None,
        max: PAGE,
    };
    let engine = visit.shared.engine.clone();
    let written = tokio::task::spawn_blocking(move || {
        let reader = engine.store().reader()?;
        let mut study = study::Study::default();
        let mut text = if is_csv {
            CSV_HEAD.to_owned()
        } else {
            String::new()
        };
        for _ in 0..TURNS_MAX / PAGE {
            let turns = reader.desk().study(&wanted)?;
            let Some((last, _)) = turns.last() else { break };
            wanted.after = Some(*last);
            for line in turns.iter().flat_map(|(_, turn)| study.lines(turn)) {
                text.push_str(&if is_csv { line.csv() } else { line.json() });
            }
        }
        Ok::<_, callslip_store::StoreError>(text)
    });
    let text = written
        .await
        .map_err(|_| Trouble::Panicked)?
        .map_err(Trouble::from)?;
    let (kind, ending) = match is_csv {
        true => ("text/csv; charset=utf-8", "csv"),
        false => ("application/jsonl; charset=utf-8", "jsonl"),
    };
    let name = format!("conversations-{}.{ending}", escaped(&library.id.0));
    Ok(Answer::download(kind, name, text))
}
