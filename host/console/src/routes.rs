//! Every page and every form, by who may ask. The door looks here before anything is run, so that
//! no page can forget to.

use std::future::Future;
use std::pin::Pin;

use callslip_core::staff::Action;
use http::Method;

use crate::answer::Answer;
use crate::live;
use crate::pages::reach::{counter, poster, reports, results, sources};
use crate::pages::ticket::{acts, agreed, guests, help, patron, pictures, reminders, reply};
use crate::pages::{
    account, answers, audit, broadcasts, files, first, guide, home, keywords, leaves, link, lists,
    made, messages, moments, numbers, people, plugins, queue, reached, search, sign_in, study,
    ticket, unmatched,
};
use crate::refusal::Refusal;
use crate::visit::Visit;

pub(crate) type Going<'a> = Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + Send + 'a>>;
pub(crate) type Handler = fn(&Visit) -> Going<'_>;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Anybody.
    Nothing,
    /// Whoever is signed in.
    Account,
    /// Who runs the machine.
    Operator,
    /// Who may do this in some library; the page shows of each what they may.
    Somewhere(Action),
    /// Who may do this in the library that the path's first place names.
    Library(Action),
    /// Who may do this in the library of the ticket that the path's first place names.
    Ticket(Action),
    /// Who may do this in the library of the message that the path's first place names.
    Message(Action),
}

pub(crate) struct Route {
    pub(crate) method: Method,
    /// With a `*` for each place.
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    pub(crate) handler: Handler,
}

impl Route {
    /// The others take forms alone, which are small.
    pub(crate) fn takes_file(&self) -> bool {
        let ends = ["/plugins", "/import"];
        self.method == Method::POST && ends.iter().any(|end| self.path.ends_with(end))
    }
}

macro_rules! routes {
    ($($method:ident $path:literal $needs:expr => $handler:path;)*) => {
        &[$(Route {
            method: Method::$method,
            path: $path,
            needs: $needs,
            handler: {
                fn go(visit: &Visit) -> Going<'_> {
                    Box::pin($handler(visit))
                }
                go
            },
        }),*]
    };
}

use Action::{
    Answer as Answers, Broadcast, InstallPlugins, Invite, ManageDesk, ManageStaff, Reveal,
    SeeAudit, SeeDelivery, SeeKeywords, SeeLists, SeeNumbers, SeePlugins, SeeStaff, SeeTexts,
    SendAgain, Switch, TakeForStudy,
};
use Needs::{Account, Library, Message, Nothing, Operator, Somewhere, Ticket};

