//! People with an account: links, sessions, roles, the log, and what they switch off.

use std::sync::Arc;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::flow::{Manifest, Plugin};
use callslip_core::grants::Capability;
use callslip_core::ids::{KeywordId, LibraryId, StaffId, TicketId};
use callslip_core::snapshot::{FaultNote, Outcome, Via};
use callslip_core::staff::Role;
use callslip_store::staff::{
    AuditPage, Author, NewAccount, Note, PasswordHash, PluginId, StaffChange, StaffCommit,
    StaffCommitted, StaffRefused, Switching, TokenHash, TotpSecret,
};
use callslip_store::{StaffReader, StaffStore};

use super::Fixture;
use super::bench::{Bench, NOW, messages, wait};

const HOUR: Duration = Duration::from_secs(60 * 60);

struct Desk(Arc<dyn StaffStore>);

impl Desk {
    fn new<F: Fixture>(fixture: &F) -> Desk {
        Desk(fixture.staff())
    }

    fn reader(&self) -> Box<dyn StaffReader> {
        self.0.staff_reader().unwrap()
    }

    fn commit(&self, commit: StaffCommit) -> StaffCommitted {
        wait(|done| self.0.staff_commit(commit, done)).unwrap()
    }

    fn change(&self, change: StaffChange) -> StaffCommitted {
        self.commit(StaffCommit {
            now: NOW,
            by: author(),
            change,
            note: None,
        })
    }

    fn refused(&self, change: StaffChange) -> StaffRefused {
        match self.change(change) {
            StaffCommitted::Refused(refused) => refused,
            StaffCommitted::Saved(staff) => panic!("saved {staff:?}"),
        }
    }

    fn saved(&self, change: StaffChange) -> Option<StaffId> {
        match self.change(change) {
            StaffCommitted::Saved(staff) => staff,
            StaffCommitted::Refused(refused) => panic!("{refused:?}"),
        }
    }

    /// The first account: operator, and owner of Bayside.
    fn first(&self) -> StaffId {
        self.saved(StaffChange::OfferFirst {
            link: token(1),
            expires: NOW + HOUR,
        });
        self.saved(make_first(token(1))).unwrap()
    }

    fn add(&self, name: &str, roles: &[(&str, Role)], link: u8) -> StaffId {
        let roles = roles
            .iter()
            .map(|(library, role)| (LibraryId::from(*library), *role));
        let account = NewAccount {
            id: name.into(),
            name: name.to_owned(),
            shown: name.to_uppercase(),
            operator: false,
            roles: roles.collect(),
        };
        self.saved(StaffChange::Add {
            account,
            link: token(link),
            expires: NOW + HOUR,
        })
        .unwrap()
    }

    fn sign_in(&self, staff: &StaffId, session: u8) {
        self.saved(StaffChange::SignIn {
            staff: staff.clone(),
            session: token(session),
            expires: NOW + HOUR,
            totp_step: None,
        });
    }

    fn is_in(&self, session: u8, now: At) -> bool {
        let found = self.reader().session(&token(session), now).unwrap();
        found.is_some()
    }
}

fn author() -> Author {
    Author {
        staff: None,
        name: "the test".to_owned(),
    }
}

fn token(of: u8) -> TokenHash {
    TokenHash([of; 32])
}

fn password(words: &str) -> PasswordHash {
    PasswordHash(words.to_owned())
}

fn make_first(link: TokenHash) -> StaffChange {
    StaffChange::MakeFirst {
        link,
        account: NewAccount {
            id: "m1".into(),
            name: "maria".to_owned(),
            shown: "Maria".to_owned(),
            operator: true,
            roles: vec![("bayside".into(), Role::Owner)],
        },
        password: password("$first"),
    }
}

