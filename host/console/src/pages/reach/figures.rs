//! Charts, drawn here: bars stand in their table's own rows, days in a picture with the table
//! behind it. Both say in numbers what they show.

use maud::{Markup, html};

/// What a picture of days is drawn on.
const WIDE: usize = 720;
const TALL: usize = 200;

#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) count: u64,
    /// Its items, where whoever looks may see them.
    pub(crate) href: Option<String>,
}

impl Bar {
    pub(crate) fn new(name: impl Into<String>, count: u64) -> Bar {
        Bar {
            name: name.into(),
            count,
            href: None,
        }
    }
}

/// A table with a bar in each row.
pub(crate) fn bars(caption: &str, columns: [&str; 2], rows: &[Bar]) -> Markup {
    let most = rows.iter().map(|row| row.count).max().unwrap_or(0).max(1);
    html! {
        @if rows.is_empty() {
            p.quiet { "Nothing was counted." }
        } @else {
            table.bars {
                caption.unseen { (caption) }
                thead { tr {
                    th scope="col" { (columns[0]) } th.number scope="col" { (columns[1]) }
                    td.bar {}
                } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" {
                                @match &row.href {
                                    Some(href) => a href=(href) { (row.name) },
                                    None => (row.name),
                                }
                            }
                            td.number { (row.count) }
                            td.bar {
                                svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
                                    rect width=(share(row.count, most, 100)) height="10" {}
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One column a day.
pub(crate) fn days(caption: &str, columns: [&str; 2], rows: &[Bar]) -> Markup {
    let most = rows.iter().map(|row| row.count).max().unwrap_or(0).max(1);
    let sum: u64 = rows.iter().map(|row| row.count).sum();
    let step = WIDE / rows.len().max(1);
    let (first, last) = (rows.first(), rows.last());
    html! {
        @if sum == 0 {
            p.quiet { "Nothing was counted." }
        } @else {
            figure.days {
                svg viewBox={ "0 0 " (WIDE) " " (TALL + 30) } role="img"
                    aria-label={ (caption) ": " (sum) " in all, " (most) " on the day with most" } {
                    line.axis x1="0" y1=(TALL) x2=(WIDE) y2=(TALL) {}
                    @for (index, row) in rows.iter().enumerate() {
                        @let tall = share(row.count, most, TALL - 24);
                        @let column = html! {
                            rect x=(index * step) y=(TALL - tall) width=(step.saturating_sub(2).max(1)) height=(tall) {
                                title { (row.name) ": " (row.count) }
                            }
                        };
                        @match &row.href {
                            Some(href) if row.count > 0 => a href=(href) aria-label={ (row.name) ": " (row.count) } { (column) },
                            Some(_) | None => (column),
                        }
                    }
                    text x="0" y="16" { (most) }
                    @if let Some(first) = first { text x="0" y=(TALL + 22) { (first.name) } }
                    @if let Some(last) = last.filter(|_| rows.len() > 1) {
                        text x=(WIDE) y=(TALL + 22) text-anchor="end" { (last.name) }
                    }
                }
                figcaption {
                    details {
                        summary { "As a table" span.unseen { ": " (caption) } }
                        (bars(caption, columns, rows))
                    }
                }
            }
        }
    }
}

/// A thing that was counted shows, however few of it there are.
fn share(count: u64, most: u64, of: usize) -> usize {
    let long = count.saturating_mul(of as u64) / most.max(1);
    let long = usize::try_from(long).unwrap_or(of);
    if count > 0 { long.max(1) } else { 0 }
}
