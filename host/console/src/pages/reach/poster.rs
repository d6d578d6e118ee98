//! The poster studio: how a keyword's poster looks, as a file to print, its marks, and a link for
//! web pages.

use std::sync::Arc;

use callslip_core::directory::{Keyword, Library, Number};
use callslip_core::ids::KeywordId;
use callslip_core::source::{Issued, MARKS_MAX, Mark};
use callslip_core::staff::Action;
use callslip_paper::poster::{self, Kind, Paper, Poster, Wanted};
use callslip_store::staff::Switching;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::pages::home::switch;
use crate::pages::keywords;
use crate::parts::{paste, token};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

/// For the page, and for a file that somebody shows or prints.
const PREVIEW_PIXELS: u32 = 900;
const FILE_PIXELS: u32 = 2_550;
const SENTENCE_CHARACTERS_MAX: usize = 300;
const PLACE_CHARACTERS_MAX: usize = 80;

pub(crate) fn path(library: &Library, keyword: &KeywordId) -> String {
    format!("{}/poster", keywords::path(&library.id, keyword))
}

/// What was chosen; what is no choice is the usual one.
struct Chosen {
    library: Arc<Library>,
    keyword: Arc<Keyword>,
    number: Arc<Number>,
    kind: Kind,
    paper: Paper,
    mark: Option<Mark>,
    language: String,
    sentence: String,
}

impl Chosen {
    fn of(visit: &Visit) -> Result<Chosen, Refusal> {
        let (library, keyword) = super::place(visit)?;
        let running = visit.running();
        let number = library
            .number()
            .and_then(|number| running.directory.number(number));
        let number = number.cloned().ok_or_else(|| {
            Refusal::Invalid("The library has no number that patrons can text.".to_owned())
        })?;
        let query = |name| visit.asked.query(name);
        let marks = library.marks.iter();
        let mark = query("mark").and_then(Mark::read).filter(|wanted| {
            let mut own = marks.filter(|(id, _)| *id == keyword.id);
            own.any(|(_, mark)| mark == wanted)
        });
        let language = query("language").filter(|wanted| {
            let mut languages = library.languages.iter();
            languages.any(|language| language == wanted)
        });
        let sentence = query("sentence").unwrap_or_default();
        Ok(Chosen {
            kind: query("kind")
                .and_then(Kind::from_name)
                .unwrap_or(Kind::Poster),
            paper: query("paper")
                .and_then(Paper::from_name)
                .unwrap_or(usual(&number)),
            language: language.unwrap_or(library.language()).to_owned(),
            sentence: sentence.chars().take(SENTENCE_CHARACTERS_MAX).collect(),
            mark,
            library,
            keyword,
            number,
        })
    }

    fn poster(&self) -> Poster {
        Poster::of(&Wanted {
            library: &self.library,
            number: &self.number,
            keyword: &self.keyword,
            mark: self.mark.as_ref().map(Mark::as_str),
            sentence: Some(&self.sentence),
            language: &self.language,
        })
    }

    fn query(&self) -> String {
        let mark = self.mark.as_ref().map_or("", Mark::as_str);
        format!(
            "?kind={}&paper={}&mark={mark}&language={}&sentence={}",
            self.kind.name(),
            self.paper.name(),
            escaped(&self.language),
            escaped(&self.sentence)
        )
    }

    fn file_name(&self, ending: &str) -> String {
        let of = format!("{}-{}", self.poster().text, self.kind.name()).to_lowercase();
        let plain = of.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        format!("{plain}.{ending}")
    }

    /// Drawn where it keeps nobody else waiting.
    async fn drawn(
        &self,
        write: impl FnOnce(&callslip_paper::Drawing) -> Result<Vec<u8>, callslip_paper::Error>
        + Send
        + 'static,
    ) -> Result<Vec<u8>, Refusal> {
        let (poster, kind, paper) = (self.poster(), self.kind, self.paper);
        let drawn = tokio::task::spawn_blocking(move || {
            let drawing = poster::draw(&poster, kind, paper)?;
            write(&drawing)
        });
        let drawn = drawn.await.map_err(|_| Refusal::Busy)?;
        drawn.map_err(|error| Refusal::Invalid(format!("{error}.")))
    }
}

