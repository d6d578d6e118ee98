//! `callslip poster`: a keyword's poster as a file for the printer, from the configuration.

use std::path::PathBuf;

use callslip_core::ids::{KeywordId, LibraryId};
use callslip_core::source::Mark;
use callslip_paper::poster::{self, Kind, Paper, Poster as Said, Wanted};

use super::ConfigFile;
use crate::house::Draft;
use crate::stopped::Stopped;

/// A press wants 300 dots an inch of the widest paper.
const PIXELS_ACROSS: u32 = 2_550;

#[derive(clap::Args)]
pub(crate) struct Poster {
    #[command(flatten)]
    config: ConfigFile,
    /// The library's id
    library: String,
    /// The keyword, by its word or its id
    keyword: String,
    /// poster, table-card, bookmark or slide
    #[arg(long, default_value = "poster")]
    kind: String,
    /// a4 or letter
    #[arg(long, default_value = "letter")]
    paper: String,
    /// Which poster it is, such as B2: it is texted behind the keyword. Make it in the console, else
    /// it counts for nothing
    #[arg(long)]
    mark: Option<String>,
    /// One of the library's languages
    #[arg(long)]
    language: Option<String>,
    /// What people get by it
    #[arg(long)]
    sentence: Option<String>,
    /// The file; its ending says which: .pdf or .png
    #[arg(long, value_name = "FILE", default_value = "poster.pdf")]
    out: PathBuf,
}

impl Poster {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        let draft = Draft::read(&self.config.config, None)?;
        let directory = &draft.reading.directory;
        if draft.reading.machine.is_none() {
            return Err(Stopped::Usage(draft.lines()));
        }
        let one_of = |what: &str, names: Vec<&str>| {
            Stopped::usage(format!(
                "there is no {what}; there is: {}",
                names.join(", ")
            ))
        };
        let library = directory
            .library(&LibraryId::from(self.library.as_str()))
            .ok_or_else(|| {
                let known = directory.libraries.keys().map(|id| &*id.0);
                one_of(&format!("library \"{}\"", self.library), known.collect())
            })?;
        let wanted = self.keyword.to_lowercase();
        let mut keywords = library.keywords.iter();
        let keyword = keywords
            .find(|keyword| {
                keyword.id == KeywordId::from(self.keyword.as_str())
                    || keyword.word.to_lowercase() == wanted
            })
            .ok_or_else(|| {
                let known = library.keywords.iter().map(|keyword| keyword.word.as_str());
                one_of(&format!("keyword \"{}\"", self.keyword), known.collect())
            })?;
        let number = library.number().and_then(|number| directory.number(number));
        let Some(number) = number else {
            let what = format!("\"{}\" has no number that patrons can text", library.id);
            return Err(Stopped::usage(what));
        };
        let kind = Kind::from_name(&self.kind).ok_or_else(|| {
            let known = Kind::ALL.map(Kind::name).to_vec();
            one_of(&format!("kind \"{}\"", self.kind), known)
        })?;
        let paper = Paper::from_name(&self.paper).ok_or_else(|| {
            let known = Paper::ALL.map(Paper::name).to_vec();
            one_of(&format!("paper \"{}\"", self.paper), known)
        })?;
        let mark = match &self.mark {
            None => None,
            Some(text) => Some(Mark::read(text).ok_or_else(|| {
                Stopped::usage(format!(
                    "\"{text}\" is no mark: write a letter and digits, as B2"
                ))
            })?),
        };
        let language = self.language.as_deref().unwrap_or(library.language());
        if !library.languages.iter().any(|known| known == language) {
            let known = library.languages.iter().map(String::as_str).collect();
            return Err(one_of(
                &format!("language \"{language}\" in {}", library.id),
                known,
            ));
        }
        let said = Said::of(&Wanted {
            library,
            number,
            keyword,
            mark: mark.as_ref().map(Mark::as_str),
            sentence: self.sentence.as_deref(),
            language,
        });
        let refused = |error: callslip_paper::Error| Stopped::usage(error.to_string());
        let drawing = poster::draw(&said, kind, paper).map_err(refused)?;
        let bytes = match self.out.extension().and_then(|ending| ending.to_str()) {
            Some("pdf") => callslip_paper::pdf(&drawing).map_err(refused)?,
            Some("png") => callslip_paper::png(&drawing, PIXELS_ACROSS).map_err(refused)?,
            _ => {
                return Err(Stopped::usage(
                    "the file's name must end in .pdf or .png: --out poster.pdf".to_owned(),
                ));
            }
        };
        std::fs::write(&self.out, bytes)?;
        Ok(())
    }
}
