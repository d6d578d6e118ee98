//! One list: whom a spreadsheet or a person at the desk names for it. They are asked once, with the
//! proof that was claimed, and are on it when they say yes; what comes back is the count of rows and
//! nothing of anybody (WALKTHROUGHS g5).

use callslip_core::dialling::Country;
use callslip_core::directory::{Jurisdiction, Library, List};
use callslip_core::import::{self, SignUp, WrongRow};
use callslip_core::study::cell;
use callslip_store::staff::StaffChange;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::parts::{Problems, token};
use crate::refusal::Refusal;
use crate::visit::{Visit, note};

/// "paper" proves nothing; a sentence can be looked at later.
const PROOF_MIN: usize = 20;
const PROOF_MAX: usize = 500;
const PAGE: usize = 1_000;
const MEMBERS_MAX: usize = 100_000;

pub(super) fn path(library: &Library, list: &List) -> String {
    format!(
        "/libraries/{}/lists/{}",
        escaped(&library.id.0),
        escaped(&list.id)
    )
}

fn list(visit: &Visit, library: &Library) -> Result<List, Refusal> {
    let id = visit.places.get(1).ok_or(Refusal::Nothing)?;
    let mut lists = library.lists.iter();
    lists
        .find(|list| list.id == *id)
        .cloned()
        .ok_or(Refusal::Nothing)
}

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let list = list(visit, &library)?;
    Ok(page(visit, &library, &list, &Tried::default()))
}

/// What came of a form.
#[derive(Default)]
struct Tried {
    problems: Problems,
    rows: Vec<WrongRow>,
    asked: Option<usize>,
}

pub(crate) async fn import(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let list = list(visit, &library)?;
    let mut tried = Tried::default();
    let proof = visit.asked.field("proof").trim().to_owned();
    if !(PROOF_MIN..=PROOF_MAX).contains(&proof.chars().count()) {
        let what = "Say in a sentence what proves that these people asked for this list: \
                    which form, where it is kept, since when.";
        tried.problems.add("proof", what);
    }
    if library.school {
        let what = "At a school nobody is put on a list but by their own text.";
        tried.problems.add("proof", what);
    }
    let country = country(visit, &library);
    let typed = visit.asked.field("phone").trim().to_owned();
    let people = match (visit.asked.file(), typed.is_empty()) {
        (Some(file), true) => import::read(file, country, &library.languages),
        (None, false) => {
            let row = format!("phone\n{typed}\n");
            import::read(row.as_bytes(), country, &library.languages)
        }
        (Some(_), false) => {
            let what = "Choose a file or type one number, not both.";
            tried.problems.add("phone", what);
            Ok(Vec::new())
        }
        (None, true) => {
            tried
                .problems
                .add("file", "Choose a file, or type a number.");
            Ok(Vec::new())
        }
    };
    let people = people.unwrap_or_else(|wrong| {
        match typed.is_empty() {
            true => tried.rows = wrong,
            false => tried
                .problems
                .add("phone", "This is no number that can be texted."),
        }
        Vec::new()
    });
    if !tried.problems.is_empty() || !tried.rows.is_empty() {
        let page = page(visit, &library, &list, &tried);
        return Ok(page.with_status(Refusal::invalid()));
    }
    tried.asked = Some(people.len());
    ask(visit, (&library, &list), people, proof).await?;
    Ok(page(visit, &library, &list, &tried))
}

/// The line first: who named how many, and what they claimed.
async fn ask(
    visit: &Visit,
    (library, list): (&Library, &List),
    people: Vec<SignUp>,
    proof: String,
) -> Result<(), Refusal> {
    let told = format!("{}: {} rows; {proof}", list.id, people.len());
    let line = note(Some(&library.id), "list-invited", told);
    visit.commit(StaffChange::Noted, Some(line)).await?;
    let engine = &visit.shared.engine;
    let by = &visit.staff()?.id;
    match engine.invite((library, list), people, by, proof).await? {
        true => Ok(()),
        false => Err(Refusal::Invalid(
            "The library has no number to ask them from.".to_owned(),
        )),
    }
}

