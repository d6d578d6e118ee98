//! A patron's loans, renewals, holds and fines, from the library's own system.
//!
//! Whoever typed the card's PIN in this conversation has shown who they are. All others, whose
//! card was known to the phone, read a number out of a text before anything is changed, since a
//! sender can be forged; and so does everybody before a hold, which may cost (g2).

use callslip::prelude::*;

mod cards;
mod desk;
mod ils;
mod koha;
mod sip2;
mod wish;

use cards::Failed;
use desk::Desk;

callslip::messages!();

/// What an admin sets: `koha` or `sip2`.
#[derive(Settings)]
struct Renew {
    /// Koha, by its REST API. The credentials stand in the grant.
    koha: Option<KohaSettings>,
    /// Any other system, by SIP2.
    sip2: Option<Sip2Settings>,
    /// Where holds are fetched, by the system's code of the branch. Holds are placed only when it is set.
    #[setting(example = "MAIN", max_length = 30)]
    pickup: Option<String>,
    /// Let in without a PIN whose number is the one that the library has on file.
    #[setting(default = true)]
    by_number: bool,
}

#[derive(Settings)]
struct KohaSettings {
    /// Where its API answers.
    #[setting(example = "https://koha.example.org", min_length = 1)]
    address: String,
    /// What stands before an amount.
    #[setting(default = "$", max_length = 5)]
    currency: String,
}

#[derive(Settings)]
struct Sip2Settings {
    /// Host and port, as the grant names them.
    #[setting(example = "ils.example.org:6001", min_length = 1)]
    server: String,
    /// The institution's id in the system.
    #[setting(default = "", max_length = 40)]
    institution: String,
}

/// Renews, holds and tells what is due, from the library's own system.
#[callslip::flow(answers("ALL", "LIST", "HOLDS", "HOLD", "CARD", "DROP", "DONE", "PERSON"))]
async fn renew(talk: Talk, settings: Renew) -> Outcome {
    let pickup = settings.pickup.as_deref().unwrap_or_default();
    let desk = Desk {
        talk: &talk,
        say: Messages::for_language(talk.language()),
        by_number: settings.by_number,
        holds: !pickup.is_empty(),
    };
    let ended = match (&settings.koha, &settings.sip2) {
        (Some(koha), _) => {
            let ils = koha::Koha {
                talk: &talk,
                base: &koha.address,
                currency: &koha.currency,
                pickup,
            };
            desk.serve(&ils).await
        }
        (None, Some(sip2)) => {
            let ils = sip2::Sip2 {
                talk: &talk,
                server: &sip2.server,
                institution: &sip2.institution,
                pickup,
            };
            desk.serve(&ils).await
        }
        (None, None) => {
            return Err(Stop::Failed(
                "settings: neither koha nor sip2 is set".to_owned(),
            ));
        }
    };
    match ended {
        Ok(end) => Ok(end),
        Err(Failed::Stop(stop)) => Err(stop),
        Err(Failed::Outside(failure)) => {
            talk.say(desk.say.down());
            talk.hand_off(
                None,
                format!("The library system could not be asked: {failure}."),
            )
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
callslip::transcripts!(renew);
