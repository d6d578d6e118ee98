//! Saved answers and who knows which topic: what a library's people set up for themselves.

use callslip_core::at::At;
use callslip_core::desk::{Canned, CannedId, canned};
use callslip_core::directory::Library;
use callslip_core::ids::StaffId;
use callslip_core::staff::{Action, Staff};
use callslip_engine::desk::{CannedWhat, DeskError, Topic};
use callslip_store::staff::StaffChange;
use maud::{Markup, html};

use super::keywords::read_files_button;
use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::parts::{Problems, paste, token, words};
use crate::refusal::Refusal;
use crate::visit::{Visit, note};

pub(crate) async fn list(visit: &Visit) -> Result<Answer, Refusal> {
    let libraries = visit.libraries(Action::SeeTexts)?;
    let mut sections = Vec::new();
    for library in libraries {
        let answers = visit.desk().canned(&visit.actor()?, &library.id).await?;
        sections.push((library, answers));
    }
    let me = visit.staff()?;
    let body = html! {
        h1 { "Answers" }
        @for (library, answers) in &sections {
            @let may = me.can(Action::ManageDesk, &library.id);
            section.card aria-labelledby={ "of-" (library.id) } {
                h2 id={ "of-" (library.id) } { (library.name) }
                @if answers.is_empty() { p { "No answer is saved yet." } }
                ul.plain {
                    @for answer in answers {
                        li {
                            h3 {
                                @if may {
                                    a href={ (path(library)) "?id=" (answer.id.0) } { (answer.name) }
                                } @else { (answer.name) }
                            }
                            p.quiet { (words(&answer.body)) }
                        }
                    }
                }
                @if may {
                    div.row {
                        a.button.second href=(path(library)) {
                            "Save an answer" span.unseen { " for " (library.name) }
                        }
                        @if !library.topics.is_empty() {
                            a.button.second href={ "/libraries/" (escaped(&library.id.0)) "/topics" } {
                                "Who knows what" span.unseen { " at " (library.name) }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(frame::page(visit, Here::Answers, "Answers", &body))
}

fn path(library: &Library) -> String {
    format!("/libraries/{}/answers", escaped(&library.id.0))
}

/// One answer, or a new one.
pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let answer = match visit.asked.query("id") {
        Some(id) => Some(find(visit, &library, id).await?),
        None => None,
    };
    Ok(form(visit, &library, answer.as_ref(), &Problems::default()))
}

pub(crate) async fn save(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let (name, body) = (
        visit.asked.field("name").to_owned(),
        visit.asked.typed("body").to_owned(),
    );
    let what = match visit.asked.field("id").parse().map(CannedId) {
        Ok(id) => CannedWhat::Change {
            id,
            name,
            body,
            seen: At(visit
                .asked
                .field("seen")
                .parse()
                .map_err(|_| Refusal::Incomplete)?),
        },
        Err(_) => CannedWhat::Add { name, body },
    };
    let line = note(Some(&library.id), "answer-saved", visit.asked.field("name"));
    let did = visit
        .desk()
        .change_canned(&visit.actor()?, &library.id, what)
        .await;
    match did {
        Ok(()) => {
            visit.commit(StaffChange::Noted, Some(line)).await?;
            Ok(Answer::see("/answers?done=answer"))
        }
        Err(error @ DeskError::Store(_)) => Err(error.into()),
        Err(DeskError::Refused(refused)) => {
            let problems = Problems::of("body", format!("Not saved: {refused}."));
            Ok(form(visit, &library, None, &problems).with_status(Refusal::invalid()))
        }
    }
}

pub(crate) async fn remove(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let id = visit
        .asked
        .field("id")
        .parse()
        .map_err(|_| Refusal::Incomplete)?;
    let name = find(visit, &library, visit.asked.field("id")).await?.name;
    visit
        .desk()
        .change_canned(
            &visit.actor()?,
            &library.id,
            CannedWhat::Remove(CannedId(id)),
        )
        .await?;
    let line = note(Some(&library.id), "answer-removed", name);
    visit.commit(StaffChange::Noted, Some(line)).await?;
    Ok(Answer::see("/answers?done=answer-removed"))
}

async fn find(visit: &Visit, library: &Library, id: &str) -> Result<Canned, Refusal> {
    let all = visit.desk().canned(&visit.actor()?, &library.id).await?;
    let found = all.into_iter().find(|answer| answer.id.0.to_string() == id);
    found.ok_or(Refusal::Nothing)
}

fn form(visit: &Visit, library: &Library, answer: Option<&Canned>, problems: &Problems) -> Answer {
    let typed = visit.asked.field("name").to_owned();
    let name = answer.map_or(typed, |answer| answer.name.clone());
    let typed = visit.asked.typed("body").to_owned();
    let body = answer.map_or(typed, |answer| answer.body.clone());
    let id = answer.map_or_else(
        || visit.asked.field("id").to_owned(),
        |answer| answer.id.0.to_string(),
    );
    let seen = answer.map_or_else(
        || visit.asked.field("seen").to_owned(),
        |answer| answer.changed.0.to_string(),
    );
    let places = canned::VARIABLES
        .map(|name| format!("{{{name}}}"))
        .join(" ");
    let page = html! {
        div.card.narrow {
            h1 { @if id.is_empty() { "Save an answer" } @else { "Change an answer" } " for " (library.short_name) }
            (problems.summary())
            form method="post" {
                (token(visit))
                input type="hidden" name="id" value=(id);
                input type="hidden" name="seen" value=(seen);
                div.field {
                    label for="name" { "Name" }
                    p.hint #name-hint { "What staff call it, such as: Lost card." }
                    input type="text" #name name="name" value=(name) maxlength="60" required
                        aria-describedby="name-hint";
                }
                div.field {
                    label for="body" { "Answer" }
                    p.hint #body-hint { "These places fill themselves in: " (places) }
                    textarea #body name="body" rows="6" required aria-describedby="body-hint" { "\n" (body) }
                }
                button { "Save it" }
            }
            @if !id.is_empty() {
                form method="post" action={ (path(library)) "/remove" } {
                    (token(visit))
                    input type="hidden" name="id" value=(id);
                    button.danger { "Remove it" }
                }
            }
        }
    };
    frame::page(visit, Here::Answers, "A saved answer", &page)
}

/// Who is asked first on which topic.
pub(crate) async fn topics(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let known = visit
        .desk()
        .topic_people(&visit.actor()?, &library.id)
        .await?;
    let able = able(visit, &library).await?;
    let body = html! {
        h1 { "Who knows what at " (library.name) }
        p { "Topics stand in the library's file. A question on one is shown to its people first." }
        div.cards {
            @for topic in &library.topics { (topic_card(visit, &library, topic, &able, &known)) }
        }
        br;
        section.card aria-labelledby="file-title" {
            h2 #file-title { "In the library's file" }
            p {
                "Topics, hours and the library's own sentences are written there"
                @if let Some(file) = visit.shared.about().files.get(&library.id) { ", in " code { (file) } }
                ". Put these in, changed as you like, and have the files read again."
            }
            (paste("The topics as TOML, and one more", &topics_toml(&library)))
            (paste("Hours and a sentence as TOML", HOURS_AND_SENTENCE))
            (read_files_button(visit, &library))
        }
    };
    Ok(frame::page(visit, Here::Answers, "Topics", &body))
}

const HOURS_AND_SENTENCE: &str = "[hours]\nmon-fri = [\"10:00-20:00\"]\nsat = [\"10:00-14:00\"]\n\n\
    [messages.en]\nmenu = \"Text one of these: {keywords}\"\n";

/// Those that there are, as the file would say them, and one to begin with.
fn topics_toml(library: &Library) -> String {
    let own = library.topics.iter().map(|topic| {
        let words: Vec<String> = topic
            .words
            .iter()
            .map(|word| word.words().join(" "))
            .collect();
        (topic.id.clone(), topic.name.clone(), words)
    });
    let one = (
        "local-history".to_owned(),
        "Local history".to_owned(),
        vec!["genealogy".to_owned(), "old photos".to_owned()],
    );
    let one = Some(one).filter(|(id, _, _)| library.topics.iter().all(|topic| topic.id != *id));
    let tables = own.chain(one).map(|(id, name, words)| {
        let table: toml::Table = [
            ("id".to_owned(), id.into()),
            ("name".to_owned(), name.into()),
            ("words".to_owned(), words.into()),
        ]
        .into_iter()
        .collect();
        format!("[[topic]]\n{table}")
    });
    tables.collect::<Vec<_>>().join("\n")
}

pub(crate) async fn set_topic(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let able = able(visit, &library).await?;
    let people = able
        .into_iter()
        .filter(|staff| visit.asked.field(&format!("who-{}", staff.id)) == "1")
        .map(|staff| staff.id);
    let topic = visit.asked.field("topic").to_owned();
    visit
        .desk()
        .set_topic_people(
            &visit.actor()?,
            &library.id,
            topic.clone(),
            people.collect(),
        )
        .await?;
    let line = note(Some(&library.id), "topic-people", topic);
    visit.commit(StaffChange::Noted, Some(line)).await?;
    let path = format!("/libraries/{}/topics", escaped(&library.id.0));
    Ok(Answer::see(format!("{path}?done=topic")))
}

async fn able(visit: &Visit, library: &Library) -> Result<Vec<Staff>, Refusal> {
    let id = library.id.clone();
    let staff = visit
        .shared
        .keep
        .read(move |reader| reader.staff_of(&id))
        .await?;
    let answers = |staff: &Staff| staff.can(Action::Answer, &library.id);
    Ok(staff.into_iter().filter(answers).collect())
}

fn topic_card(
    visit: &Visit,
    library: &Library,
    topic: &Topic,
    able: &[Staff],
    known: &[(String, StaffId)],
) -> Markup {
    let knows = |staff: &Staff| {
        known
            .iter()
            .any(|(of, who)| *of == topic.id && *who == staff.id)
    };
    html! {
        section.card aria-labelledby={ "topic-" (topic.id) } {
            h2 id={ "topic-" (topic.id) } { (topic.name) }
            form method="post" action={ "/libraries/" (escaped(&library.id.0)) "/topics" } {
                (token(visit))
                input type="hidden" name="topic" value=(topic.id);
                fieldset {
                    legend { "Its people" }
                    @for staff in able {
                        div {
                            input type="checkbox" id={ (topic.id) "-" (staff.id) } name={ "who-" (staff.id) }
                                value="1" checked[knows(staff)];
                            " " label.inline for={ (topic.id) "-" (staff.id) } { (staff.shown) }
                        }
                    }
                }
                button.second { "Save" }
            }
        }
    }
}
