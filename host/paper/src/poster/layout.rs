//! Where each thing of one poster stands, in a panel of any size: pieces are sized by the panel's
//! width and all made smaller until they fit, so that no name runs out of it.

use super::Poster;
use crate::drawing::{Block, Colour, Mark, Role, Weight};
use crate::words::{Words, words};
use crate::{Error, fonts, qr};

/// All is tried at these scales; below the last a poster is no poster.
const SCALES: [f32; 9] = [1.0, 0.92, 0.85, 0.77, 0.7, 0.62, 0.54, 0.46, 0.38];
/// A code of 22 mm is read from a hand's distance.
const CODE_MIN: f32 = 62.0;
/// Modules of white that readers want around a code.
const QUIET_MODULES: f32 = 4.0;
/// Nobody reads smaller print.
const PRINT_MIN: f32 = 6.0;
const LEADING: f32 = 1.18;
/// How far a line of letters rises over its base, by its size.
const RISE: f32 = 0.8;

#[derive(Clone, Copy)]
enum Align {
    Left,
    Middle,
}

struct Line {
    size: f32,
    weight: Weight,
    colour: Colour,
    text: String,
    width: f32,
}

struct Piece {
    role: Role,
    lines: Vec<Line>,
}

struct Style {
    sizes: (f32, f32),
    weight: Weight,
    colour: Colour,
    lines_max: usize,
}

impl Piece {
    fn new(role: Role) -> Piece {
        Piece {
            role,
            lines: Vec::new(),
        }
    }

    fn with(mut self, text: &str, style: &Style, room: f32) -> Result<Piece, Error> {
        let Style {
            sizes,
            weight,
            colour,
            lines_max,
        } = *style;
        let (size, lines) = fonts::fit(text, sizes, weight, room, lines_max)?;
        for text in lines {
            self.lines.push(Line {
                size,
                weight,
                colour,
                width: fonts::width(&text, size, weight)?,
                text,
            });
        }
        Ok(self)
    }

    fn height(&self) -> f32 {
        self.lines.iter().map(|line| line.size * LEADING).sum()
    }

    fn place(self, x: f32, top: f32, room: f32, align: Align) -> Block {
        let mut y = top;
        let mut marks = Vec::new();
        for line in self.lines {
            let x = match align {
                Align::Left => x,
                Align::Middle => x + (room - line.width) / 2.0,
            };
            marks.push(Mark::Text {
                x,
                y: y + line.size * RISE,
                size: line.size,
                weight: line.weight,
                colour: line.colour,
                text: line.text,
            });
            y += line.size * LEADING;
        }
        Block {
            role: self.role,
            marks,
        }
    }
}

/// Upright: the name, what to text, the code below it.
pub(super) fn upright(poster: &Poster, width: f32, height: f32) -> Result<Vec<Block>, Error> {
    at_some_scale(|scale| try_upright(poster, width, height, scale))
}

/// Wide: the code beside what to text.
pub(super) fn wide(poster: &Poster, width: f32, height: f32) -> Result<Vec<Block>, Error> {
    at_some_scale(|scale| try_wide(poster, width, height, scale))
}

fn at_some_scale(
    draw: impl Fn(f32) -> Result<Option<Vec<Block>>, Error>,
) -> Result<Vec<Block>, Error> {
    for scale in SCALES {
        if let Some(blocks) = draw(scale)? {
            return Ok(blocks);
        }
    }
    Err(Error::TooMuch)
}

fn try_upright(
    poster: &Poster,
    width: f32,
    height: f32,
    scale: f32,
) -> Result<Option<Vec<Block>>, Error> {
    let said = words(&poster.language);
    let unit = width * scale;
    let edge = width * 0.07;
    let room = width - 2.0 * edge;
    let (mut blocks, band) = band(poster, width, unit * 0.075, edge)?;
    let print = print(poster, unit * 0.026, room)?;
    let bottom = height - edge - print.height();

    let mut above = pieces(poster, said, unit, room)?;
    let hint = plain(said.scan, unit * 0.036, Colour::QUIET, room, 3)?;
    let mut below = vec![hint];
    below.extend(voice(poster, said, unit * 0.045, room)?);

    let gap = unit * 0.03;
    // One between any two, one above and one below all.
    let gaps = above.len() + below.len() + 2;
    let taken: f32 = above.iter().chain(&below).map(Piece::height).sum();
    let left = bottom - band - taken - gaps as f32 * gap;
    let side = left.min(width * 0.46);
    if side < CODE_MIN.max(width * 0.2) {
        return Ok(None);
    }
    let gap = gap + (left - side) / gaps as f32;
    let mut y = band + gap;
    for piece in above.drain(..) {
        let tall = piece.height();
        blocks.push(piece.place(edge, y, room, Align::Middle));
        y += tall + gap;
    }
    blocks.push(code(poster, said, (width - side) / 2.0, y, side)?);
    y += side + gap;
    for piece in below {
        let tall = piece.height();
        blocks.push(piece.place(edge, y, room, Align::Middle));
        y += tall + gap;
    }
    blocks.push(print.place(edge, bottom, room, Align::Middle));
    Ok(Some(blocks))
}

