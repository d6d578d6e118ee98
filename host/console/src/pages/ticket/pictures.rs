//! Pictures that the patron sent: blurred until somebody wants to see one (d4). No script is needed
//! for that, and nothing but a person decides what is looked at.

use callslip_core::ids::InboundId;
use callslip_engine::desk::{Item, PictureHead, PictureState};
use maud::{Markup, html};

use super::{Shown, id, path};
use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// One picture, to who may see its ticket.
pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let text = visit.place(1).parse().map(InboundId);
    let place = visit.place(2).parse::<u32>();
    let (Ok(text), Ok(place)) = (text, place) else {
        return Err(Refusal::Nothing);
    };
    let desk = visit.desk();
    let jpeg = desk
        .picture(&visit.actor()?, id(visit)?, text, place)
        .await?;
    Ok(Answer::picture(jpeg))
}

/// Under the words that they came with.
pub(super) fn under(shown: &Shown, item: &Item) -> Markup {
    let these: Vec<&PictureHead> = shown
        .pictures
        .iter()
        .filter(|picture| picture.text == item.turn)
        .collect();
    html! {
        @for picture in these {
            @match picture.state {
                PictureState::Kept => (kept(shown, picture)),
                PictureState::Waiting | PictureState::Leased => {
                    p.quiet { "A picture is being fetched" }
                },
                PictureState::Refused => {
                    p.quiet {
                        "A picture or file that is not shown"
                        @if let Some(reason) = &picture.reason { ": " (reason) }
                    }
                },
            }
        }
    }
}

fn kept(shown: &Shown, picture: &PictureHead) -> Markup {
    let row = &shown.view.row;
    let (text, place) = (picture.text, picture.place);
    let name = format!("picture-{text}-{place}");
    let source = format!("{}/pictures/{text}/{place}", path(row.ticket));
    let alt = format!("Picture from {}", row.alias);
    html! {
        div.picture {
            input type="checkbox" id=(name);
            label for=(name) { "Show the picture clearly" }
            img src=(source) alt=(alt) loading="lazy" width="320";
        }
    }
}
