//! All that `plugin check` looks for in a flow that loads: its transcripts from every step and with
//! other lots, answers that nobody wrote, words and prices that surprise.

use std::time::Duration;

use callslip::test::transcript::{Transcript, parse};
use callslip_core::flow::{Fault, FlowInput, FlowOutput};
use callslip_runtime::Flow;

use crate::lots::Lots;
use crate::player::{Player, Stop};
use crate::remarks::Heard;
use crate::stage::Stage;
use crate::walk::walk;
use crate::{Allowed, Script, play, read};

/// Other lots than a transcript's own.
const SEEDS: usize = 8;
/// An answer that comes the next morning.
const LATER: Duration = Duration::from_secs(13 * 60 * 60);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// Turns of transcripts, each run again from its journal.
    pub replayed: usize,
    /// Turns that no transcript has.
    pub walked: usize,
    /// What must be mended.
    pub wrong: Vec<String>,
    /// What its author should know.
    pub remarks: Vec<String>,
}

/// Without scripts the flow is walked as its keyword would be with no settings.
pub fn examine(flow: &Flow, scripts: &[Script]) -> Examined {
    let (read, mut allowed) = read(scripts);
    let mut transcripts: Vec<&Transcript> = read.iter().flatten().collect();
    let bare = parse("> KEYWORD").ok();
    let mut found = Examined::default();
    let mut heard = Heard::default();
    for played in play(flow, scripts) {
        let named = |what| format!("{}, {what}", played.name);
        found.wrong.extend(played.wrong.iter().map(named));
    }
    for (script, transcript) in scripts.iter().zip(&read) {
        if let Ok(transcript) = transcript {
            let wrong =
                from_every_step(flow, transcript, &allowed, &mut heard, &mut found.replayed);
            let wrong = wrong
                .into_iter()
                .chain(with_other_lots(flow, transcript, &allowed));
            found
                .wrong
                .extend(wrong.map(|what| format!("{}, {what}", script.name)));
        }
    }
    if transcripts.is_empty() {
        match bare
            .as_ref()
            .map(|bare| (bare, Player::new(flow, bare, &allowed)))
        {
            Some((bare, Ok(_))) => transcripts.push(bare),
            Some((_, Err(why))) => found.remarks.push(format!(
                "not walked, as no transcript says what its settings are: {why:#}"
            )),
            None => {}
        }
    }
    allowed.languages.insert("fr".to_owned());
    let walked = walk(flow, &transcripts, &allowed, &mut heard);
    found.walked = walked.turns;
    found.wrong.extend(walked.wrong);
    for answer in &flow.plugin().manifest.reserved_answers {
        heard.answer(answer);
    }
    found.wrong.extend(heard.never_arrive());
    found.remarks.extend(heard.remarks());
    found
}

/// Each turn runs again from its journal alone: as it was, then with all that it kept forgotten
/// meanwhile, then with the answer only the next morning. What is in the journal must carry it.
fn from_every_step(
    flow: &Flow,
    transcript: &Transcript,
    allowed: &Allowed,
    heard: &mut Heard,
    replayed: &mut usize,
) -> Vec<String> {
    let Ok(mut player) = Player::new(flow, transcript, allowed) else {
        return Vec::new();
    };
    let empty = player.stage().emptied();
    let mut wrong = Vec::new();
    for step in &transcript.steps {
        let before = player.turns().len();
        if player.step(&step.action).is_err() {
            break; // Playing it has said so.
        }
        let Some(turn) = player.turns().get(before).cloned() else {
            continue;
        };
        *replayed += 1;
        let mut tell = |how: &str, why: &dyn std::fmt::Display| {
            wrong.push(format!(
                "line {}: {}\n  {how}: {why}",
                step.line, step.action
            ));
        };
        if turn.input.journal.is_empty() {
            continue;
        }
        match again(&player, &turn.input, &turn.stage) {
            Ok(output) if output == turn.output => {}
            Ok(_) => tell("from its journal", &"the turn comes out different"),
            Err(fault) => tell("from its journal", &fault),
        }
        if let Err(fault) = again(&player, &turn.input, &empty) {
            tell(
                "when what it kept, lists and profile are gone meanwhile",
                &fault,
            );
        }
        let late = FlowInput {
            now: turn.input.now + LATER,
            ..turn.input.clone()
        };
        if let Err(fault) = again(&player, &late, &turn.stage) {
            tell("when the answer comes the next morning", &fault);
        }
    }
    heard.choices_of(&player);
    heard.messages_of(&player);
    wrong
}

fn again(player: &Player<'_>, input: &FlowInput, stage: &Stage) -> Result<FlowOutput, Fault> {
    match player.run(input, &mut stage.clone()) {
        Ok(ran) => ran.result,
        Err(stop) => Err(Fault::Failed(stop.to_string())),
    }
}

/// Its answers may be others then, and a text of the transcript may fit no more: only a failure is
/// one.
fn with_other_lots(flow: &Flow, transcript: &Transcript, allowed: &Allowed) -> Vec<String> {
    let mut lots = Lots::new(0);
    let mut wrong: Vec<String> = Vec::new();
    for _ in 0..SEEDS {
        let Ok(player) = Player::new(flow, transcript, allowed) else {
            return wrong;
        };
        let mut player = player.with_seed(lots.next());
        for step in &transcript.steps {
            match player.step(&step.action) {
                Ok(_) => {}
                Err(Stop::Script(_)) => break,
                Err(stop) => {
                    let what = format!(
                        "line {}: {}\n  with other lots: {stop}",
                        step.line, step.action
                    );
                    if !wrong.contains(&what) {
                        wrong.push(what);
                    }
                    break;
                }
            }
        }
    }
    wrong
}