pub(crate) fn the_first_account_is_made_by_its_link_and_once<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    assert!(desk.reader().nobody_yet().unwrap());
    for link in [1, 2] {
        desk.saved(StaffChange::OfferFirst {
            link: token(link),
            expires: NOW + HOUR,
        });
    }
    // Of two starts the later one's link holds.
    assert_eq!(desk.refused(make_first(token(1))), StaffRefused::LinkGone);
    assert!(
        desk.reader()
            .link(&token(2), NOW)
            .unwrap()
            .unwrap()
            .staff
            .is_none()
    );
    let maria = desk.saved(make_first(token(2))).unwrap();
    assert!(!desk.reader().nobody_yet().unwrap());
    let account = desk.reader().account("maria").unwrap().unwrap();
    assert_eq!(account.staff.id, maria);
    assert!(account.staff.operator);
    assert_eq!(
        account.staff.roles[&LibraryId::from("bayside")],
        Role::Owner
    );
    assert_eq!(account.password, Some(password("$first")));
    assert_eq!(account.made, NOW);
    assert_eq!(desk.refused(make_first(token(2))), StaffRefused::NotFirst);
    let again = StaffChange::OfferFirst {
        link: token(3),
        expires: NOW + HOUR,
    };
    assert_eq!(desk.refused(again), StaffRefused::NotFirst);

    let crashed = fixture.after_a_crash();
    assert!(
        Desk::new(&crashed)
            .reader()
            .account("maria")
            .unwrap()
            .is_some()
    );
}

pub(crate) fn d5_a_link_works_once_and_not_for_ever<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let maria = desk.first();
    let jo = desk.add("jo", &[("bayside", Role::Staff)], 10);
    assert_eq!(desk.reader().account("jo").unwrap().unwrap().password, None);
    assert!(
        desk.reader()
            .link(&token(10), NOW + HOUR)
            .unwrap()
            .is_none()
    );
    let link = desk.reader().link(&token(10), NOW).unwrap().unwrap();
    assert_eq!(link.staff.unwrap().id, jo);
    let reset = |link: u8| StaffChange::Reset {
        link: token(link),
        password: password("$jo"),
    };
    let mut late = StaffCommit {
        now: NOW + HOUR,
        by: author(),
        change: reset(10),
        note: None,
    };
    let gone = StaffCommitted::Refused(StaffRefused::LinkGone);
    assert_eq!(desk.commit(late.clone()), gone);
    late.now = NOW;
    assert_eq!(
        desk.commit(late.clone()),
        StaffCommitted::Saved(Some(jo.clone()))
    );
    assert_eq!(desk.commit(late), gone, "once");

    for link in [11, 12] {
        desk.saved(StaffChange::OfferReset {
            staff: maria.clone(),
            link: token(link),
            expires: NOW + HOUR,
        });
    }
    assert_eq!(
        desk.refused(reset(11)),
        StaffRefused::LinkGone,
        "a later one holds"
    );
    assert_eq!(desk.refused(make_first(token(12))), StaffRefused::NotFirst);
    assert_eq!(desk.saved(reset(12)), Some(maria));
}

pub(crate) fn a_session_lasts_until_it_expires_or_is_ended<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let maria = desk.first();
    desk.sign_in(&maria, 20);
    let (account, session) = desk.reader().session(&token(20), NOW).unwrap().unwrap();
    assert_eq!((account.staff.id, session.began), (maria.clone(), NOW));
    assert!(!desk.is_in(20, NOW + HOUR));
    desk.saved(StaffChange::Seen {
        session: token(20),
        expires: NOW + HOUR + HOUR,
    });
    assert!(desk.is_in(20, NOW + HOUR));
    desk.sign_in(&maria, 21);
    desk.saved(StaffChange::SignOut { session: token(20) });
    assert!(!desk.is_in(20, NOW) && desk.is_in(21, NOW));
    desk.sign_in(&maria, 22);
    desk.saved(StaffChange::SignOutEverywhere {
        staff: maria.clone(),
    });
    assert!(!desk.is_in(21, NOW) && !desk.is_in(22, NOW));
    // More than a person has devices: the oldest go.
    for session in 30..60 {
        desk.sign_in(&maria, session);
    }
    assert_eq!(desk.reader().sessions(&maria, NOW).unwrap().len(), 20);
}

