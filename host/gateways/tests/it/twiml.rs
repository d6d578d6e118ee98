//! Answers in Twilio's XML, judged by the rules that Twilio has for them.

use callslip_gateways::Gateway;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::support::{lines, out_message, twilio};

const ATTRIBUTES: [&str; 5] = ["to", "from", "action", "method", "statusCallback"];

#[derive(Debug, Default, PartialEq)]
struct Message {
    body: String,
    media: Vec<String>,
    callback: Option<String>,
}

/// What stands open while reading.
#[derive(Default)]
struct Judge {
    open: Vec<String>,
    roots: usize,
    messages: Vec<Message>,
    bare: String,
    bodies: usize,
}

/// The messages of an answer that Twilio would take, or what is wrong with it.
fn judge(twiml: &str, content_type: &str) -> Result<Vec<Message>, String> {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !["text/xml", "application/xml"].contains(&essence) {
        return Err(format!("content type {essence}"));
    }
    if twiml.trim_start() != twiml || twiml.is_empty() {
        return Err("empty, or white space before the declaration".to_owned());
    }
    if twiml.chars().any(|c| c < ' ' && !"\t\n\r".contains(c)) {
        return Err("control character".to_owned());
    }
    let mut reader = Reader::from_str(twiml);
    reader.config_mut().check_comments = true;
    let mut judge = Judge::default();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Eof => break,
            Event::Start(tag) => judge.opens(&tag)?,
            Event::Empty(tag) => {
                judge.opens(&tag)?;
                judge.closes()?;
            }
            Event::End(_) => judge.closes()?,
            Event::Text(text) => judge.says(&text.decode().map_err(|e| e.to_string())?)?,
            Event::CData(text) => judge.says(&text.decode().map_err(|e| e.to_string())?)?,
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|e| e.to_string())?;
                let meant = quick_xml::escape::unescape(&format!("&{name};"))
                    .map_err(|e| e.to_string())?
                    .into_owned();
                judge.says(&meant)?;
            }
            Event::DocType(_) => return Err("DOCTYPE".to_owned()),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
    }
    match (judge.open.is_empty(), judge.roots) {
        (true, 1) => Ok(judge.messages),
        _ => Err("not closed, or not one root".to_owned()),
    }
}

impl Judge {
    fn opens(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        let name = String::from_utf8(tag.name().as_ref().to_vec()).map_err(|e| e.to_string())?;
        let path: Vec<&str> = self.open.iter().map(String::as_str).collect();
        match (path.as_slice(), name.as_str()) {
            ([], "Response") => self.roots += 1,
            (["Response"], "Message") => {
                self.messages.push(Message::default());
                self.bare.clear();
                self.bodies = 0;
            }
            (["Response", "Message"], "Body") if self.bodies == 0 => self.bodies += 1,
            (["Response", "Message"], "Media") => {
                if let Some(message) = self.messages.last_mut() {
                    message.media.push(String::new());
                }
            }
            _ => return Err(format!("<{name}> in {path:?}")),
        }
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            if name != "Message" || !ATTRIBUTES.contains(&key.as_str()) {
                return Err(format!("<{name} {key}=…>"));
            }
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                .map_err(|e| e.to_string())?;
            if let ("statusCallback", Some(message)) = (key.as_str(), self.messages.last_mut()) {
                message.callback = Some(value.into_owned());
            }
        }
        self.open.push(name);
        Ok(())
    }

    fn says(&mut self, text: &str) -> Result<(), String> {
        let message = self.messages.last_mut();
        match (self.open.last().map(String::as_str), message) {
            (Some("Message"), _) => self.bare.push_str(text),
            (Some("Body"), Some(message)) => message.body.push_str(text),
            (Some("Media"), Some(message)) => {
                if let Some(media) = message.media.last_mut() {
                    media.push_str(text);
                }
            }
            _ if text.trim().is_empty() => {}
            _ => return Err("text outside a message".to_owned()),
        }
        Ok(())
    }

    fn closes(&mut self) -> Result<(), String> {
        if self.open.pop().as_deref() != Some("Message") {
            return Ok(());
        }
        let message = self.messages.last_mut().ok_or("no message")?;
        if self.bodies == 0 && message.media.is_empty() {
            message.body = std::mem::take(&mut self.bare);
        } else if !self.bare.trim().is_empty() {
            return Err("text beside <Body>".to_owned());
        }
        if message.body.trim().is_empty() && message.media.is_empty() {
            return Err("empty message".to_owned());
        }
        if message.body.chars().count() > 1_600 || message.media.len() > 10 {
            return Err("too long".to_owned());
        }
        match message.media.iter().all(|url| url.starts_with("http")) {
            true => Ok(()),
            false => Err("media without an address".to_owned()),
        }
    }
}

