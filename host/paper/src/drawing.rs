//! A drawing: pages of blocks, each with its part in the document for who listens to it, each made
//! of marks at places in points (1/72 inch) from the upper left corner.

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    pub const INK: Colour = Colour(0x16, 0x1b, 0x22);
    pub const QUIET: Colour = Colour(0x4a, 0x52, 0x5c);
    pub const DEEP: Colour = Colour(0x0b, 0x3d, 0x55);
    pub const PALE: Colour = Colour(0xe6, 0xf0, 0xf4);
    pub const LINE: Colour = Colour(0xb8, 0xc2, 0xca);
    pub const WHITE: Colour = Colour(0xff, 0xff, 0xff);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weight {
    Regular,
    Bold,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// What readers call the document.
    pub title: String,
    pub language: String,
    pub pages: Vec<Page>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub width: f32,
    pub height: f32,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub role: Role,
    pub marks: Vec<Mark>,
}

/// What a block is to somebody who has it read out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    Heading(u16),
    Paragraph,
    /// A picture, said in words.
    Figure(String),
    /// Cells of one table stand one behind the other, row by row.
    Cell {
        row: usize,
        header: Header,
    },
    /// Not read out.
    Decoration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    Column,
    Row,
    No,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    Rectangle {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        colour: Colour,
    },
    /// One line; `y` is the base line.
    Text {
        x: f32,
        y: f32,
        size: f32,
        weight: Weight,
        colour: Colour,
        text: String,
    },
    /// The dark squares of a QR code, row by row, with nothing around them.
    Squares {
        x: f32,
        y: f32,
        size: f32,
        across: usize,
        dark: Vec<bool>,
    },
}

impl Block {
    /// The same at another place.
    pub fn moved(&self, right: f32, down: f32) -> Block {
        let mut block = self.clone();
        for mark in &mut block.marks {
            match mark {
                Mark::Rectangle { x, y, .. }
                | Mark::Text { x, y, .. }
                | Mark::Squares { x, y, .. } => {
                    *x += right;
                    *y += down;
                }
            }
        }
        block
    }
}

/// The dark runs of a code, as (x, y, width, height): fewer shapes, and no hair lines between them.
pub(crate) fn runs(x: f32, y: f32, size: f32, across: usize, dark: &[bool]) -> Vec<[f32; 4]> {
    let mut runs = Vec::new();
    if across == 0 {
        return runs;
    }
    // No square of ours has as many modules as f32 cannot count.
    let step = size / across as f32;
    for (row, cells) in dark.chunks(across).enumerate() {
        let mut column = 0;
        while column < cells.len() {
            let run = cells[column..].iter().take_while(|dark| **dark).count();
            if run > 0 {
                runs.push([
                    x + column as f32 * step,
                    y + row as f32 * step,
                    run as f32 * step,
                    step,
                ]);
            }
            column += run.max(1);
        }
    }
    runs
}