pub(crate) fn a_new_password_signs_out_everywhere_else<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let maria = desk.first();
    desk.sign_in(&maria, 20);
    desk.sign_in(&maria, 21);
    desk.saved(StaffChange::Password {
        staff: maria.clone(),
        password: password("$new"),
        keep: token(21),
    });
    assert!(!desk.is_in(20, NOW) && desk.is_in(21, NOW));
    desk.saved(StaffChange::Totp {
        staff: maria.clone(),
        secret: Some((TotpSecret(vec![7; 20]), 100)),
        keep: token(21),
    });
    desk.saved(StaffChange::OfferReset {
        staff: maria.clone(),
        link: token(30),
        expires: NOW + HOUR,
    });
    assert!(
        desk.is_in(21, NOW),
        "a link that is not used changes nothing"
    );
    desk.saved(StaffChange::Reset {
        link: token(30),
        password: password("$reset"),
    });
    assert!(!desk.is_in(21, NOW));
    let account = desk.reader().account_of(&maria).unwrap().unwrap();
    assert_eq!(
        (account.password, account.totp),
        (Some(password("$reset")), None)
    );
}

pub(crate) fn a_second_step_s_code_is_taken_once<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let maria = desk.first();
    desk.saved(StaffChange::Totp {
        staff: maria.clone(),
        secret: Some((TotpSecret(vec![7; 20]), 100)),
        keep: token(21),
    });
    let account = desk.reader().account("maria").unwrap().unwrap();
    assert_eq!(account.totp, Some(TotpSecret(vec![7; 20])));
    let sign_in = |session: u8, step: i64| StaffChange::SignIn {
        staff: maria.clone(),
        session: token(session),
        expires: NOW + HOUR,
        totp_step: Some(step),
    };
    assert_eq!(desk.refused(sign_in(20, 100)), StaffRefused::CodeUsed);
    desk.saved(sign_in(21, 101));
    assert_eq!(desk.refused(sign_in(22, 101)), StaffRefused::CodeUsed);
    assert_eq!(desk.refused(sign_in(22, 99)), StaffRefused::CodeUsed);
    assert!(!desk.is_in(22, NOW));
    let (account, _) = desk.reader().session(&token(21), NOW).unwrap().unwrap();
    assert!(account.totp.is_some());
}

pub(crate) fn roles_are_given_and_taken_and_one_owner_stays<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let maria = desk.first();
    let jo = desk.add("jo", &[("bayside", Role::Staff)], 10);
    let role = |staff: &StaffId, library: &str, role: Option<Role>| StaffChange::Role {
        staff: staff.clone(),
        library: library.into(),
        role,
    };
    for less in [None, Some(Role::Admin)] {
        let refused = desk.refused(role(&maria, "bayside", less));
        assert_eq!(refused, StaffRefused::LastOne, "{less:?}");
    }
    desk.saved(role(&jo, "bayside", Some(Role::Owner)));
    desk.saved(role(&jo, "maple", Some(Role::ReadOnly)));
    desk.saved(role(&maria, "bayside", None));
    let jo_now = desk.reader().account_of(&jo).unwrap().unwrap().staff;
    assert_eq!(jo_now.roles.len(), 2);
    assert_eq!(jo_now.roles[&LibraryId::from("maple")], Role::ReadOnly);
    let of_bayside = desk.reader().staff_of(&"bayside".into()).unwrap();
    assert_eq!(of_bayside, [jo_now]);
    assert_eq!(
        desk.refused(role(&StaffId::from("nobody"), "maple", Some(Role::Staff))),
        StaffRefused::NoSuchAccount
    );
    let names: Vec<String> = desk
        .reader()
        .accounts()
        .unwrap()
        .into_iter()
        .map(|account| account.staff.name)
        .collect();
    assert_eq!(names, ["jo", "maria"]);
}

pub(crate) fn who_is_disabled_is_out_at_once<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let maria = desk.first();
    let jo = desk.add("jo", &[("bayside", Role::Staff)], 10);
    desk.sign_in(&jo, 20);
    desk.saved(StaffChange::Disable { staff: jo.clone() });
    assert!(!desk.is_in(20, NOW));
    assert!(desk.reader().link(&token(10), NOW).unwrap().is_none());
    assert_eq!(
        desk.reader().account("jo").unwrap().unwrap().disabled,
        Some(NOW)
    );
    desk.saved(StaffChange::Enable { staff: jo.clone() });
    desk.sign_in(&jo, 21);
    assert!(desk.is_in(21, NOW));
    let last = desk.refused(StaffChange::Disable {
        staff: maria.clone(),
    });
    assert_eq!(last, StaffRefused::LastOne, "the last operator");
}

