//! The font of everything that is printed, how wide words are in it, and where lines break.
//!
//! Atkinson Hyperlegible Next, by the Braille Institute for people who see badly (a18); its licence
//! stands beside it.

use std::sync::{Arc, LazyLock};

use resvg::usvg::{self, Node, Tree, fontdb};

use crate::drawing::Weight;
use crate::{Error, png};

pub(crate) const REGULAR: &[u8] = include_bytes!("../fonts/AtkinsonHyperlegibleNext-Regular.ttf");
pub(crate) const BOLD: &[u8] = include_bytes!("../fonts/AtkinsonHyperlegibleNext-Bold.ttf");
pub(crate) const FAMILY: &str = "Atkinson Hyperlegible Next";

/// Sizes go down in these steps until the words fit.
const STEP: f32 = 0.94;
/// Measured at one size, scaled to others.
const MEASURED_AT: f32 = 100.0;

static DATABASE: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut database = fontdb::Database::new();
    for font in [REGULAR, BOLD] {
        database.load_font_data(font.to_vec());
    }
    database.set_sans_serif_family(FAMILY);
    Arc::new(database)
});

pub(crate) fn options() -> usvg::Options<'static> {
    usvg::Options {
        fontdb: Arc::clone(&DATABASE),
        font_family: FAMILY.to_owned(),
        ..usvg::Options::default()
    }
}

/// How wide the text stands at this size, in points.
pub fn width(text: &str, size: f32, weight: Weight) -> Result<f32, Error> {
    if text.trim().is_empty() {
        return Ok(0.0);
    }
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">{}</svg>"#,
        png::text(0.0, 0.0, MEASURED_AT, weight, "#000000", text)
    );
    let tree =
        Tree::from_str(&svg, &options()).map_err(|error| Error::Broken(error.to_string()))?;
    let Some(Node::Text(node)) = tree.root().children().first() else {
        return Err(Error::Letters(text.to_owned()));
    };
    let glyphs = node
        .layouted()
        .iter()
        .flat_map(|span| &span.positioned_glyphs);
    let missing: String = glyphs
        .filter(|glyph| glyph.id.0 == 0)
        .map(|glyph| glyph.text.as_str())
        .collect();
    if !missing.is_empty() {
        return Err(Error::Letters(missing));
    }
    Ok(node.bounding_box().width() * size / MEASURED_AT)
}

/// The text in lines of at most that width. A word that is wider alone is broken inside.
pub fn lines(text: &str, size: f32, weight: Weight, room: f32) -> Result<Vec<String>, Error> {
    let space = width("n n", size, weight)? - 2.0 * width("n", size, weight)?;
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut taken = 0.0;
    for word in text.split_whitespace() {
        for (index, part) in parts(word, size, weight, room)?.into_iter().enumerate() {
            let wide = width(&part, size, weight)?;
            let fits = line.is_empty() || (index == 0 && taken + space + wide <= room);
            if !fits {
                lines.push(std::mem::take(&mut line));
            }
            if line.is_empty() {
                taken = wide;
            } else {
                line.push(' ');
                taken += space + wide;
            }
            line.push_str(&part);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    Ok(lines)
}

/// The largest size up to `size` at which the text stands in so many lines without a broken word,
/// or else the smallest with what lines it takes.
pub fn fit(
    text: &str,
    sizes: (f32, f32),
    weight: Weight,
    room: f32,
    lines_max: usize,
) -> Result<(f32, Vec<String>), Error> {
    let (mut size, smallest) = sizes;
    loop {
        let lines = lines(text, size, weight, room)?;
        let words_whole = || {
            let mut words = lines.iter().flat_map(|line| line.split(' '));
            words.all(|word| text.split_whitespace().any(|whole| whole == word))
        };
        if size <= smallest || (lines.len() <= lines_max && words_whole()) {
            return Ok((size, lines));
        }
        size = (size * STEP).max(smallest);
    }
}

fn parts(word: &str, size: f32, weight: Weight, room: f32) -> Result<Vec<String>, Error> {
    if width(word, size, weight)? <= room {
        return Ok(vec![word.to_owned()]);
    }
    let mut parts = Vec::new();
    let mut part = String::new();
    for letter in word.chars() {
        part.push(letter);
        if part.chars().count() > 1 && width(&part, size, weight)? > room {
            part.pop();
            parts.push(std::mem::take(&mut part));
            part.push(letter);
        }
    }
    parts.push(part);
    Ok(parts)
}
