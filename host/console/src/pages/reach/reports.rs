//! Reports of one library: what came, who answered and how fast, lists, delivery, cost. From counts
//! that outlive what they count.

mod tables;

use std::sync::Arc;

use callslip_core::directory::{Jurisdiction, Library};
use callslip_core::staff::Action;
use callslip_paper::poster::Paper;
use callslip_paper::report;
use callslip_store::tallies::{Tally, TallyRow};
use jiff::ToSpan as _;
use maud::{Markup, html};

use super::csv;
use super::figures::{bars, days};
use super::period::{LAST_DAYS, Period, told};
use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::refusal::Refusal;
use crate::visit::Visit;
use tables::{Looks, May, Table, tables};

/// Months that the page offers.
const MONTHS: i32 = 13;

/// All that was counted, by what.
pub(super) struct Counted {
    pub(super) texts: Vec<TallyRow>,
    pub(super) messages: Vec<TallyRow>,
    pub(super) segments: Vec<TallyRow>,
    pub(super) lists: Vec<TallyRow>,
    pub(super) first: Vec<TallyRow>,
    pub(super) closed: Vec<TallyRow>,
}

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let libraries = visit.libraries(Action::SeeDelivery)?;
    let [library] = &libraries[..] else {
        return Ok(choose(visit, &libraries));
    };
    let period = Period::of(visit, library);
    let tables = load(visit, library, &period).await?;
    let base = format!("/libraries/{}/reports", escaped(&library.id.0));
    let body = html! {
        h1 { "Reports" }
        p { (library.name) ", " (period.told) }
        (periods(visit, library, &period))
        @for table in &tables {
            section.card aria-labelledby=(table.id) {
                h2 id=(table.id) { (table.title) }
                @if let Some(note) = &table.note { p { (note) } }
                @match table.looks {
                    Looks::Days => (days(table.title, table.columns, &table.rows)),
                    Looks::Bars => (bars(table.title, table.columns, &table.rows)),
                }
                @if !table.rows.is_empty() {
                    p { a href={ (base) "/" (table.id) "/csv?period=" (period.asked) } { "CSV" span.unseen { ": " (table.title) } } }
                }
            }
        }
        p { a href={ "/libraries/" (escaped(&library.id.0)) "/sources" } { "Where texts come from" } }
    };
    Ok(frame::page(visit, Here::Reports, "Reports", &body))
}

fn choose(visit: &Visit, libraries: &[Arc<Library>]) -> Answer {
    let body = html! {
        h1 { "Reports" }
        ul {
            @for library in libraries {
                li { a href={ "/reports?library=" (escaped(&library.id.0)) } { (library.name) } }
            }
        }
    };
    frame::page(visit, Here::Reports, "Reports", &body)
}

fn periods(visit: &Visit, library: &Library, period: &Period) -> Markup {
    let here = format!("/reports?library={}&period=", escaped(&library.id.0));
    let today = period.zone.to_datetime(visit.now.timestamp()).date();
    let months = (0..MONTHS).filter_map(|back| {
        let month = today.first_of_month().checked_sub(back.months()).ok()?;
        let asked = month.strftime("%Y-%m").to_string();
        Some((asked, month.strftime("%B %Y").to_string()))
    });
    let is_month = period.asked.contains('-');
    html! {
        p.row {
            @for days in LAST_DAYS {
                @let asked = days.to_string();
                a href={ (here) (asked) } aria-current=[(asked == period.asked).then_some("true")] { (told(days)) }
            }
        }
        form.row method="get" action="/reports" {
            input type="hidden" name="library" value=(library.id);
            div {
                label for="period" { "Month" }
                br;
                select id="period" name="period" {
                    @for (asked, told) in months {
                        option value=(asked) selected[asked == period.asked] { (told) }
                    }
                }
            }
            button.second { "Show" }
            @if is_month {
                a.button href={ "/libraries/" (escaped(&library.id.0)) "/reports/pdf?period=" (period.asked) } { "PDF for the board" }
            }
        }
    }
}

async fn load(
    visit: &Visit,
    library: &Arc<Library>,
    period: &Period,
) -> Result<Vec<Table>, Refusal> {
    let (id, between) = (library.id.clone(), period.between());
    let counted = visit
        .shared
        .keep
        .read(move |reader| {
            let of = |what| reader.tallied(&id, what, between);
            Ok(Counted {
                texts: of(Tally::Text)?,
                messages: of(Tally::Message)?,
                segments: of(Tally::Segments)?,
                lists: of(Tally::List)?,
                first: of(Tally::First)?,
                closed: of(Tally::Closed)?,
            })
        })
        .await?;
    let can = |action| {
        visit
            .staff()
            .is_ok_and(|staff| staff.can(action, &library.id))
    };
    let may = May {
        texts: can(Action::SeeTexts),
        keywords: can(Action::SeeKeywords),
        lists: can(Action::SeeLists),
        delivery: can(Action::SeeDelivery),
    };
    Ok(tables(library, period, &counted, may))
}

pub(crate) async fn table(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let period = Period::of(visit, &library);
    let tables = load(visit, &library, &period).await?;
    let wanted = visit.place(1);
    let table = tables.into_iter().find(|table| table.id == wanted);
    let table = table.ok_or(Refusal::Nothing)?;
    let mut rows = vec![table.columns.map(str::to_owned).to_vec()];
    let lines = table.rows.into_iter();
    rows.extend(lines.map(|row| vec![row.name, row.count.to_string()]));
    let name = format!("{}-{}-{}", library.id, table.id, period.asked);
    Ok(csv::answer(&name, &rows))
}

/// A month's, for the board.
pub(crate) async fn pdf(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let period = Period::of(visit, &library);
    let tables = load(visit, &library, &period).await?;
    let report = report::Report {
        title: format!("Texts in {}", period.told),
        about: library.name.clone(),
        language: "en".to_owned(),
        tables: tables
            .into_iter()
            .map(|table| report::Table {
                title: table.title.to_owned(),
                columns: table.columns.map(str::to_owned),
                note: match table.rows.is_empty() {
                    true => Some("Nothing was counted.".to_owned()),
                    false => table.note,
                },
                rows: table
                    .rows
                    .into_iter()
                    .map(|row| (row.name, row.count))
                    .collect(),
            })
            .collect(),
    };
    let running = visit.running();
    let number = library
        .number()
        .and_then(|number| running.directory.number(number));
    let paper = match number.map(|number| number.jurisdiction) {
        Some(Jurisdiction::Uk) => Paper::A4,
        Some(Jurisdiction::Us | Jurisdiction::Ca) | None => Paper::Letter,
    };
    let name = format!("{}-{}.pdf", library.id, period.asked);
    let made = tokio::task::spawn_blocking(move || {
        let drawing = report::draw(&report, paper)?;
        callslip_paper::pdf(&drawing)
    });
    let made = made.await.map_err(|_| Refusal::Busy)?;
    let bytes = made.map_err(|error| Refusal::Invalid(format!("{error}.")))?;
    Ok(Answer::made("application/pdf", bytes, Some(name)))
}