pub(crate) fn the_log_is_read_by_library_from_its_end<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let maria = desk.first();
    for (library, about) in [
        (Some("bayside"), "one"),
        (None, "two"),
        (Some("maple"), "three"),
        (Some("bayside"), "four"),
    ] {
        desk.commit(StaffCommit {
            now: NOW,
            by: Author {
                staff: Some(maria.clone()),
                name: "Maria".to_owned(),
            },
            change: StaffChange::Noted,
            note: Some(Note {
                library: library.map(LibraryId::from),
                what: "revealed".to_owned(),
                about: about.to_owned(),
            }),
        });
    }
    let read = |libraries: &[&str], machine: bool, before: Option<i64>, max: usize| {
        let page = AuditPage {
            libraries: libraries.iter().map(|id| LibraryId::from(*id)).collect(),
            machine,
            people: Vec::new(),
            before,
            max,
        };
        desk.reader().audit(&page).unwrap()
    };
    let about = |lines: Vec<callslip_store::staff::AuditLine>| -> Vec<String> {
        lines.into_iter().map(|line| line.about).collect()
    };
    assert_eq!(about(read(&["bayside"], false, None, 9)), ["four", "one"]);
    assert_eq!(
        about(read(&["bayside", "maple"], true, None, 3)),
        ["four", "three", "two"]
    );
    assert_eq!(about(read(&[], false, None, 9)), [""; 0]);
    // What people did with their accounts stands under no library.
    let of_people = |people: &[StaffId], machine: bool| {
        let page = AuditPage {
            libraries: vec!["bayside".into()],
            machine,
            people: people.to_vec(),
            before: None,
            max: 9,
        };
        about(desk.reader().audit(&page).unwrap())
    };
    let own = of_people(std::slice::from_ref(&maria), false);
    assert_eq!(own, ["four", "two", "one"]);
    assert_eq!(of_people(&["jo".into()], false), ["four", "one"]);
    assert_eq!(
        of_people(std::slice::from_ref(&maria), true),
        own,
        "each once"
    );
    let lines = read(&["bayside", "maple"], true, None, 2);
    let last = lines.last().unwrap();
    assert_eq!(last.library, Some("maple".into()));
    assert_eq!(
        (last.staff.clone(), last.who.as_str(), last.at),
        (Some(maria), "Maria", NOW)
    );
    assert_eq!(
        about(read(&["bayside", "maple"], true, Some(last.id), 2)),
        ["two", "one"]
    );
}

pub(crate) fn c1_a_switch_stays_until_it_is_put_back<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let bayside = LibraryId::from("bayside");
    let off = |told: &str| {
        StaffChange::Switch(Switching::KeywordOff {
            library: "bayside".into(),
            keyword: "hours".into(),
            told: told.to_owned(),
        })
    };
    desk.saved(off("Closed."));
    desk.saved(off("Closed for now."));
    desk.saved(StaffChange::Switch(Switching::Closed {
        library: bayside.clone(),
        date: "2030-03-17".to_owned(),
        because: "Snow".to_owned(),
    }));
    desk.saved(StaffChange::Switch(Switching::Outage {
        library: bayside.clone(),
        told: "Our systems are down.".to_owned(),
    }));
    let crashed = fixture.after_a_crash();
    let switches = Desk::new(&crashed).reader().switches().unwrap();
    let keyword = (bayside.clone(), "hours".into());
    assert_eq!(switches.keywords_off[&keyword].told, "Closed for now.");
    assert_eq!(switches.keywords_off[&keyword].by, "the test");
    assert_eq!(switches.closed[&bayside].date, "2030-03-17");
    assert_eq!(switches.closed[&bayside].because, "Snow");
    assert_eq!(switches.outages[&bayside].since, NOW);

    for back in [
        Switching::KeywordOn {
            library: bayside.clone(),
            keyword: "hours".into(),
        },
        Switching::Opened {
            library: bayside.clone(),
        },
        Switching::OutageOver { library: bayside },
    ] {
        desk.saved(StaffChange::Switch(back));
    }
    assert_eq!(desk.reader().switches().unwrap(), Default::default());
}