fn usual(number: &Number) -> Paper {
    use callslip_core::directory::Jurisdiction;
    match number.jurisdiction {
        Jurisdiction::Us | Jurisdiction::Ca => Paper::Letter,
        Jurisdiction::Uk => Paper::A4,
    }
}

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let chosen = Chosen::of(visit)?;
    let (library, keyword) = (&chosen.library, &chosen.keyword);
    let poster = chosen.poster();
    let own = path(library, &keyword.id);
    let query = chosen.query();
    // What cannot be drawn is said in the picture's place.
    let drawn = chosen
        .drawn(|drawing| callslip_paper::png(drawing, 64))
        .await;
    let body = html! {
        h1 { "Posters for " (keyword.word) }
        div.studio {
            (choices(&chosen, &own))
            section.card aria-labelledby="look" {
                h2 #look { "How it looks" }
                @match &drawn {
                    Err(refusal) => p.problem { (refusal.told()) },
                    Ok(_) => {
                        p.row {
                            a.button href={ (own) "/pdf" (query) } { "PDF to print" }
                            a.button.second href={ (own) "/png" (query) "&save=1" } { "Picture (PNG)" }
                        }
                        img.poster src={ (own) "/png" (query) } alt=(alt(&chosen, &poster));
                    }
                }
            }
        }
        (marks_card(visit, &chosen, &own))
        section.card aria-labelledby="web" {
            h2 #web { "A link for your web pages" }
            p { "On a phone it opens the text app, filled in. With a mark of its own it counts like a poster." }
            (paste("HTML", &snippet(&poster)))
        }
        p { a href=(keywords::path(&library.id, &keyword.id)) { "Back to " (keyword.word) } }
    };
    Ok(frame::page(
        visit,
        Here::Keywords,
        &format!("Posters for {}", keyword.word),
        &body,
    ))
}

fn alt(chosen: &Chosen, poster: &Poster) -> String {
    format!(
        "{}: {}. Text {} to {}. {} {}",
        chosen.kind.told(),
        poster.library,
        poster.text,
        poster.number,
        poster.sentence,
        poster.small_print
    )
}

fn choices(chosen: &Chosen, own: &str) -> Markup {
    let marks = chosen.library.marks.iter();
    let marks: Vec<&Mark> = marks
        .filter(|(id, _)| *id == chosen.keyword.id)
        .map(|(_, mark)| mark)
        .collect();
    html! {
        form.card method="get" action=(own) {
            (select("kind", "Kind", Kind::ALL.map(|kind| (kind.name(), kind.told())), chosen.kind.name()))
            (select("paper", "Paper", Paper::ALL.map(|paper| (paper.name(), paper.told())), chosen.paper.name()))
            @if chosen.library.languages.len() > 1 {
                (select("language", "Language",
                    chosen.library.languages.iter().map(|language| (language.as_str(), language.as_str())),
                    &chosen.language))
            }
            @if !marks.is_empty() {
                (select("mark", "Mark",
                    [("", "None")].into_iter().chain(marks.iter().map(|mark| (mark.as_str(), mark.as_str()))),
                    chosen.mark.as_ref().map_or("", Mark::as_str)))
            }
            div.field {
                label for="sentence" { "What people get" }
                p.hint #sentence-hint { "A sentence of yours. Empty: that the answer comes to their phone." }
                textarea id="sentence" name="sentence" rows="2" maxlength=(SENTENCE_CHARACTERS_MAX)
                    aria-describedby="sentence-hint" { (chosen.sentence) }
            }
            button { "Show it" }
        }
    }
}

fn select<'a>(
    name: &str,
    label: &str,
    options: impl IntoIterator<Item = (&'a str, &'a str)>,
    chosen: &str,
) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                @for (value, told) in options {
                    option value=(value) selected[value == chosen] { (told) }
                }
            }
        }
    }
}

