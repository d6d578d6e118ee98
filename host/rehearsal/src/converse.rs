//! A conversation as somebody makes it up: line by line, in the manner of a transcript, with a flow
//! that may be another by the next line. It is played from its beginning each time; what was said
//! before is what the flow as it is now would have said.

use callslip::test::transcript::{Action, Reply, Transcript, parse};
use callslip_runtime::Flow;

use crate::{Allowed, Player, Script};

/// How far a conversation came.
#[derive(Debug)]
pub struct Conversation {
    /// To each line that was played.
    pub replies: Vec<Vec<Reply>>,
    /// Why the next line is not played.
    pub stopped: Option<String>,
}

/// `set`: the transcript in whose library, with whose settings and at whose time it takes place. A
/// line is a text, or `(later 2 days)`.
pub fn converse(flow: &Flow, set: &Script, lines: &[String]) -> anyhow::Result<Conversation> {
    let transcript = parse(&set.text).map_err(|why| anyhow::anyhow!("{}: {why}", set.name))?;
    let allowed = Allowed::in_all([&transcript].into_iter());
    let mut player = Player::new(flow, &transcript, &allowed)?;
    let mut replies = Vec::new();
    for line in lines {
        let stopped = match action(line).map(|action| player.step(&action)) {
            Ok(Ok(came)) => {
                replies.push(came);
                continue;
            }
            Ok(Err(stop)) => stop.to_string(),
            Err(why) => why,
        };
        return Ok(Conversation {
            replies,
            stopped: Some(stopped),
        });
    }
    Ok(Conversation {
        replies,
        stopped: None,
    })
}

/// The conversation as a transcript, which `plugin test` plays from then on.
pub fn written(set: &Script, why: &str, lines: &[String], replies: &[Vec<Reply>]) -> String {
    let head = set
        .text
        .lines()
        .take_while(|line| !line.starts_with(['>', '(']));
    let head = head.filter(|line| !line.starts_with('#'));
    let mut text = format!("# {why}\n");
    for line in head {
        text.push_str(line);
        text.push('\n');
    }
    for (line, replies) in lines.iter().zip(replies) {
        match action(line) {
            Ok(Action::Later(_)) => text.push_str(line),
            _ => {
                text.push_str("> ");
                text.push_str(line);
            }
        }
        text.push('\n');
        for reply in replies {
            text.push_str(&format!("{reply}\n"));
        }
    }
    text
}

fn action(line: &str) -> Result<Action, String> {
    let line = line.trim();
    let step = match line.starts_with("(later ") {
        true => line.to_owned(),
        false => format!("> {line}"),
    };
    let Transcript { steps, .. } = parse(&step)?;
    let mut steps = steps.into_iter();
    let step = steps.next().ok_or("nothing is said")?;
    Ok(step.action)
}