fn answer(messages: &[(&str, &[&str])]) -> (String, &'static str) {
    let messages: Vec<_> = messages
        .iter()
        .zip(1..)
        .map(|((body, media), id)| out_message(id, body, media))
        .collect();
    let answer = twilio().answer(&messages);
    assert_eq!(answer.status, 200);
    let twiml = String::from_utf8(answer.body.to_vec()).unwrap();
    (twiml, answer.content_type.unwrap())
}

fn read(messages: &[(&str, &[&str])]) -> Vec<Message> {
    let (twiml, content_type) = answer(messages);
    judge(&twiml, content_type).unwrap_or_else(|fault| panic!("{fault}: {twiml}"))
}

#[test]
fn the_recorded_answers_are_judged_as_recorded_and_ours_say_the_same() {
    let cases = lines("twiml/cases.jsonl");
    assert_eq!(cases.len(), 31);
    for case in &cases {
        let name = &case["name"];
        let content_type = case["content_type"].as_str().unwrap_or("text/xml");
        let judged = judge(case["twiml"].as_str().unwrap(), content_type);
        assert_eq!(judged.is_ok(), case["valid"] == true, "{name}: {judged:?}");
        let Ok(expected) = judged else { continue };
        let bodies: Vec<String> = serde_json::from_value(case["bodies"].clone()).unwrap();
        let said: Vec<_> = expected
            .iter()
            .map(|message| message.body.clone())
            .collect();
        assert_eq!(said, bodies, "{name}");

        let media: Vec<Vec<&str>> = expected
            .iter()
            .map(|message| message.media.iter().map(String::as_str).collect())
            .collect();
        let wanted: Vec<(&str, &[&str])> = expected
            .iter()
            .zip(&media)
            .map(|(message, media)| (message.body.as_str(), media.as_slice()))
            .collect();
        let ours: Vec<_> = read(&wanted)
            .into_iter()
            .map(|message| Message {
                callback: None,
                ..message
            })
            .collect();
        assert_eq!(ours, expected, "{name}");
    }
}

#[test]
fn g8_every_inline_message_asks_for_a_callback() {
    let (twiml, content_type) = answer(&[("Open until 8 & later", &[])]);
    let callback = "https://desk.library.example/gateways/main/status?message=1";
    assert_eq!(
        twiml,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\
             <Message action=\"{callback}\" statusCallback=\"{callback}\">\
             Open until 8 &amp; later</Message></Response>"
        )
    );
    assert_eq!(content_type, "text/xml; charset=utf-8");
    let callbacks: Vec<_> = read(&[("a", &[]), ("b", &["https://a.example/1.jpg"])])
        .into_iter()
        .map(|message| message.callback.unwrap())
        .collect();
    assert!(callbacks[0].ends_with("?message=1") && callbacks[1].ends_with("?message=2"));
}

#[test]
fn no_answer_is_an_empty_response() {
    let empty = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";
    assert_eq!(answer(&[]).0, empty);
    assert_eq!(answer(&[(" \u{0}\u{b}", &[])]).0, empty);
    assert_eq!(twilio().noted().body, empty);
}

#[test]
fn what_xml_cannot_say_is_dropped() {
    let said = read(&[("a\u{0}b\u{b}c\u{1b}\u{fffe}\u{ffff}\td\r\ne", &[])]);
    assert_eq!(said[0].body, "abc\td\r\ne");
}

#[test]
fn a_long_answer_goes_in_parts_and_its_pictures_with_the_last() {
    let long = "word ".repeat(700);
    let pictures: Vec<String> = (0..12).map(|n| format!("https://a.example/{n}")).collect();
    let pictures: Vec<&str> = pictures.iter().map(String::as_str).collect();
    let said = read(&[(&long, &pictures)]);
    let bodies: String = said.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, long);
    let counts: Vec<_> = said.iter().map(|message| message.media.len()).collect();
    assert_eq!(counts, [0, 0, 10, 2]);
}