/// What hangs where, and a new one (a20).
fn marks_card(visit: &Visit, chosen: &Chosen, own: &str) -> Markup {
    let running = visit.running();
    let posters: Vec<&Issued> = running
        .switches()
        .posters
        .iter()
        .filter(|poster| poster.library == chosen.library.id && poster.keyword == chosen.keyword.id)
        .collect();
    let may = visit
        .staff()
        .is_ok_and(|staff| staff.can(Action::ManageDesk, &chosen.library.id));
    let zone = times::zone(&chosen.library);
    html! {
        section.card aria-labelledby="marks" {
            h2 #marks { "Marks" }
            p {
                "A mark stands behind the keyword and is texted with it, so that you see which poster \
                 brought somebody. It counts; who it was is forgotten when the day ends."
            }
            @if !posters.is_empty() {
                table.stack {
                    caption.unseen { "Marks" }
                    thead { tr { th scope="col" { "Mark" } th scope="col" { "Where" } th scope="col" { "Since" } @if may { td {} } } }
                    tbody {
                        @for poster in &posters {
                            tr {
                                th scope="row" { a href={ (own) "?mark=" (poster.mark) } { (poster.mark) } }
                                td { (poster.place) }
                                td { (times::moment(poster.since, &zone, visit.now)) }
                                @if may {
                                    td {
                                        form method="post" action={ (own) "/gone" } {
                                            (token(visit))
                                            input type="hidden" name="mark" value=(poster.mark);
                                            button.second.small { "Take it away" span.unseen { ": " (poster.mark) } }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                p { a href={ "/libraries/" (escaped(&chosen.library.id.0)) "/sources" } { "What each has brought" } }
            }
            @if may {
                form.row method="post" action=(own) {
                    (token(visit))
                    div.grow {
                        label for="place" { "Where it will hang" }
                        input type="text" id="place" name="place" maxlength=(PLACE_CHARACTERS_MAX) required;
                    }
                    div {
                        label for="new-mark" { "Mark, if you want a certain one" }
                        input type="text" id="new-mark" name="mark" maxlength="4" placeholder="B2";
                    }
                    button { "Give a mark" }
                }
            }
        }
    }
}

/// To be pasted into a page: it says what it does also where nothing opens.
fn snippet(poster: &Poster) -> String {
    let plain = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;")
    };
    format!(
        "<a href=\"{}\">Text {} to {}</a>",
        plain(&poster.link()),
        plain(&poster.text),
        plain(&poster.number)
    )
}

pub(crate) async fn png(visit: &Visit) -> Result<Answer, Refusal> {
    let chosen = Chosen::of(visit)?;
    let saves = visit.asked.query("save").is_some();
    let across = if saves { FILE_PIXELS } else { PREVIEW_PIXELS };
    let bytes = chosen
        .drawn(move |drawing| callslip_paper::png(drawing, across))
        .await?;
    let name = saves.then(|| chosen.file_name("png"));
    Ok(Answer::made("image/png", bytes, name))
}

pub(crate) async fn pdf(visit: &Visit) -> Result<Answer, Refusal> {
    let chosen = Chosen::of(visit)?;
    let bytes = chosen.drawn(callslip_paper::pdf).await?;
    let name = chosen.file_name("pdf");
    Ok(Answer::made("application/pdf", bytes, Some(name)))
}

pub(crate) async fn make(visit: &Visit) -> Result<Answer, Refusal> {
    let (library, keyword) = super::place(visit)?;
    let taken = library.marks.iter().filter(|(id, _)| *id == keyword.id);
    let taken: Vec<Mark> = taken.map(|(_, mark)| mark.clone()).collect();
    let typed = visit.asked.field("mark");
    let invalid = |why: &str| Refusal::Invalid(why.to_owned());
    let mark = match typed {
        "" => Mark::next(&taken).ok_or_else(|| invalid("Take a mark away first."))?,
        typed => Mark::read(typed)
            .ok_or_else(|| invalid("A mark is a letter and up to three digits, such as B2."))?,
    };
    if taken.contains(&mark) {
        return Err(Refusal::Invalid(format!("{mark} hangs somewhere already.")));
    }
    if taken.len() >= MARKS_MAX {
        return Err(invalid("Take a mark away first."));
    }
    let place = visit.asked.field("place");
    let count = place.chars().count();
    if count == 0 || count > PLACE_CHARACTERS_MAX || place.chars().any(char::is_control) {
        return Err(invalid("Write in a few words where it will hang."));
    }
    let about = format!("{} {mark}", keyword.word);
    let switching = Switching::PosterMade {
        library: library.id.clone(),
        keyword: keyword.id.clone(),
        mark: mark.clone(),
        place: place.to_owned(),
    };
    switch(visit, switching, "poster-made", &about).await?;
    let path = path(&library, &keyword.id);
    Ok(Answer::see(format!("{path}?mark={mark}&done=poster-made")))
}

pub(crate) async fn gone(visit: &Visit) -> Result<Answer, Refusal> {
    let (library, keyword) = super::place(visit)?;
    let mark = Mark::read(visit.asked.field("mark")).ok_or(Refusal::Incomplete)?;
    let about = format!("{} {mark}", keyword.word);
    let switching = Switching::PosterGone {
        library: library.id.clone(),
        keyword: keyword.id.clone(),
        mark,
    };
    switch(visit, switching, "poster-gone", &about).await?;
    let path = path(&library, &keyword.id);
    Ok(Answer::see(format!("{path}?done=poster-gone")))
}