pub(crate) static ALL: &[Route] = routes! {
    // Anybody.
    GET  "/sign-in" Nothing => sign_in::show;
    POST "/sign-in" Nothing => sign_in::send;
    POST "/sign-in/code" Nothing => sign_in::code;
    GET  "/first/*" Nothing => first::show;
    POST "/first/*" Nothing => first::send;
    GET  "/link/*" Nothing => link::show;
    POST "/link/*" Nothing => link::send;
    GET  "/counter/*" Nothing => counter::public;
    GET  "/counter/*/moves" Nothing => counter::public_moves;
    // Whoever has an account.
    GET  "/" Account => home::show;
    POST "/sign-out" Account => account::sign_out;
    GET  "/account" Account => account::show;
    POST "/account/password" Account => account::password;
    POST "/account/email" Account => reached::save;
    POST "/account/sign-out-everywhere" Account => account::sign_out_everywhere;
    GET  "/account/second-step" Account => account::second_step;
    POST "/account/second-step" Account => account::set_second_step;
    POST "/account/second-step/remove" Account => account::remove_second_step;
    // Where people answer.
    GET  "/queue" Somewhere(SeeTexts) => queue::show;
    GET  "/events" Somewhere(SeeTexts) => live::events;
    GET  "/waiting" Somewhere(SeeTexts) => queue::waiting;
    GET  "/tickets/*" Ticket(SeeTexts) => ticket::show;
    GET  "/tickets/*/pictures/*/*" Ticket(SeeTexts) => pictures::show;
    POST "/tickets/*/look" Ticket(SeeTexts) => acts::look;
    POST "/tickets/*/claim" Ticket(Answers) => acts::claim;
    POST "/tickets/*/release" Ticket(Answers) => acts::release;
    POST "/tickets/*/hand-over" Ticket(Answers) => acts::hand_over;
    POST "/tickets/*/close" Ticket(Answers) => acts::close;
    POST "/tickets/*/reopen" Ticket(Answers) => acts::reopen;
    POST "/tickets/*/snooze" Ticket(Answers) => acts::snooze;
    POST "/tickets/*/topic" Ticket(Answers) => acts::topic;
    POST "/tickets/*/note" Ticket(Answers) => acts::note;
    POST "/tickets/*/draft" Ticket(Answers) => reply::draft;
    POST "/tickets/*/save" Ticket(Answers) => reply::save_draft;
    POST "/tickets/*/insert" Ticket(Answers) => reply::insert;
    POST "/tickets/*/reply" Ticket(Answers) => reply::send;
    POST "/tickets/*/take-back" Ticket(Answers) => reply::take_back;
    POST "/tickets/*/start" Ticket(Answers) => help::start;
    POST "/tickets/*/remind" Ticket(Answers) => reminders::set;
    POST "/tickets/*/reminder" Ticket(Answers) => reminders::change;
    POST "/tickets/*/wrong" Ticket(Answers) => help::wrong;
    POST "/tickets/*/agreed" Ticket(Answers) => agreed::keep;
    POST "/tickets/*/write-first" Ticket(Answers) => agreed::write_first;
    POST "/tickets/*/guest" Ticket(Answers) => guests::invite;
    POST "/tickets/*/guest/over" Ticket(Answers) => guests::part;
    POST "/tickets/*/split" Ticket(Answers) => help::split;
    POST "/tickets/*/move" Ticket(Answers) => help::move_there;
    POST "/tickets/*/prefer" Ticket(Answers) => patron::prefer;
    POST "/tickets/*/answered" Ticket(Answers) => patron::answered;
    POST "/tickets/*/mute" Ticket(Answers) => patron::mute;
    POST "/tickets/*/unmute" Ticket(Answers) => patron::unmute;
    POST "/tickets/*/opt-out" Ticket(Answers) => patron::opt_out;
    POST "/tickets/*/undo" Ticket(Answers) => patron::undo;
    POST "/tickets/*/reveal" Ticket(Reveal) => patron::reveal;
    GET  "/search" Somewhere(SeeTexts) => search::show;
    POST "/search" Somewhere(SeeTexts) => search::send;
    GET  "/reminders" Somewhere(SeeTexts) => moments::show;
    GET  "/answers" Somewhere(SeeTexts) => answers::list;
    GET  "/libraries/*/answers" Library(ManageDesk) => answers::show;
    POST "/libraries/*/answers" Library(ManageDesk) => answers::save;
    POST "/libraries/*/answers/remove" Library(ManageDesk) => answers::remove;
    GET  "/libraries/*/topics" Library(ManageDesk) => answers::topics;
    POST "/libraries/*/topics" Library(ManageDesk) => answers::set_topic;
    // What runs.
    GET  "/keywords" Somewhere(SeeKeywords) => keywords::list;
    GET  "/libraries/*/keywords/*" Library(SeeKeywords) => keywords::show;
    GET  "/libraries/*/keywords" Library(ManageDesk) => made::new;
    POST "/libraries/*/keywords" Library(ManageDesk) => made::save;
    POST "/libraries/*/preview" Library(ManageDesk) => made::preview::play;
    GET  "/libraries/*/keywords/*/edit" Library(ManageDesk) => made::edit;
    POST "/libraries/*/keywords/*/edit" Library(ManageDesk) => made::save;
    POST "/libraries/*/keywords/*/remove" Library(ManageDesk) => made::remove;
    POST "/libraries/*/keywords/*/version" Library(ManageDesk) => made::bring_back;
    POST "/libraries/*/keywords/*/alias" Library(ManageDesk) => made::alias;
    GET  "/libraries/*/export" Library(SeeKeywords) => made::export;
    GET  "/libraries/*/check" Library(ManageDesk) => made::check;
    POST "/libraries/*/files" Library(Switch) => files::read_again;
    GET  "/guide" Somewhere(Switch) => guide::show;
    POST "/libraries/*/off" Library(Switch) => keywords::off;
    POST "/libraries/*/keywords/*/on" Library(Switch) => keywords::on;
    POST "/libraries/*/closed" Library(Switch) => home::close;
    POST "/libraries/*/opened" Library(Switch) => home::open;
    POST "/libraries/*/outage" Library(Switch) => home::outage;
    POST "/libraries/*/outage/over" Library(Switch) => home::outage_over;
    // Reaching people, and what came of it.
    GET  "/libraries/*/keywords/*/poster" Library(SeeKeywords) => poster::show;
    POST "/libraries/*/keywords/*/poster" Library(ManageDesk) => poster::make;
    POST "/libraries/*/keywords/*/poster/gone" Library(ManageDesk) => poster::gone;
    GET  "/libraries/*/keywords/*/poster/png" Library(SeeKeywords) => poster::png;
    GET  "/libraries/*/keywords/*/poster/pdf" Library(SeeKeywords) => poster::pdf;
    GET  "/libraries/*/keywords/*/counter" Library(SeeDelivery) => counter::show;
    POST "/libraries/*/keywords/*/counter" Library(ManageDesk) => counter::offer;
    POST "/libraries/*/keywords/*/counter/end" Library(ManageDesk) => counter::end;
    GET  "/libraries/*/keywords/*/counter/moves" Library(SeeDelivery) => counter::moves;
    GET  "/libraries/*/keywords/*/results" Library(SeeDelivery) => results::show;
    GET  "/libraries/*/keywords/*/results/csv" Library(SeeDelivery) => results::table;
    GET  "/libraries/*/sources" Library(SeeDelivery) => sources::show;
    GET  "/libraries/*/sources/csv" Library(SeeDelivery) => sources::table;
    GET  "/reports" Somewhere(SeeDelivery) => reports::show;
    GET  "/libraries/*/reports/*/csv" Library(SeeDelivery) => reports::table;
    GET  "/libraries/*/reports/pdf" Library(SeeDelivery) => reports::pdf;
    GET  "/numbers" Somewhere(SeeNumbers) => numbers::show;
    GET  "/numbers/*/registration" Somewhere(SeeNumbers) => numbers::registration;
    POST "/numbers/*/test" Somewhere(Switch) => numbers::test::send;
    GET  "/lists" Somewhere(SeeLists) => lists::show;
    GET  "/libraries/*/lists/*" Library(Invite) => lists::one::show;
    POST "/libraries/*/lists/*/import" Library(Invite) => lists::one::import;
    POST "/libraries/*/lists/*/members" Library(Invite) => lists::one::members;
    GET  "/broadcasts" Somewhere(SeeLists) => broadcasts::list;
    GET  "/libraries/*/broadcasts" Library(Broadcast) => broadcasts::form;
    POST "/libraries/*/broadcasts" Library(Broadcast) => broadcasts::create;
    GET  "/libraries/*/broadcasts/*" Library(SeeLists) => broadcasts::show;
    POST "/libraries/*/broadcasts/*/test" Library(Broadcast) => broadcasts::test;
    POST "/libraries/*/broadcasts/*/send" Library(Broadcast) => broadcasts::send;
    POST "/libraries/*/broadcasts/*/approve" Library(Broadcast) => broadcasts::approve;
    POST "/libraries/*/broadcasts/*/pause" Library(Broadcast) => broadcasts::pause;
    POST "/libraries/*/broadcasts/*/resume" Library(Broadcast) => broadcasts::resume;
    POST "/libraries/*/broadcasts/*/cancel" Library(Broadcast) => broadcasts::cancel;
    GET  "/messages" Somewhere(SeeDelivery) => messages::list;
    GET  "/messages/*" Message(SeeDelivery) => messages::show;
    POST "/messages/*/again" Message(SendAgain) => messages::again;
    GET  "/plugins" Somewhere(SeePlugins) => plugins::show;
    POST "/plugins" Operator => plugins::one::offer;
    GET  "/plugins/*/*" Somewhere(SeePlugins) => plugins::one::show;
    POST "/plugins/*/*/install" Operator => plugins::one::install;
    POST "/plugins/*/*/withdraw" Operator => plugins::one::withdraw;
    POST "/libraries/*/plugins" Library(InstallPlugins) => plugins::one::offer;
    GET  "/libraries/*/plugins/*/*" Library(SeePlugins) => plugins::one::show;
    POST "/libraries/*/plugins/*/*/install" Library(InstallPlugins) => plugins::one::install;
    POST "/libraries/*/plugins/*/*/withdraw" Library(InstallPlugins) => plugins::one::withdraw;
    GET  "/leaves" Somewhere(SeeKeywords) => leaves::show;
    POST "/libraries/*/study" Library(TakeForStudy) => study::take;
    GET  "/unmatched" Somewhere(SeeTexts) => unmatched::show;
    GET  "/libraries/*/unmatched/*" Library(SeeTexts) => unmatched::group;
    POST "/libraries/*/unmatched/*/ignore" Library(ManageDesk) => unmatched::ignore;
    POST "/libraries/*/unmatched/*/show" Library(ManageDesk) => unmatched::show_again;
    // People.
    GET  "/staff" Somewhere(SeeStaff) => people::list;
    GET  "/libraries/*/staff" Library(ManageStaff) => people::new;
    POST "/libraries/*/staff" Library(ManageStaff) => people::add;
    POST "/libraries/*/staff/*/role" Library(ManageStaff) => people::role;
    POST "/staff/*/link" Somewhere(ManageStaff) => people::offer_link;
    POST "/staff/*/sign-out" Somewhere(ManageStaff) => people::sign_out;
    POST "/staff/*/disable" Somewhere(ManageStaff) => people::disable;
    POST "/staff/*/enable" Somewhere(ManageStaff) => people::enable;
    GET  "/audit" Somewhere(SeeAudit) => audit::show;
};

