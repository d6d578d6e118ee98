//! A poster is read again by others: its code from the picture, its words from the PDF.

use super::*;
use crate::{Block, Drawing, Error, Mark, Page, Weight, pdf, png, width};

fn poster() -> Poster {
    Poster {
        library: "Bayside Public Library".to_owned(),
        text: "BAYSIDE HOURS B2".to_owned(),
        number: "66746".to_owned(),
        dial: "66746".to_owned(),
        sentence: "Opening hours of today and tomorrow.".to_owned(),
        voice: Some("212-555-0100".to_owned()),
        small_print: "Bayside Texts. Msg&data rates may apply. HELP for help, STOP to end."
            .to_owned(),
        language: "en".to_owned(),
    }
}

fn every() -> impl Iterator<Item = (Kind, Paper)> {
    Kind::ALL
        .into_iter()
        .flat_map(|kind| Paper::ALL.map(|paper| (kind, paper)))
}

/// What is read in each of so many parts of a picture: corners of different codes would be taken for
/// one code's.
fn codes(picture: &[u8], (columns, rows): (usize, usize)) -> Vec<String> {
    let picture = resvg::tiny_skia::Pixmap::decode_png(picture).unwrap();
    let across = picture.width() as usize;
    let (wide, tall) = (across / columns, picture.height() as usize / rows);
    let grey: Vec<u8> = picture.pixels().iter().map(|pixel| pixel.green()).collect();
    let mut read = Vec::new();
    for (column, row) in (0..columns).flat_map(|column| (0..rows).map(move |row| (column, row))) {
        let (left, top) = (column * wide, row * tall);
        let at = |x, y| grey[(top + y) * across + left + x];
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(wide, tall, at);
        let grids = prepared.detect_grids();
        read.extend(grids.iter().map(|grid| grid.decode().unwrap().1));
    }
    read
}

fn parts(kind: Kind) -> (usize, usize) {
    match kind {
        Kind::Poster | Kind::Slide => (1, 1),
        Kind::TableCard => (2, 2),
        Kind::Bookmark => (4, 1),
    }
}

#[test]
fn the_code_of_each_kind_is_read_again() {
    for (kind, paper) in every() {
        let drawing = draw(&poster(), kind, paper).unwrap();
        let read = codes(&png(&drawing, 2_550).unwrap(), parts(kind));
        let copies = match kind {
            Kind::Poster | Kind::Slide => 1,
            Kind::TableCard | Kind::Bookmark => 4,
        };
        assert_eq!(
            read,
            vec!["SMSTO:66746:BAYSIDE HOURS B2"; copies],
            "{kind:?} {paper:?}"
        );
    }
}

#[test]
fn a18_the_pdf_is_tagged_and_says_all_of_it_once_each() {
    for (kind, paper) in every() {
        let bytes = pdf(&draw(&poster(), kind, paper).unwrap()).unwrap();
        let text = pdf_extract::extract_text_from_mem(&bytes).unwrap();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = poster();
        let (call, print) = ("Text BAYSIDE HOURS B2 to 66746", &said.small_print);
        for part in [
            &said.library,
            call,
            &said.sentence,
            print,
            "Or call 212-555-0100",
        ] {
            assert!(text.contains(part), "{kind:?} {paper:?}: {part} in {text}");
        }
        let raw = String::from_utf8_lossy(&bytes);
        for tag in [
            "/MarkInfo",
            "/Lang (en)",
            "/StructTreeRoot",
            "/S /H1",
            "/S /Figure",
        ] {
            let shorter = tag.replace(' ', "");
            let packed = raw.replace([' ', '\n'], "");
            assert!(packed.contains(&shorter), "{kind:?}: {tag}");
        }
    }
}

/// Where everything of a page ends, by its marks.
#[track_caller]
fn stays_inside(drawing: &Drawing) {
    let Page {
        width: wide,
        height,
        blocks,
    } = &drawing.pages[0];
    let inside = |x: f32, y: f32, right: f32, bottom: f32, what: &str| {
        let fits = x >= -0.01 && y >= -0.01 && right <= wide + 0.5 && bottom <= height + 0.01;
        assert!(fits, "{what}: {x} {y} {right} {bottom} in {wide} {height}");
    };
    for mark in blocks.iter().flat_map(|block: &Block| &block.marks) {
        match mark {
            Mark::Text {
                x,
                y,
                size,
                weight,
                text,
                ..
            } => {
                let long = width(text, *size, *weight).unwrap();
                inside(*x, y - size * 0.8, x + long, y + size * 0.3, text);
            }
            Mark::Rectangle {
                x,
                y,
                width,
                height,
                ..
            } => {
                inside(*x, *y, x + width, y + height, "rectangle");
            }
            Mark::Squares { x, y, size, .. } => inside(*x, *y, x + size, y + size, "code"),
        }
    }
}

#[test]
fn nothing_runs_out_of_its_page() {
    let long = Poster {
        library: "The Amalgamated Metropolitan and Counties Public Library Consortium of Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch".to_owned(),
        text: "AMALGAMATED SUMMERREADINGCHALLENGE Z99".to_owned(),
        number: "+44 20 7946 0123 4567".to_owned(),
        sentence: "A sentence that somebody wrote with great care and at some length, since the programme has many parts, each of which they wished to name to whoever stands before the poster and reads on.".to_owned(),
        small_print: format!("{} HELP for help, STOP to end.", "Amalgamated ".repeat(12)),
        ..poster()
    };
    for (kind, paper) in every() {
        stays_inside(&draw(&poster(), kind, paper).unwrap());
        let drawing = draw(&long, kind, paper).unwrap();
        stays_inside(&drawing);
        let read = codes(&png(&drawing, 2_400).unwrap(), parts(kind));
        assert!(
            read[0].ends_with("SUMMERREADINGCHALLENGE Z99"),
            "{kind:?}: {read:?}"
        );
    }
}

#[test]
fn too_much_and_other_letters_are_said() {
    let book = Poster {
        sentence: "word ".repeat(2_000),
        ..poster()
    };
    assert_eq!(draw(&book, Kind::Bookmark, Paper::A4), Err(Error::TooMuch));
    let script = Poster {
        library: "図書館".to_owned(),
        ..poster()
    };
    assert!(matches!(
        draw(&script, Kind::Poster, Paper::A4),
        Err(Error::Letters(_))
    ));
    let other = Poster {
        library: "Łódź & Æther <Ünïversität> Š".to_owned(),
        ..poster()
    };
    pdf(&draw(&other, Kind::Poster, Paper::A4).unwrap()).unwrap();
}

#[test]
fn a_link_for_the_web_opens_either_phone() {
    assert_eq!(poster().link(), "sms:66746?&body=BAYSIDE%20HOURS%20B2");
    let number = |number| as_read(number, callslip_core::directory::Jurisdiction::Us);
    assert_eq!(number("+12125550123"), "212-555-0123");
    assert_eq!(number("66746"), "66746");
    assert_eq!(number("+442079460123"), "+442079460123");
}

#[test]
fn a_wide_word_is_broken_and_no_letter_lost() {
    let lines = crate::lines("aaa bbbbbbbbbbbbbbbbbbbb c", 20.0, Weight::Bold, 60.0).unwrap();
    assert_eq!(lines.join("").replace(' ', ""), "aaabbbbbbbbbbbbbbbbbbbbc");
    for line in &lines {
        assert!(width(line, 20.0, Weight::Bold).unwrap() <= 60.0, "{line}");
    }
}
