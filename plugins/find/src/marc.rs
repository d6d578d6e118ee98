//! Hits out of an SRU answer: MARC records as XML, or Dublin Core.
//!
//! Elements are known by their local names: catalogues differ in prefixes, and in what they put
//! around a record.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::catalog::{Copies, Hit};

/// More is a broken answer.
const RECORDS_MAX: usize = 20;
/// Of one record; a serial may have hundreds of copies.
const COPIES_MAX: usize = 500;

/// Where a copy's field says what: `952o`.
#[derive(Clone, Copy)]
pub(crate) struct Copy<'a> {
    pub(crate) call_number: &'a str,
    pub(crate) out: &'a str,
}

/// One record as far as it was read.
#[derive(Default)]
struct Record {
    hit: Hit,
    /// Call numbers of the title, best first: 852, 090, 050, 082.
    shelf: [String; 4],
    copies: usize,
    out: usize,
    /// Of the copy that is being read.
    is_out: bool,
    copy_number: String,
}

/// The hits of an answer, or why it is none.
pub(crate) fn hits(xml: &str, fields: Copy<'_>) -> Result<Vec<Hit>, &'static str> {
    let mut reader = Reader::from_str(xml);
    let mut hits = Vec::new();
    let mut record: Option<Record> = None;
    let (mut tag, mut code, mut text) = (String::new(), String::new(), String::new());
    let mut answered = false;
    loop {
        match reader.read_event().map_err(|_| "no XML")? {
            Event::Start(start) => {
                text.clear();
                match start.local_name().as_ref() {
                    "searchRetrieveResponse" => answered = true,
                    "diagnostic" => return Err("the catalog refused the search"),
                    "recordData" => record = Some(Record::default()),
                    "datafield" => {
                        tag = attribute(&start, "tag");
                        if let Some(record) = &mut record {
                            record.begin_copy();
                        }
                    }
                    "subfield" => code = attribute(&start, "code"),
                    _ => {}
                }
            }
            Event::Text(part) => text.push_str(&part.xml_content(XmlVersion::Explicit1_0)),
            Event::CData(part) => text.push_str(&part.xml_content(XmlVersion::Explicit1_0)),
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().map_err(|_| "no XML")?;
                let named = resolve_predefined_entity(&name);
                text.extend(letter);
                text.push_str(named.unwrap_or_default());
            }
            Event::End(end) => {
                let name = end.local_name();
                let name = name.as_ref();
                if let Some(open) = &mut record {
                    match name {
                        "subfield" => open.subfield(&tag, &code, &text, fields),
                        "datafield" => open.end_copy(&tag, fields),
                        "title" | "creator" => open.dublin_core(name, &text),
                        _ => {}
                    }
                }
                if name == "recordData" && hits.len() < RECORDS_MAX {
                    let hit = record.take().map(Record::hit);
                    hits.extend(hit.filter(|hit| !hit.title.is_empty()));
                }
            }
            Event::Eof if answered => return Ok(hits),
            Event::Eof => return Err("no answer to a search"),
            Event::Empty(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
        }
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> String {
    let found = start.try_get_attribute(name).ok().flatten();
    found.map_or_else(String::new, |found| found.value.into_owned())
}

impl Record {
    fn begin_copy(&mut self) {
        self.is_out = false;
        self.copy_number.clear();
    }

    fn subfield(&mut self, tag: &str, code: &str, text: &str, fields: Copy<'_>) {
        let text = tidy(text);
        if text.is_empty() {
            return;
        }
        let place = [tag, code].concat();
        if place == fields.out {
            self.is_out = true;
        }
        if place == fields.call_number {
            self.copy_number.clone_from(&text);
        }
        let shelf = match place.as_str() {
            "245a" | "245b" | "245n" | "245p" => &mut self.hit.title,
            "100a" | "110a" => &mut self.hit.author,
            "852h" | "852i" => &mut self.shelf[0],
            "090a" | "090b" => &mut self.shelf[1],
            "050a" | "050b" => &mut self.shelf[2],
            "082a" => &mut self.shelf[3],
            _ => return,
        };
        if !shelf.is_empty() {
            shelf.push(' ');
        }
        shelf.push_str(&text);
    }

    fn end_copy(&mut self, tag: &str, fields: Copy<'_>) {
        if fields.call_number.get(..3) != Some(tag) || self.copies == COPIES_MAX {
            return;
        }
        self.copies += 1;
        self.out += usize::from(self.is_out);
        // Where one stands that is in, if one is.
        if self.hit.call_number.is_empty() || !self.is_out && self.out + 1 == self.copies {
            self.hit.call_number.clone_from(&self.copy_number);
        }
    }

    fn dublin_core(&mut self, name: &str, text: &str) {
        let field = match name {
            "title" => &mut self.hit.title,
            _ => &mut self.hit.author,
        };
        if field.is_empty() {
            *field = tidy(text);
        }
    }

    fn hit(self) -> Hit {
        let mut hit = self.hit;
        // `Herbert, Frank.` ends a sentence, `Tolkien, J. R. R.` a name.
        let last = hit.author.rsplit(' ').next().unwrap_or_default();
        if last.len() > 2 && last.ends_with('.') {
            hit.author.pop();
        }
        let mut shelf = self.shelf.into_iter();
        if hit.call_number.is_empty() {
            hit.call_number = shelf.find(|number| !number.is_empty()).unwrap_or_default();
        }
        if self.copies > 0 {
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            let (all, free) = (number(self.copies), number(self.copies - self.out));
            hit.copies = Copies::Of { free, all };
        }
        hit
    }
}

/// Without the marks that cataloguers put behind a part: `Dune /`.
fn tidy(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_end_matches([' ', '/', ':', ';', '=', ','])
        .to_owned()
}
