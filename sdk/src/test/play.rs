//! Plays transcripts natively, and compares or rewrites them.

use std::fs;
use std::path::{Path, PathBuf};

use super::fixture;
use super::phone::Phone;
use super::transcript::{Action, Reply, Transcript, parse};
use super::world::World;
use crate::run::Flow;
use crate::world::Next;

/// Plays every `*.txt` of a folder; see [`transcripts!`](crate::transcripts).
#[track_caller]
pub fn play_folder<F: Flow>(folder: impl AsRef<Path>) {
    let folder = folder.as_ref();
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no transcript in {}", folder.display());
    let update = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    let mut wrong = Vec::new();
    for file in files {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let transcript = parse(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        let played = play::<F>(&transcript);
        if update {
            let rewritten = transcript.with_replies(&played);
            fs::write(&file, rewritten).unwrap_or_else(|error| panic!("{name}: {error}"));
            continue;
        }
        for (step, replies) in transcript.steps.iter().zip(&played) {
            if step.replies != *replies {
                let lines = |replies: &[Reply]| {
                    replies
                        .iter()
                        .map(|reply| format!("    {reply}\n"))
                        .collect::<String>()
                };
                wrong.push(format!(
                    "{name}, line {}: {}\n  expected\n{}  got\n{}",
                    step.line,
                    step.action,
                    lines(&step.replies),
                    lines(replies)
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "\n{}\nUPDATE=1 writes what came into the files.",
        wrong.join("\n")
    );
}

impl Transcript {
    /// The phone that this transcript begins with.
    #[track_caller]
    pub fn phone<F: Flow>(&self) -> Phone {
        let Some(library) = fixture::library(&self.library) else {
            panic!("there is no library {:?} among the fixtures", self.library);
        };
        let phone = Phone::new::<F>()
            .library(library)
            .language(&self.language)
            .at(&self.at);
        let mut phone = phone.settings(&self.settings);
        if let Some(keyword) = &self.keyword {
            phone = phone.keyword(keyword);
        }
        if self.first_contact {
            phone = phone.first_contact();
        }
        for list in &self.on_lists {
            phone = phone.member_of(list);
        }
        for (field, value) in &self.profile {
            phone = phone.with_profile(field, value);
        }
        for (asked, answer) in &self.outside {
            phone = phone.answers(asked, answer.clone());
        }
        if let Some(number) = &self.number {
            phone = phone.number(number);
        }
        phone
    }
}

/// Plays one transcript, every turn twice, and gives what came, one list a step.
#[track_caller]
pub fn play<F: Flow>(transcript: &Transcript) -> Vec<Vec<Reply>> {
    let mut phone = transcript.phone::<F>();
    let replies = transcript.steps.iter().map(|step| match &step.action {
        Action::Later(time) => {
            let before = phone.world().clone();
            let turns = phone.turns();
            if let Err(why) = phone.pass(*time) {
                panic!("line {}: the flow failed: {why}", step.line);
            }
            let mut came = match phone.turns() > turns {
                true => replies(&mut phone, &before),
                false => Vec::new(),
            };
            // Of what time brings, silence is the rule.
            came.retain(|reply| *reply != Reply::Silence);
            came
        }
        Action::Text(text) => {
            let before = phone.world().clone();
            if let Err(why) = phone.receive(text, Vec::new()) {
                panic!("line {}: the flow failed: {why}", step.line);
            }
            replies(&mut phone, &before)
        }
    });
    let replies = replies.collect();
    phone.replay();
    replies
}

fn replies(phone: &mut Phone, before: &World) -> Vec<Reply> {
    let mut replies: Vec<Reply> = phone.read().into_iter().map(Reply::Text).collect();
    if replies.is_empty() && !phone.declined() {
        replies.push(Reply::Silence);
    }
    if phone.card_sent() {
        replies.push(Reply::Card);
    }
    let after = phone.world();
    replies.extend(
        after
            .member_of
            .difference(&before.member_of)
            .cloned()
            .map(Reply::OnList),
    );
    replies.extend(
        before
            .member_of
            .difference(&after.member_of)
            .cloned()
            .map(Reply::OffList),
    );
    for (field, value) in &after.profile {
        if before.profile.get(field) != Some(value) {
            replies.push(Reply::Profile(field.clone(), value.clone()));
        }
    }
    match phone.ended() {
        Some(Next::HandOff { topic, .. }) => replies.push(Reply::HandedOff(topic.clone())),
        Some(Next::Decline) => replies.push(Reply::Declined),
        Some(Next::Finish | Next::Ask(_)) | None => {}
    }
    replies
}