pub(crate) fn what_is_refused_leaves_nothing<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    desk.first();
    let taken = StaffCommit {
        now: NOW,
        by: author(),
        change: StaffChange::Add {
            account: NewAccount {
                id: "m1".into(),
                name: "maria".to_owned(),
                shown: "Another".to_owned(),
                operator: false,
                roles: Vec::new(),
            },
            link: token(40),
            expires: NOW + HOUR,
        },
        note: Some(Note {
            library: None,
            what: "added".to_owned(),
            about: "maria".to_owned(),
        }),
    };
    let refused = StaffCommitted::Refused(StaffRefused::NameTaken);
    assert_eq!(desk.commit(taken), refused);
    assert!(desk.reader().link(&token(40), NOW).unwrap().is_none());
    let page = AuditPage {
        libraries: Vec::new(),
        machine: true,
        people: Vec::new(),
        before: None,
        max: 9,
    };
    assert!(desk.reader().audit(&page).unwrap().is_empty());
    assert_eq!(
        desk.reader().account("maria").unwrap().unwrap().staff.shown,
        "Maria"
    );
}

pub(crate) fn plugins_come_are_installed_and_withdrawn<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let plugin = |digest: &str| Plugin {
        manifest: Manifest {
            name: "events".to_owned(),
            version: "1.0.0".to_owned(),
            summary: "Says what is on".to_owned(),
            settings_schema: "{}".to_owned(),
            reserved_answers: Vec::new(),
        },
        digest: digest.into(),
        needs: vec![Capability::Lists],
    };
    let offer = |owner: Option<&str>, digest: &str| StaffChange::OfferPlugin {
        owner: owner.map(LibraryId::from),
        plugin: plugin(digest),
        bytes: digest.as_bytes().to_vec(),
    };
    let id = |owner: Option<&str>| PluginId {
        owner: owner.map(LibraryId::from),
        name: "events".to_owned(),
        version: "1.0.0".to_owned(),
    };
    let reader = || fixture.store().reader().unwrap();
    let all = || desk.reader().plugins().unwrap();
    desk.saved(offer(Some("bayside"), "aa"));
    // Looked at: a later file takes its place.
    desk.saved(offer(Some("bayside"), "bb"));
    desk.saved(offer(None, "cc"));
    assert_eq!(all().len(), 2);
    let own = &all()[1];
    assert_eq!((own.id.clone(), own.size), (id(Some("bayside")), 2));
    assert_eq!(own.needs, [Capability::Lists]);
    assert_eq!(own.flow().key(), "bayside/events@1.0.0");
    assert!(!own.is_there());
    desk.saved(StaffChange::InstallPlugin(id(Some("bayside"))));
    assert!(all()[1].is_there());
    assert!(!all()[0].is_there(), "the machine's is another");
    let taken = desk.refused(offer(Some("bayside"), "dd"));
    assert_eq!(taken, StaffRefused::VersionTaken);
    // Maple has none, and the machine's was never installed.
    for none in [
        StaffChange::InstallPlugin(id(Some("maple"))),
        StaffChange::WithdrawPlugin(id(None)),
    ] {
        assert_eq!(desk.refused(none), StaffRefused::NoSuchPlugin);
    }
    desk.saved(StaffChange::WithdrawPlugin(id(Some("bayside"))));
    assert!(!all()[1].is_there());
    desk.saved(StaffChange::InstallPlugin(id(Some("bayside"))));
    assert!(all()[1].is_there());
    // What was only looked at goes after a day; what was installed stays.
    desk.commit(StaffCommit {
        now: NOW + HOUR * 25,
        by: author(),
        change: offer(Some("maple"), "ee"),
        note: None,
    });
    assert_eq!(all().len(), 2);
    assert!(reader().component(&"aa".into()).unwrap().is_none());
    assert!(reader().component(&"cc".into()).unwrap().is_none());
    assert_eq!(
        reader().component(&"bb".into()).unwrap().as_deref(),
        Some(&b"bb"[..])
    );
}