/// What a path means: the routes that have it, by method, and what stands in its places.
pub(crate) fn find(path: &str) -> Option<(Vec<&'static Route>, Vec<String>)> {
    let asked: Vec<&str> = path.split('/').collect();
    let mut found: Vec<&'static Route> = Vec::new();
    let mut places = Vec::new();
    for route in ALL {
        if let Some(these) = fit(route.path, &asked) {
            places = these;
            found.push(route);
        }
    }
    (!found.is_empty()).then_some((found, places))
}

fn fit(pattern: &str, asked: &[&str]) -> Option<Vec<String>> {
    let pattern: Vec<&str> = pattern.split('/').collect();
    if pattern.len() != asked.len() {
        return None;
    }
    let mut places = Vec::new();
    for (part, asked) in pattern.iter().zip(asked) {
        match *part {
            "*" if !asked.is_empty() => places.push(crate::asked::unescaped(asked)?),
            part if part == *asked => {}
            _ => return None,
        }
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_with_what_stands_in_its_places() {
        let (routes, places) = find("/libraries/bayside/keywords/caf%C3%A9/on").unwrap();
        assert_eq!(places, ["bayside", "café"]);
        assert_eq!(routes.len(), 1);
        assert_eq!(find("/account").unwrap().0.len(), 1);
        assert_eq!(find("/sign-in").unwrap().0.len(), 2);
        for path in [
            "/nothing",
            "/libraries//keywords/x",
            "/account/",
            "",
            "/first/a/b",
        ] {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn no_two_routes_are_one() {
        for (index, route) in ALL.iter().enumerate() {
            let other = ALL[..index]
                .iter()
                .find(|other| other.method == route.method && other.path == route.path);
            assert!(other.is_none(), "{} {}", route.method, route.path);
        }
    }

    #[test]
    fn what_changes_something_is_not_read() {
        for route in ALL {
            assert!(
                [Method::GET, Method::POST].contains(&route.method),
                "{}",
                route.path
            );
        }
    }
}
