//! A report for the board: headings, and tables of numbers with a bar beside each. It breaks its
//! pages itself.

use crate::drawing::{Block, Colour, Drawing, Header, Mark, Page, Role, Weight};
use crate::poster::Paper;
use crate::{Error, fonts};

const EDGE: f32 = 54.0;
const BODY: f32 = 10.5;
const ROW: f32 = 17.0;
/// Of the page's width, for names, numbers and bars.
const NAME: f32 = 0.42;
const NUMBER: f32 = 0.14;
/// A table for people; what is longer stands in the file for machines.
const ROWS_MAX: usize = 40;

#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub title: String,
    /// Under the title: whose it is and of when.
    pub about: String,
    pub language: String,
    pub tables: Vec<Table>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub title: String,
    /// What the names are, and what is counted.
    pub columns: [String; 2],
    pub rows: Vec<(String, u64)>,
    /// Stands in the place of no rows, or below them.
    pub note: Option<String>,
}

pub fn draw(report: &Report, paper: Paper) -> Result<Drawing, Error> {
    let (width, height) = paper.size();
    let mut sheets = Sheets {
        width,
        height,
        y: EDGE,
        pages: Vec::new(),
        blocks: Vec::new(),
    };
    sheets.say(
        Role::Heading(1),
        &report.title,
        20.0,
        Weight::Bold,
        Colour::DEEP,
    )?;
    sheets.say(
        Role::Paragraph,
        &report.about,
        11.0,
        Weight::Regular,
        Colour::QUIET,
    )?;
    for table in &report.tables {
        sheets.table(table)?;
    }
    sheets.turn();
    Ok(Drawing {
        title: report.title.clone(),
        language: report.language.clone(),
        pages: sheets.pages,
    })
}

struct Sheets {
    width: f32,
    height: f32,
    y: f32,
    pages: Vec<Page>,
    blocks: Vec<Block>,
}

impl Sheets {
    fn room(&self) -> f32 {
        self.width - 2.0 * EDGE
    }

    /// To a new page, unless so much still fits.
    fn want(&mut self, tall: f32) {
        if self.y + tall > self.height - EDGE {
            self.turn();
        }
    }

    fn turn(&mut self) {
        if self.blocks.is_empty() {
            return;
        }
        self.pages.push(Page {
            width: self.width,
            height: self.height,
            blocks: std::mem::take(&mut self.blocks),
        });
        self.y = EDGE;
    }

    fn say(
        &mut self,
        role: Role,
        text: &str,
        size: f32,
        weight: Weight,
        colour: Colour,
    ) -> Result<(), Error> {
        let lines = fonts::lines(text, size, weight, self.room())?;
        self.want(lines.len() as f32 * size * 1.25);
        let mut marks = Vec::new();
        for text in lines {
            marks.push(Mark::Text {
                x: EDGE,
                y: self.y + size,
                size,
                weight,
                colour,
                text,
            });
            self.y += size * 1.25;
        }
        self.blocks.push(Block { role, marks });
        self.y += size * 0.35;
        Ok(())
    }

    fn table(&mut self, table: &Table) -> Result<(), Error> {
        self.y += 10.0;
        // A heading does not stand alone at a page's end.
        self.want(16.0 * 1.6 + 3.0 * ROW);
        self.say(
            Role::Heading(2),
            &table.title,
            14.0,
            Weight::Bold,
            Colour::INK,
        )?;
        if !table.rows.is_empty() {
            let [name, number] = &table.columns;
            self.cells(
                0,
                (name.as_str(), number.as_str()),
                Weight::Bold,
                [Header::Column; 2],
            )?;
        }
        let most = table
            .rows
            .iter()
            .map(|(_, count)| *count)
            .max()
            .unwrap_or(0);
        for (row, (name, count)) in table.rows.iter().take(ROWS_MAX).enumerate() {
            self.want(ROW);
            if most > 0 {
                let x = EDGE + self.room() * (NAME + NUMBER) + 10.0;
                let room = self.width - EDGE - x;
                // A page is narrower than a number is exact.
                let long = room * (*count as f32 / most as f32);
                self.blocks.push(Block {
                    role: Role::Decoration,
                    marks: vec![Mark::Rectangle {
                        x,
                        y: self.y + 3.0,
                        width: long.max(0.5),
                        height: ROW - 7.0,
                        colour: Colour::DEEP,
                    }],
                });
            }
            let shown = (name.as_str(), count.to_string());
            let headers = [Header::Row, Header::No];
            self.cells(
                row + 1,
                (shown.0, shown.1.as_str()),
                Weight::Regular,
                headers,
            )?;
        }
        let hidden = table.rows.len().saturating_sub(ROWS_MAX);
        if hidden > 0 {
            let more = format!("and {hidden} more");
            self.say(Role::Paragraph, &more, BODY, Weight::Regular, Colour::QUIET)?;
        }
        match &table.note {
            Some(note) => self.say(Role::Paragraph, note, BODY, Weight::Regular, Colour::QUIET),
            None => Ok(()),
        }
    }

    fn cells(
        &mut self,
        row: usize,
        (name, number): (&str, &str),
        weight: Weight,
        headers: [Header; 2],
    ) -> Result<(), Error> {
        let size = BODY;
        let y = self.y + size + 1.5;
        let room = self.room();
        let name = shortened(name, size, weight, room * NAME)?;
        let wide = fonts::width(number, size, weight)?;
        let x = EDGE + room * (NAME + NUMBER) - wide;
        for (x, text, header) in [(EDGE, name, headers[0]), (x, number.to_owned(), headers[1])] {
            self.blocks.push(Block {
                role: Role::Cell { row, header },
                marks: vec![Mark::Text {
                    x,
                    y,
                    size,
                    weight,
                    colour: Colour::INK,
                    text,
                }],
            });
        }
        self.y += ROW;
        Ok(())
    }
}

/// What fits beside its number.
fn shortened(name: &str, size: f32, weight: Weight, room: f32) -> Result<String, Error> {
    if fonts::width(name, size, weight)? <= room {
        return Ok(name.to_owned());
    }
    let mut letters: Vec<char> = name.chars().collect();
    loop {
        letters.pop();
        let short: String = letters.iter().chain(&['\u{2026}']).collect();
        if letters.is_empty() || fonts::width(&short, size, weight)? <= room {
            return Ok(short);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf;

    #[test]
    fn a_report_says_its_tables_on_as_many_pages_as_it_needs() {
        let table = |title: &str, rows: usize| Table {
            title: title.to_owned(),
            columns: ["Day".to_owned(), "Texts".to_owned()],
            rows: (0..rows)
                .map(|row| (format!("Row {row} of {}", "long ".repeat(20)), row as u64))
                .collect(),
            note: (rows == 0).then(|| "Nothing was counted.".to_owned()),
        };
        let report = Report {
            title: "Texts in May 2031".to_owned(),
            about: "Bayside Public Library".to_owned(),
            language: "en".to_owned(),
            tables: vec![
                table("Texts by day", 31),
                table("Lists", 0),
                table("Keywords", 60),
            ],
        };
        for paper in Paper::ALL {
            let drawing = draw(&report, paper).unwrap();
            assert!(drawing.pages.len() > 1);
            let text = pdf_extract::extract_text_from_mem(&pdf(&drawing).unwrap()).unwrap();
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for said in [
                "Texts in May 2031",
                "Row 30 of",
                "Nothing was counted.",
                "and 20 more",
            ] {
                assert!(text.contains(said), "{said}: {text}");
            }
        }
    }
}