pub(crate) fn what_admins_look_at_is_counted_and_kept_apart<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let bench = Bench::new(fixture.store());
    let bayside = LibraryId::from("bayside");
    for (number, body, reason, library) in [
        ("+15557654401", "parking", "unmatched", "bayside"),
        ("+15557654402", "parkin", "near-miss", "bayside"),
        ("+15557654403", "HOURS", "keyword", "bayside"),
        ("+15557654404", "toilets", "unmatched", "maple"),
    ] {
        let text = bench.text(number, body);
        let mut turn = bench.turn(&text);
        turn.verdict.library = Some(library.into());
        turn.verdict.reason = reason.to_owned();
        if reason == "keyword" {
            turn.messages = messages(&text, &["Open."], Via::Outbox);
            turn.faults = vec![FaultNote {
                log: vec!["a line".to_owned()],
                is_the_flow_s: true,
                flow: "hours".to_owned(),
                digest: "00".into(),
                cause: "it loops".to_owned(),
                logged: "it loops".to_owned(),
            }];
        }
        bench.saved(turn);
    }
    let found = desk.reader().unmatched(&bayside, NOW, 10).unwrap();
    let bodies: Vec<&str> = found.iter().map(|text| text.body.as_str()).collect();
    assert_eq!(bodies, ["parkin", "parking"]);
    assert!(
        desk.reader()
            .unmatched(&bayside, NOW + HOUR, 10)
            .unwrap()
            .is_empty()
    );
    let traffic = desk.reader().traffic(NOW).unwrap();
    assert_eq!(traffic.len(), 1);
    assert_eq!(
        (traffic[0].texts, traffic[0].messages, traffic[0].failed),
        (4, 1, 0)
    );
    assert_eq!(traffic[0].last_text, Some(NOW));
    assert!(desk.reader().traffic(NOW + HOUR).unwrap().is_empty());
    let faults = desk.reader().faults(NOW).unwrap();
    assert_eq!(faults.len(), 1);
    assert_eq!((faults[0].flow.as_str(), faults[0].count), ("hours", 1));
    assert_eq!(faults[0].cause, "it loops");
    let lines = |of: &[&str]| {
        let of: Vec<LibraryId> = of.iter().map(|id| LibraryId::from(*id)).collect();
        desk.reader().last_faults(&of, 20).unwrap()
    };
    let shown = lines(&["maple", "bayside"]);
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].log.as_str(), shown[0].at), ("a line", NOW));
    assert_eq!(lines(&["maple"]), []);

    let ignore = |ignored| StaffChange::Ignore {
        library: "bayside".into(),
        key: "ab12".to_owned(),
        ignored,
    };
    desk.saved(ignore(true));
    desk.saved(ignore(true));
    assert_eq!(desk.reader().ignored(&bayside).unwrap(), ["ab12"]);
    assert!(desk.reader().ignored(&"maple".into()).unwrap().is_empty());
    desk.saved(ignore(false));
    assert!(desk.reader().ignored(&bayside).unwrap().is_empty());
}

pub(crate) fn a14_an_answer_soon_followed_by_a_wish_for_a_person_did_not_help<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let bench = Bench::new(fixture.store());
    let minutes = |minutes: u64| NOW + Duration::from_secs(60 * minutes);
    let came = |number: &str, body: &str, at: At, reason: &str, ticketed: bool| {
        let text = bench.text_at(number, body, at);
        let mut turn = bench.turn(&text);
        turn.verdict.library = Some("bayside".into());
        turn.verdict.reason = reason.to_owned();
        turn.verdict.keyword = (reason == "keyword").then(|| "hours".into());
        turn.verdict.outcome = match ticketed {
            true => Outcome::Ticketed,
            false => Outcome::Answered,
        };
        turn.verdict.ticket = ticketed.then_some(TicketId(text.id.0));
        bench.saved(turn);
    };
    let (one, two, three, four) = (
        "+15557654401",
        "+15557654402",
        "+15557654403",
        "+15557654404",
    );
    came(one, "HOURS", NOW, "keyword", false);
    came(one, "no I meant the pool", minutes(4), "correction", true);
    came(two, "hours?", NOW, "keyword", false);
    came(two, "ASK", minutes(6), "ask", true);
    came(three, "open?", NOW, "keyword", false);
    came(three, "hourz", minutes(1), "near-miss", false);
    came(four, "ukuleles", minutes(1), "unmatched", true);
    came(four, "and drums", minutes(2), "unmatched", true);
    let misled = |library: &str, since: At| {
        let soon = Duration::from_secs(5 * 60);
        let found = desk.reader().misled(&library.into(), since, soon, 10);
        found.unwrap()
    };
    let found = misled("bayside", NOW);
    assert_eq!(found.len(), 1, "{found:?}");
    let one = &found[0];
    assert_eq!(
        (
            &*one.keyword.0,
            one.asked.as_deref(),
            one.then.as_str(),
            one.ticket.is_some(),
            one.at
        ),
        (
            "hours",
            Some("HOURS"),
            "no I meant the pool",
            true,
            minutes(4)
        )
    );
    assert!(misled("maple", NOW).is_empty());
    assert!(misled("bayside", minutes(5)).is_empty());
}

