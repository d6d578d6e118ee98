//! What a flow costs on this machine: its instance, which each turn has anew, and a turn of its
//! transcripts. Measured, so two runs differ.

use callslip_core::flow::Fault;
use callslip_runtime::{Flow, Limits};

use crate::player::Player;
use crate::{Script, read};

/// The middle of so many is not the one that the machine was busy in.
const ROUNDS: usize = 50;
/// Turns of all transcripts together.
const TURNS_MAX: usize = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    pub instance_micros: u64,
    /// With its instance; none: no transcript has a turn that could be played.
    pub turn_micros: Option<u64>,
}

pub fn costs(flow: &Flow, scripts: &[Script]) -> Result<Costs, Fault> {
    let limits = Limits::default();
    let instances = (0..ROUNDS).map(|_| flow.instance_micros(&limits));
    let instances: Vec<u64> = instances.collect::<Result<_, _>>()?;
    let (transcripts, allowed) = read(scripts);
    let mut turns = Vec::new();
    for _ in 0..ROUNDS {
        for transcript in transcripts.iter().flatten() {
            let Ok(mut player) = Player::new(flow, transcript, &allowed) else {
                continue;
            };
            for step in &transcript.steps {
                if turns.len() >= TURNS_MAX || player.step(&step.action).is_err() {
                    break;
                }
            }
            turns.extend(player.turns().iter().map(|turn| turn.micros));
        }
    }
    Ok(Costs {
        instance_micros: middle(instances).unwrap_or_default(),
        turn_micros: middle(turns),
    })
}

fn middle(mut of: Vec<u64>) -> Option<u64> {
    of.sort_unstable();
    of.get(of.len() / 2).copied()
}