fn try_wide(
    poster: &Poster,
    width: f32,
    height: f32,
    scale: f32,
) -> Result<Option<Vec<Block>>, Error> {
    let said = words(&poster.language);
    let unit = width * 0.58 * scale;
    let edge = width * 0.05;
    let side = (width * 0.3).min(height * 0.54);
    let room = width - 3.0 * edge - side;
    let (mut blocks, band) = band(poster, width, unit * 0.072, edge)?;
    let print = print(poster, unit * 0.028, width - 2.0 * edge)?;
    let bottom = height - edge * 0.7 - print.height();

    let mut beside = pieces(poster, said, unit, room)?;
    beside.extend(voice(poster, said, unit * 0.045, room)?);
    let gap = unit * 0.03;
    let gaps = beside.len() + 1;
    let taken: f32 = beside.iter().map(Piece::height).sum();
    let left = bottom - band - taken - gaps as f32 * gap;
    let hint = plain(said.scan, unit * 0.04, Colour::QUIET, side, 3)?;
    let code_taken = side + hint.height() + gap;
    if left < 0.0 || band + code_taken > bottom {
        return Ok(None);
    }
    let gap = gap + left / gaps as f32;
    let mut y = band + gap;
    for piece in beside {
        let tall = piece.height();
        blocks.push(piece.place(edge, y, room, Align::Left));
        y += tall + gap;
    }
    let x = width - edge - side;
    let top = band + (bottom - band - code_taken) / 2.0;
    blocks.push(code(poster, said, x, top, side)?);
    blocks.push(hint.place(x, top + side + unit * 0.03, side, Align::Middle));
    blocks.push(print.place(edge, bottom, width - 2.0 * edge, Align::Left));
    Ok(Some(blocks))
}

/// The library's name on its colour, and where that ends.
fn band(poster: &Poster, width: f32, size: f32, edge: f32) -> Result<(Vec<Block>, f32), Error> {
    let room = width - 2.0 * edge;
    let style = Style {
        sizes: (size, size * 0.45),
        weight: Weight::Bold,
        colour: Colour::WHITE,
        lines_max: 2,
    };
    let name = Piece::new(Role::Paragraph).with(&poster.library, &style, room)?;
    let height = name.height() + size * 1.1;
    let ground = Block {
        role: Role::Decoration,
        marks: vec![Mark::Rectangle {
            x: 0.0,
            y: 0.0,
            width,
            height,
            colour: Colour::DEEP,
        }],
    };
    let name = name.place(edge, size * 0.55, room, Align::Middle);
    Ok((vec![ground, name], height))
}

/// What to do, in words: the poster's heading is the call itself, read as one sentence.
fn pieces(poster: &Poster, said: &Words, unit: f32, room: f32) -> Result<Vec<Piece>, Error> {
    let bold = |size: f32, least: f32, colour, lines_max| Style {
        sizes: (size, least),
        weight: Weight::Bold,
        colour,
        lines_max,
    };
    let try_it = bold(unit * 0.05, unit * 0.03, Colour::DEEP, 2);
    let text = Style {
        weight: Weight::Regular,
        ..bold(unit * 0.062, unit * 0.04, Colour::INK, 1)
    };
    let word = bold(unit * 0.19, unit * 0.05, Colour::DEEP, 2);
    let to = bold(unit * 0.085, unit * 0.045, Colour::INK, 2);
    let number = said.to.replace("{number}", &poster.number);
    let call = Piece::new(Role::Heading(1))
        .with(said.text, &text, room)?
        .with(&poster.text, &word, room)?
        .with(&number, &to, room)?;
    Ok(vec![
        Piece::new(Role::Paragraph).with(said.try_it, &try_it, room)?,
        call,
        plain(&poster.sentence, unit * 0.043, Colour::INK, room, 5)?,
    ])
}

fn plain(
    text: &str,
    size: f32,
    colour: Colour,
    room: f32,
    lines_max: usize,
) -> Result<Piece, Error> {
    let style = Style {
        sizes: (size.max(PRINT_MIN), (size * 0.8).max(PRINT_MIN)),
        weight: Weight::Regular,
        colour,
        lines_max,
    };
    Piece::new(Role::Paragraph).with(text, &style, room)
}

/// A voice number stands beside it, for who cannot text (a18).
fn voice(poster: &Poster, said: &Words, size: f32, room: f32) -> Result<Option<Piece>, Error> {
    let Some(voice) = &poster.voice else {
        return Ok(None);
    };
    plain(
        &said.call.replace("{voice}", voice),
        size,
        Colour::INK,
        room,
        2,
    )
    .map(Some)
}

fn print(poster: &Poster, size: f32, room: f32) -> Result<Piece, Error> {
    plain(&poster.small_print, size, Colour::QUIET, room, 4)
}

/// The code with its white inside a square of that side.
fn code(poster: &Poster, said: &Words, x: f32, y: f32, side: f32) -> Result<Block, Error> {
    let (across, dark) = qr::squares(&qr::text(&poster.dial, &poster.text))?;
    let module = side / (across as f32 + 2.0 * QUIET_MODULES);
    let inset = module * QUIET_MODULES;
    let alt = said
        .code
        .replace("{text}", &poster.text)
        .replace("{number}", &poster.number);
    Ok(Block {
        role: Role::Figure(alt),
        marks: vec![
            Mark::Rectangle {
                x,
                y,
                width: side,
                height: side,
                colour: Colour::WHITE,
            },
            Mark::Squares {
                x: x + inset,
                y: y + inset,
                size: side - 2.0 * inset,
                across,
                dark,
            },
        ],
    })
}
