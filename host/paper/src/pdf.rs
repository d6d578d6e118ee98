//! A drawing as a PDF that can be read out: each block is tagged with its part, pictures have words,
//! and the file is refused if PDF/UA-1, the standard for that, is not kept (a18).

use std::num::NonZeroU16;

use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ContentTag, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};

use crate::drawing::{Block, Colour, Drawing, Header, Mark, Role, Weight, runs};
use crate::{Error, fonts};

pub fn pdf(drawing: &Drawing) -> Result<Vec<u8>, Error> {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(broken)?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    let pen = Pen {
        regular: font(fonts::REGULAR)?,
        bold: font(fonts::BOLD)?,
    };
    let mut tree = Tree::default();
    for page in &drawing.pages {
        let settings = PageSettings::from_wh(page.width, page.height)
            .ok_or_else(|| Error::Broken("a page without size".to_owned()))?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        for block in &page.blocks {
            let leaves = pen.draw(&mut surface, block);
            tree.add(block, leaves);
        }
        surface.finish();
        sheet.finish();
        tree.end_table();
    }
    let mut tags = TagTree::new().with_lang(Some(drawing.language.clone()));
    for group in tree.done {
        tags.push(group);
    }
    document.set_tag_tree(tags);
    document.set_metadata(
        Metadata::new()
            .title(drawing.title.clone())
            .language(drawing.language.clone())
            .creator("Callslip".to_owned()),
    );
    let mut outline = Outline::new();
    for page in 0..drawing.pages.len() {
        let name = match page {
            0 => drawing.title.clone(),
            _ => format!("{} ({})", drawing.title, page + 1),
        };
        let place = XyzDestination::new(page, Point::from_xy(0.0, 0.0));
        outline.push_child(OutlineNode::new(name, place));
    }
    document.set_outline(outline);
    document.finish().map_err(broken)
}

fn broken(error: impl std::fmt::Debug) -> Error {
    Error::Broken(format!("{error:?}"))
}

fn font(data: &'static [u8]) -> Result<Font, Error> {
    Font::new(data.into(), 0).ok_or_else(|| Error::Broken("the font".to_owned()))
}

struct Pen {
    regular: Font,
    bold: Font,
}

impl Pen {
    /// Gives what is to be read out of it, in order.
    fn draw(&self, surface: &mut Surface<'_>, block: &Block) -> Vec<Node> {
        let mut leaves = Vec::new();
        let is_figure = matches!(block.role, Role::Figure(_));
        if is_figure {
            leaves.push(Node::Leaf(surface.start_tagged(ContentTag::Other)));
        }
        let texts = block.marks.iter();
        let last = texts
            .filter(|mark| matches!(mark, Mark::Text { .. }))
            .count();
        let mut line = 0;
        for mark in &block.marks {
            let reads =
                !is_figure && block.role != Role::Decoration && matches!(mark, Mark::Text { .. });
            if reads {
                line += 1;
                let span = ContentTag::Span(SpanTag::empty());
                leaves.push(Node::Leaf(surface.start_tagged(span)));
            } else if !is_figure {
                surface.start_tagged(ContentTag::Artifact(Artifact::default()));
            }
            self.mark(surface, mark, line < last);
            if !is_figure {
                surface.end_tagged();
            }
        }
        if is_figure {
            surface.end_tagged();
        }
        leaves
    }

    fn mark(&self, surface: &mut Surface<'_>, mark: &Mark, goes_on: bool) {
        match mark {
            Mark::Rectangle {
                x,
                y,
                width,
                height,
                colour,
            } => rectangles(surface, &[[*x, *y, *width, *height]], *colour),
            Mark::Squares {
                x,
                y,
                size,
                across,
                dark,
            } => {
                let runs = runs(*x, *y, *size, *across, dark);
                rectangles(surface, &runs, Colour(0, 0, 0));
            }
            Mark::Text {
                x,
                y,
                size,
                weight,
                colour,
                text,
            } => {
                let font = match weight {
                    Weight::Regular => &self.regular,
                    Weight::Bold => &self.bold,
                };
                // Words of two lines are not one word to who listens.
                let text = match goes_on {
                    true => format!("{text} "),
                    false => text.clone(),
                };
                surface.set_fill(Some(fill(*colour)));
                let at = Point::from_xy(*x, *y);
                surface.draw_text(at, font.clone(), *size, &text, false, TextDirection::Auto);
            }
        }
    }
}

fn rectangles(surface: &mut Surface<'_>, these: &[[f32; 4]], colour: Colour) {
    let mut path = PathBuilder::new();
    for [x, y, width, height] in these {
        if let Some(rectangle) = Rect::from_xywh(*x, *y, *width, *height) {
            path.push_rect(rectangle);
        }
    }
    if let Some(path) = path.finish() {
        surface.set_fill(Some(fill(colour)));
        surface.draw_path(&path);
    }
}

fn fill(Colour(red, green, blue): Colour) -> Fill {
    Fill {
        paint: krilla::color::rgb::Color::new(red, green, blue).into(),
        ..Fill::default()
    }
}

/// The parts of the document, with cells gathered to rows and rows to a table.
#[derive(Default)]
struct Tree {
    done: Vec<TagGroup>,
    rows: Vec<(usize, TagGroup)>,
}

impl Tree {
    fn add(&mut self, block: &Block, leaves: Vec<Node>) {
        if leaves.is_empty() {
            return;
        }
        let group = match &block.role {
            Role::Decoration => return,
            Role::Cell { row, header } => {
                let cell = match header {
                    Header::Column => {
                        TagGroup::with_children(Tag::TH(TableHeaderScope::Column), leaves)
                    }
                    Header::Row => TagGroup::with_children(Tag::TH(TableHeaderScope::Row), leaves),
                    Header::No => TagGroup::with_children(Tag::TD, leaves),
                };
                match self.rows.last_mut().filter(|(last, _)| last == row) {
                    Some((_, cells)) => cells.push(cell),
                    None => {
                        let mut cells = TagGroup::new(Tag::TR);
                        cells.push(cell);
                        self.rows.push((*row, cells));
                    }
                }
                return;
            }
            Role::Heading(level) => {
                let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                TagGroup::with_children(Tag::Hn(level, Some(said(block))), leaves)
            }
            Role::Paragraph => TagGroup::with_children(Tag::P, leaves),
            Role::Figure(words) => {
                TagGroup::with_children(Tag::Figure(Some(words.clone())), leaves)
            }
        };
        self.end_table();
        self.done.push(group);
    }

    fn end_table(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let mut table = TagGroup::new(Tag::Table);
        for (_, row) in self.rows.drain(..) {
            table.push(row);
        }
        self.done.push(table);
    }
}

fn said(block: &Block) -> String {
    let texts = block.marks.iter().filter_map(|mark| match mark {
        Mark::Text { text, .. } => Some(text.as_str()),
        Mark::Rectangle { .. } | Mark::Squares { .. } => None,
    });
    texts.collect::<Vec<_>>().join(" ")
}
