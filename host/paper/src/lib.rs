//! What is printed: posters and reports, as PDF for the press and screen readers and as PNG for
//! the screen. Values in, bytes out; nothing here looks anything up.
//!
//! A [`Drawing`] is made once, with every place in points, and written by `pdf` or `png`.

mod drawing; // the values
mod fonts; // widths and lines
mod pdf;
mod png;
mod qr;

mod words; // what is printed in each language

pub mod poster;
pub mod report;

pub use drawing::{Block, Colour, Drawing, Mark, Page, Role, Weight};
pub use fonts::{fit, lines, width};
pub use pdf::pdf;
pub use png::png;
pub use words::LANGUAGES;

/// Why there is nothing to print.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the letters \"{0}\" are not in the font that posters are printed with")]
    Letters(String),
    #[error("there is too much text for this size: shorten the sentence or choose a larger kind")]
    TooMuch,
    #[error("what is to be texted is too long for a QR code")]
    Code,
    /// A mistake of ours.
    #[error("it could not be drawn: {0}")]
    Broken(String),
}
