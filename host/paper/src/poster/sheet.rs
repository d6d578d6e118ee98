//! Kinds of posters and the papers they are printed on: one poster a page, or several cards or
//! bookmarks with lines to cut along, of which one is read out.

use super::{Poster, layout};
use crate::Error;
use crate::drawing::{Block, Colour, Drawing, Mark, Page, Role};

/// Printers leave so much of an edge white.
const MARGIN: f32 = 18.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Poster,
    TableCard,
    Bookmark,
    /// For a screen before an audience; knows no paper.
    Slide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    A4,
    Letter,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Poster, Kind::TableCard, Kind::Bookmark, Kind::Slide];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Poster => "poster",
            Kind::TableCard => "table-card",
            Kind::Bookmark => "bookmark",
            Kind::Slide => "slide",
        }
    }

    /// For people who choose.
    pub fn told(self) -> &'static str {
        match self {
            Kind::Poster => "Poster, one a page",
            Kind::TableCard => "Table cards, four a page",
            Kind::Bookmark => "Bookmarks, four a page",
            Kind::Slide => "Slide for a screen",
        }
    }

    pub fn from_name(name: &str) -> Option<Kind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// How many stand beside and below each other.
    fn grid(self) -> (u8, u8) {
        match self {
            Kind::Poster | Kind::Slide => (1, 1),
            Kind::TableCard => (2, 2),
            Kind::Bookmark => (4, 1),
        }
    }
}

impl Paper {
    pub const ALL: [Paper; 2] = [Paper::A4, Paper::Letter];

    pub fn name(self) -> &'static str {
        match self {
            Paper::A4 => "a4",
            Paper::Letter => "letter",
        }
    }

    pub fn told(self) -> &'static str {
        match self {
            Paper::A4 => "A4",
            Paper::Letter => "Letter",
        }
    }

    pub fn from_name(name: &str) -> Option<Paper> {
        Self::ALL.into_iter().find(|paper| paper.name() == name)
    }

    /// In points.
    pub fn size(self) -> (f32, f32) {
        match self {
            Paper::A4 => (595.28, 841.89),
            Paper::Letter => (612.0, 792.0),
        }
    }
}

pub fn draw(poster: &Poster, kind: Kind, paper: Paper) -> Result<Drawing, Error> {
    let (width, height) = match kind {
        Kind::Slide => (960.0, 540.0),
        Kind::Poster | Kind::TableCard | Kind::Bookmark => paper.size(),
    };
    let blocks = match kind {
        Kind::Slide => layout::wide(poster, width, height)?,
        Kind::Poster => layout::upright(poster, width, height)?,
        Kind::TableCard | Kind::Bookmark => several(poster, kind, width, height)?,
    };
    Ok(Drawing {
        title: format!("{}: {}", poster.library, poster.text),
        language: poster.language.clone(),
        pages: vec![Page {
            width,
            height,
            blocks,
        }],
    })
}

fn several(poster: &Poster, kind: Kind, width: f32, height: f32) -> Result<Vec<Block>, Error> {
    let (across, down) = kind.grid();
    let (wide, tall) = (
        (width - 2.0 * MARGIN) / f32::from(across),
        (height - 2.0 * MARGIN) / f32::from(down),
    );
    // A bookmark as long as a page would stand out of its book.
    let tall = match kind {
        Kind::Bookmark => tall.min(560.0),
        Kind::Poster | Kind::TableCard | Kind::Slide => tall,
    };
    let one = layout::upright(poster, wide, tall)?;
    let mut blocks = Vec::new();
    for row in 0..down {
        for column in 0..across {
            let (x, y) = (
                MARGIN + f32::from(column) * wide,
                MARGIN + f32::from(row) * tall,
            );
            for block in &one {
                let mut block = block.moved(x, y);
                if (row, column) != (0, 0) {
                    block.role = Role::Decoration;
                }
                blocks.push(block);
            }
        }
    }
    let line = |x, y, width, height| Mark::Rectangle {
        x,
        y,
        width,
        height,
        colour: Colour::LINE,
    };
    let mut marks = Vec::new();
    for column in 0..=across {
        let x = MARGIN + f32::from(column) * wide;
        marks.push(line(x - 0.25, MARGIN, 0.5, f32::from(down) * tall));
    }
    for row in 0..=down {
        let y = MARGIN + f32::from(row) * tall;
        marks.push(line(MARGIN, y - 0.25, f32::from(across) * wide, 0.5));
    }
    blocks.push(Block {
        role: Role::Decoration,
        marks,
    });
    Ok(blocks)
}
