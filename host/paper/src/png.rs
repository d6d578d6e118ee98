//! A page as a picture: written as SVG, drawn by resvg.

use std::fmt::Write as _;

use resvg::{tiny_skia, usvg};

use crate::drawing::{Colour, Drawing, Mark, Page, Weight, runs};
use crate::{Error, fonts};

/// Larger than any screen or press of ours asks for.
const PIXELS_ACROSS_MAX: u32 = 5_000;

/// The first page, so many pixels wide.
pub fn png(drawing: &Drawing, across: u32) -> Result<Vec<u8>, Error> {
    let broken = |what: &dyn std::fmt::Display| Error::Broken(what.to_string());
    let Some(page) = drawing.pages.first() else {
        return Err(broken(&"no page"));
    };
    let tree = usvg::Tree::from_str(&svg(page), &fonts::options()).map_err(|e| broken(&e))?;
    let across = across.clamp(16, PIXELS_ACROSS_MAX);
    let scale = across as f32 / page.width;
    // A page is never so tall that this would be cut.
    let down = (page.height * scale).round() as u32;
    let mut pixels =
        tiny_skia::Pixmap::new(across, down.max(1)).ok_or_else(|| broken(&"no room"))?;
    pixels.fill(tiny_skia::Color::WHITE);
    let transform = tiny_skia::Transform::from_scale(scale, scale);
    resvg::render(&tree, transform, &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| broken(&error))
}

fn svg(page: &Page) -> String {
    let (width, height) = (page.width, page.height);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">"#
    );
    for mark in page.blocks.iter().flat_map(|block| &block.marks) {
        match mark {
            Mark::Rectangle {
                x,
                y,
                width,
                height,
                colour,
            } => {
                let fill = hex(*colour);
                let _ = write!(
                    svg,
                    r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>"#
                );
            }
            Mark::Text {
                x,
                y,
                size,
                weight,
                colour,
                text: words,
            } => svg.push_str(&text(*x, *y, *size, *weight, &hex(*colour), words)),
            Mark::Squares {
                x,
                y,
                size,
                across,
                dark,
            } => {
                svg.push_str(r##"<path shape-rendering="crispEdges" fill="#000000" d=""##);
                for [x, y, width, height] in runs(*x, *y, *size, *across, dark) {
                    let _ = write!(svg, "M{x} {y}h{width}v{height}h-{width}z");
                }
                svg.push_str(r#""/>"#);
            }
        }
    }
    svg.push_str("</svg>");
    svg
}

pub(crate) fn text(x: f32, y: f32, size: f32, weight: Weight, fill: &str, words: &str) -> String {
    let weight = match weight {
        Weight::Regular => 400,
        Weight::Bold => 700,
    };
    let mut escaped = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            // A control character is no XML.
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    format!(
        r#"<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{fill}" xml:space="preserve">{escaped}</text>"#
    )
}

fn hex(Colour(red, green, blue): Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}