pub(crate) fn c6_a_removed_keyword_leaves_its_words_and_what_they_say<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let make = |toml: &str, over: Option<i64>| StaffChange::MakeKeyword {
        library: "bayside".into(),
        keyword: "parking".into(),
        toml: Some(toml.to_owned()),
        over,
    };
    let toml = "[[keyword]]\nword = \"PARKING\"\naliases = [\"CARS\", { word = \"COCHES\", language = \
                \"es\" }]\nmatch = \"any-word\"\nflow = \"auto-reply\"\n";
    desk.saved(make(toml, None));
    let latest = || {
        let reader = desk.reader();
        let versions = reader.versions(&"bayside".into(), &"parking".into(), 10);
        versions.unwrap()[0].clone()
    };
    let remove = |over| StaffChange::RemoveKeyword {
        library: "bayside".into(),
        keyword: "parking".into(),
        closing: "It is a garden now.".to_owned(),
        over,
    };
    let first = latest().version;
    let refused = desk.change(remove(first + 1));
    assert_eq!(refused, StaffCommitted::Refused(StaffRefused::Newer));
    assert!(desk.reader().switches().unwrap().gone.is_empty());
    desk.saved(remove(first));
    assert!(desk.reader().made_keywords().unwrap().is_empty());
    assert_eq!(latest().closing.as_deref(), Some("It is a garden now."));
    let gone = desk.reader().switches().unwrap().gone;
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0].words, ["PARKING", "CARS", "COCHES"]);
    assert_eq!(gone[0].rule.name(), "any-word");
    assert_eq!(
        (gone[0].since, gone[0].told.as_str()),
        (NOW, "It is a garden now.")
    );
    desk.saved(make(toml, None));
    assert!(
        desk.reader().switches().unwrap().gone.is_empty(),
        "it is back"
    );
}

pub(crate) fn a_keyword_of_the_console_keeps_its_versions<F: Fixture>() {
    let fixture = F::new();
    let desk = Desk::new(&fixture);
    let (bayside, parking) = (LibraryId::from("bayside"), KeywordId::from("parking"));
    let make = |toml: Option<&str>, over: Option<i64>| StaffChange::MakeKeyword {
        library: "bayside".into(),
        keyword: "parking".into(),
        toml: toml.map(str::to_owned),
        over,
    };
    desk.saved(make(Some("one"), None));
    assert_eq!(desk.refused(make(Some("two"), None)), StaffRefused::Newer);
    let first = desk.reader().made_keywords().unwrap()[0].version;
    desk.saved(make(Some("two"), Some(first)));
    assert_eq!(
        desk.refused(make(Some("three"), Some(first))),
        StaffRefused::Newer
    );
    let now = desk.reader().made_keywords().unwrap();
    assert_eq!(now.len(), 1);
    assert_eq!(
        (now[0].toml.as_deref(), now[0].by.as_str(), now[0].at),
        (Some("two"), "the test", NOW)
    );
    desk.saved(make(None, Some(now[0].version)));
    assert!(desk.reader().made_keywords().unwrap().is_empty());
    // One that is gone can be made again, and what was is known.
    desk.saved(make(Some("four"), None));
    let versions = desk.reader().versions(&bayside, &parking, 10).unwrap();
    let toml: Vec<Option<&str>> = versions.iter().map(|made| made.toml.as_deref()).collect();
    assert_eq!(toml, [Some("four"), None, Some("two"), Some("one")]);
    let crashed = fixture.after_a_crash();
    assert_eq!(
        Desk::new(&crashed).reader().made_keywords().unwrap().len(),
        1
    );
}