/// Whose way of writing numbers the library's patrons follow.
fn country(visit: &Visit, library: &Library) -> Country {
    let running = visit.running();
    let number = library.number().and_then(|of| running.directory.number(of));
    Country::of(number.map_or(Jurisdiction::Us, |number| number.jurisdiction))
}

/// Who is on it, by the two words that staff know them by: a file for a spreadsheet.
pub(crate) async fn members(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let list = list(visit, &library)?;
    let line = note(Some(&library.id), "list-taken", list.id.clone());
    visit.commit(StaffChange::Noted, Some(line)).await?;
    let mut text = "patron,language,since,stopped\r\n".to_owned();
    let mut after = String::new();
    for _ in 0..MEMBERS_MAX / PAGE {
        let engine = &visit.shared.engine;
        let members = engine
            .list_members(&library.id, &list.id, &after, PAGE)
            .await?;
        let Some(last) = members.last() else { break };
        after.clone_from(&last.alias);
        for member in &members {
            let language = member.language.as_deref().unwrap_or_default();
            let since = member.since.timestamp().strftime("%Y-%m-%d").to_string();
            let stopped = if member.stopped { "yes" } else { "no" };
            let cells = [member.alias.as_str(), language, &since, stopped].map(cell);
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
    }
    let name = format!("list-{}.csv", escaped(&list.id));
    Ok(Answer::download("text/csv; charset=utf-8", name, text))
}

fn page(visit: &Visit, library: &Library, list: &List, tried: &Tried) -> Answer {
    let here = path(library, list);
    let title = format!("People for {}", list.name);
    let body = html! {
        h1 { (title) }
        (tried.problems.summary())
        @if let Some(asked) = tried.asked {
            p role="status" {
                (asked) @if asked == 1 { " row was" } @else { " rows were" }
                " taken. Whoever may be asked is asked once, in the hours in which the library may text, and is on \
                 the list when they answer YES. Who has stopped, was asked before or is on it already hears nothing, \
                 and this page does not say who that is."
            }
        }
        (wrong_rows(&tried.rows))
        section.card aria-labelledby="import-title" {
            h2 #import-title { "Sign-ups from elsewhere" }
            form method="post" action={ (here) "/import" } enctype="multipart/form-data" {
                (token(visit))
                div.field {
                    label for="proof" { "What proves that they asked for it" }
                    p.hint #proof-hint { "Kept with the invitation, and in the log. Which form, where it is kept, since when." }
                    (tried.problems.beside("proof"))
                    textarea #proof name="proof" rows="3" maxlength=(PROOF_MAX)
                        aria-describedby=[tried.problems.described("proof", Some("proof-hint"))]
                        aria-invalid=[tried.problems.invalid("proof")] { (visit.asked.field("proof")) }
                }
                div.field {
                    label for="file" { "A CSV file" }
                    p.hint #file-hint {
                        "Its first row names the columns: phone, and language if you like. UTF-8, at most "
                        (import::ROWS_MAX) " rows. With one wrong row nothing of it is taken."
                    }
                    (tried.problems.beside("file"))
                    input #file type="file" name="file" accept=".csv,text/csv"
                        aria-describedby=[tried.problems.described("file", Some("file-hint"))];
                }
                div.field {
                    label for="phone" { "Or one number" }
                    (tried.problems.beside("phone"))
                    input #phone type="tel" name="phone" autocomplete="off"
                        aria-describedby=[tried.problems.described("phone", None)]
                        aria-invalid=[tried.problems.invalid("phone")];
                }
                button { "Ask them" }
            }
        }
        br;
        section.card aria-labelledby="members-title" {
            h2 #members-title { "Who is on it" }
            p { "By the two words in place of the number, with language and day. The log says that you took it." }
            form method="post" action={ (here) "/members" } {
                (token(visit))
                button.second { "Take it as CSV" }
            }
        }
    };
    frame::page(visit, Here::Lists, &title, &body)
}

fn wrong_rows(rows: &[WrongRow]) -> Markup {
    html! {
        @if !rows.is_empty() {
            div role="alert" {
                p.problem { "Nothing was taken. Mend these rows and bring the file again:" }
                ul { @for row in rows { li { (row) } } }
            }
        }
    }
}
