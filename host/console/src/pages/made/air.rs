//! From the form to the air: the whole configuration is read with the keyword in it, a version is
//! saved, and what runs takes it at once. What the files say stays as it was last read.

use callslip_core::config::{Made, Written};
use callslip_core::directory::{Directory, Library};
use callslip_core::ids::KeywordId;
use callslip_store::staff::{StaffChange, StaffCommitted};

use super::id_of;
use crate::Wrong;
use crate::keep::Trouble;
use crate::parts::Problems;
use crate::refusal::Refusal;
use crate::visit::{Visit, note};

/// What reading it has shown.
pub(super) struct Tried {
    /// Those that this keyword brings with it.
    pub(super) problems: Problems,
    /// All that would run.
    pub(super) directory: Directory,
}

/// `filed`: it is to stand in the place of that keyword of its library's file.
pub(super) async fn tried(
    visit: &Visit,
    library: &Library,
    written: &Written,
    filed: Option<&KeywordId>,
) -> Result<Tried, Refusal> {
    let around = visit.shared.around.get().cloned();
    let around =
        around.ok_or_else(|| Refusal::Invalid("Keywords cannot be made here.".to_owned()))?;
    let others = visit
        .shared
        .keep
        .read(|reader| reader.made_keywords())
        .await?;
    let id = id_of(written);
    let mut made: Vec<Made> = others
        .into_iter()
        .filter(|other| !(other.library == library.id && other.keyword == id))
        .filter_map(|other| {
            Some(Made {
                library: other.library,
                toml: other.toml?,
            })
        })
        .collect();
    // Others may be wrong already: that is not this one's fault.
    let without = made.clone();
    made.push(Made {
        library: library.id.clone(),
        toml: written.toml(),
    });
    let (own, filed) = (without.len(), filed.cloned());
    let read = tokio::task::spawn_blocking(move || {
        let (before, _) = around.try_made(&without);
        let (mut after, directory) = match &filed {
            Some(keyword) => (around.try_instead(&made, keyword), Directory::default()),
            None => around.try_made(&made),
        };
        after.retain(|wrong| !before.contains(wrong));
        (after, directory)
    });
    let (wrong, directory) = read.await.map_err(|_| Trouble::Panicked)?;
    let mut problems = Problems::default();
    for wrong in wrong {
        problems.add(field(&wrong, own), wrong.told);
    }
    Ok(Tried {
        problems,
        directory,
    })
}

/// The form's field that a problem is with.
fn field(wrong: &Wrong, own: usize) -> String {
    let place = wrong.place.as_ref().filter(|(index, _)| *index == own);
    let name = place.map_or("", |(_, name)| name.as_str());
    let setting = wrong.told.split_once("the setting \"");
    let setting = setting.and_then(|(_, rest)| rest.split('"').next());
    let mut parts = name.split('.');
    match (parts.next().unwrap_or_default(), parts.next()) {
        ("settings", Some(name)) => format!("set-{name}"),
        // One that is missing stands in no line of its own.
        ("settings" | "", None) if place.is_some() => match setting {
            Some(name) => format!("set-{name}"),
            None => "settings-title".to_owned(),
        },
        ("grants", _) => "grants-title".to_owned(),
        ("schedule", Some(day @ ("from" | "until"))) => day.to_owned(),
        ("schedule", _) => "times".to_owned(),
        (name @ ("aliases" | "match" | "closing"), _) => name.to_owned(),
        _ => "word".to_owned(),
    }
}

pub(super) enum Kept {
    Yes,
    Newer,
}

/// Saves a version and takes it on the air.
pub(super) async fn keep(
    visit: &Visit,
    library: &Library,
    written: &Written,
    over: Option<i64>,
    what: &str,
) -> Result<Kept, Refusal> {
    let change = StaffChange::MakeKeyword {
        library: library.id.clone(),
        keyword: id_of(written),
        toml: Some(written.toml()),
        over,
    };
    let line = note(Some(&library.id), what, written.word.as_str());
    if let StaffCommitted::Refused(_) = visit.commit(change, Some(line)).await? {
        return Ok(Kept::Newer);
    }
    take(visit).await?;
    Ok(Kept::Yes)
}

/// What the store says now is what runs.
pub(crate) async fn take(visit: &Visit) -> Result<(), Refusal> {
    if let Some(around) = visit.shared.around.get().cloned() {
        let taken = tokio::task::spawn_blocking(move || around.take_made()).await;
        if let Err(lines) = taken.map_err(|_| Trouble::Panicked)? {
            let first = lines.into_iter().next().unwrap_or_default();
            return Err(Refusal::Invalid(format!(
                "It is saved, and goes on the air once the configuration is right: {first}"
            )));
        }
    }
    let _alone = visit.shared.switching.lock().await;
    let switches = visit.shared.keep.read(|reader| reader.switches()).await?;
    visit.shared.engine.switch(switches);
    Ok(())
}
