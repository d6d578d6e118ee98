//! What is around every page: title, way about, messages, and the page for what went wrong.

use callslip_core::staff::Action;
use maud::{DOCTYPE, Markup, html};

use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// Where one is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Here {
    Home,
    Queue,
    Answers,
    Keywords,
    Unmatched,
    Numbers,
    Lists,
    Reports,
    Messages,
    Plugins,
    Staff,
    Leaves,
    Log,
    Account,
    /// Before sign-in, or nowhere.
    Outside,
}

const WAYS: &[(Here, &str, &str, Option<Action>)] = &[
    (Here::Home, "/", "Today", None),
    (Here::Queue, "/queue", "Queue", Some(Action::SeeTexts)),
    (Here::Answers, "/answers", "Answers", Some(Action::SeeTexts)),
    (
        Here::Keywords,
        "/keywords",
        "Keywords",
        Some(Action::SeeKeywords),
    ),
    (
        Here::Unmatched,
        "/unmatched",
        "Unmatched",
        Some(Action::SeeTexts),
    ),
    (
        Here::Numbers,
        "/numbers",
        "Numbers",
        Some(Action::SeeNumbers),
    ),
    (Here::Lists, "/lists", "Lists", Some(Action::SeeLists)),
    (
        Here::Reports,
        "/reports",
        "Reports",
        Some(Action::SeeDelivery),
    ),
    (
        Here::Messages,
        "/messages",
        "Messages",
        Some(Action::SeeDelivery),
    ),
    (
        Here::Plugins,
        "/plugins",
        "Plugins",
        Some(Action::SeePlugins),
    ),
    (Here::Staff, "/staff", "Staff", Some(Action::SeeStaff)),
    (Here::Log, "/audit", "Log", Some(Action::SeeAudit)),
    (
        Here::Leaves,
        "/leaves",
        "Privacy",
        Some(Action::SeeKeywords),
    ),
];

/// What a page looks up again keeps what is typed and opened in it: an answer that is a refusal, or
/// none at all, changes nothing of it, and `console.js` says so.
pub(crate) fn page(visit: &Visit, here: Here, title: &str, body: &Markup) -> Answer {
    Answer::page(whole(Some(visit), here, title, None, body))
}

/// A page that shows the desk as it was after this change; what comes later is told to it.
pub(crate) fn page_from(visit: &Visit, here: Here, title: &str, seq: i64, body: &Markup) -> Answer {
    Answer::page(whole(Some(visit), here, title, Some(seq), body))
}

/// For people who are not signed in, whoever looks.
pub(crate) fn bare(visit: &Visit, title: &str, body: &Markup) -> Answer {
    Answer::page(whole(Some(visit), Here::Outside, title, None, body))
}

fn whole(
    visit: Option<&Visit>,
    here: Here,
    title: &str,
    seq: Option<i64>,
    body: &Markup,
) -> Markup {
    let assets = visit.map(|visit| &visit.shared.assets);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) " - Callslip" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                @if let Some(assets) = assets {
                    meta name="htmx-config" content=r#"{"includeIndicatorCSS":false,"extensions":"sse","history":false,"noSwap":[204,304,"4xx","5xx"],"morphIgnore":["data-htmx-powered","open"]}"#;
                    link rel="icon" href=(assets.icon.path) type="image/svg+xml";
                    link rel="stylesheet" href=(assets.style.path);
                    script src=(assets.htmx.path) defer {}
                    script src=(assets.sse.path) defer {}
                    script src=(assets.script.path) defer {}
                }
            }
            body {
                a.skip href="#main" { "Skip to the page" }
                @if visit.is_some_and(|visit| visit.shared.about().is_training) {
                    p.training role="note" {
                        strong { "Training." }
                        " Patrons are played on the phone page; nothing here leaves this machine."
                    }
                }
                (header(visit, here))
                @if visit.is_some_and(listens) { (listening(seq)) }
                main #main tabindex="-1" {
                    @if let Some(done) = visit.and_then(done) {
                        p.done role="status" { (done) }
                    }
                    (body)
                }
                p.unseen #live role="status" aria-live="polite" {}
                p.unseen #alarm role="alert" {}
                p #trouble role="status" aria-live="polite" {}
                (shortcuts())
            }
        }
    }
}

fn header(visit: Option<&Visit>, here: Here) -> Markup {
    let who = visit.and_then(|visit| Some((visit, visit.who.as_ref()?)));
    html! {
        header.top {
            a.brand href="/" { "Callslip" }
            @if let Some((visit, who)) = who {
                nav aria-label="Console" {
                    ul {
                        @for (at, path, name, _) in WAYS.iter().filter(|way| leads(visit, way.3)) {
                            li {
                                a href=(path) aria-current=[(*at == here).then_some("page")] {
                                    (name)
                                    @if *at == Here::Queue { (waiting()) }
                                }
                            }
                        }
                    }
                }
                a.me href="/account" aria-current=[(here == Here::Account).then_some("page")] {
                    span.unseen { "Your account: " } (who.account.staff.shown)
                }
            }
        }
    }
}

/// How many wait, looked up when the page is there and when the queue has changed.
fn waiting() -> Markup {
    html! {
        span #waiting hx-get="/waiting" hx-swap="innerHTML" hx-select="#waiting > *"
            hx-trigger="load, queue from:body delay:150ms" {}
    }
}

/// Who sees texts hears of new ones on every page.
fn listens(visit: &Visit) -> bool {
    visit.who.is_some() && visit.may_somewhere(Action::SeeTexts).is_ok()
}

fn listening(seq: Option<i64>) -> Markup {
    let path = match seq {
        Some(seq) => format!("/events?after={seq}"),
        None => "/events".to_owned(),
    };
    html! {
        div #events hidden hx-sse:connect=(path)
            hx-config="sse.pauseOnBackground:false, sse.reconnectMaxDelay:5000" {}
    }
}

fn leads(visit: &Visit, action: Option<Action>) -> bool {
    action.is_none_or(|action| visit.may_somewhere(action).is_ok())
}

/// What a form that sent one here has done. The address holds a name, never words.
fn done(visit: &Visit) -> Option<&'static str> {
    Some(match visit.asked.query("done")? {
        "keyword-off" => "The keyword is off. Patrons get its closing sentence from now on.",
        "keyword-on" => "The keyword is on.",
        "keyword-made" => "The keyword is on the air.",
        "keyword-changed" => "The keyword is changed, and answers so from now on.",
        "keyword-removed" => "The keyword is removed. Whoever texts its word is told so.",
        "plugin-installed" => "The plugin is installed. Nothing that runs has changed.",
        "plugin-withdrawn" => "The plugin is withdrawn.",
        "closed" => "The library is closed today: flows, the desk and patrons are told so.",
        "opened" => "The library has its usual hours today.",
        "outage" => "The outage is on: no flow runs, and texts go to people.",
        "outage-over" => "The outage is over: flows answer again.",
        "password" => "Your password is changed. You are signed out everywhere else.",
        "email" => "Your address for notices is saved.",
        "second-step" => "Your second step is set up. You are signed out everywhere else.",
        "second-step-removed" => "Your second step is removed.",
        "answer" => "The answer is saved.",
        "answer-removed" => "The answer is removed.",
        "topic" => "Its people are saved.",
        "test-text" => "It is on its way. This page says what becomes of it.",
        "sent-again" => "It goes out again, as this message.",
        "poster-made" => "The mark is given: print its poster now.",
        "poster-gone" => "The mark counts no more.",
        "counter-ended" => "The link shows nothing any more.",
        "ignored" => "The group is not shown any more.",
        "shown-again" => "The group is shown again.",
        "role" => "The role is changed.",
        "signed-out" => "Signed out everywhere.",
        "disabled" => "The account is switched off and signed out.",
        "enabled" => "The account is switched on.",
        "set" => "Your password is set. Sign in with it.",
        _ => return None,
    })
}

/// What `?` shows. A dialog, so that closing it and where the focus goes is the browser's work.
fn shortcuts() -> Markup {
    const KEYS: &[(&str, &str)] = &[
        ("?", "This list"),
        ("g t", "Today"),
        ("g q", "Queue"),
        ("g k", "Keywords"),
        ("j k", "Next and previous question in the queue"),
        ("c", "Claim the question"),
        ("r", "To the reply box"),
        ("Ctrl Enter", "Send the reply"),
        ("/", "Search"),
        ("Esc", "Out of a field or of this list"),
    ];
    html! {
        dialog #keys aria-labelledby="keys-title" {
            h2 #keys-title { "Keys" }
            dl {
                @for (key, what) in KEYS {
                    div { dt { kbd { (key) } } dd { (what) } }
                }
            }
            label.switch { input #keys-on type="checkbox" checked; " Single keys do this" }
            form method="dialog" { button { "Close" } }
        }
    }
}

/// A page for what went wrong.
pub(crate) fn refused(visit: Option<&Visit>, refusal: &Refusal) -> Answer {
    let back = match refusal {
        Refusal::SignIn => ("/sign-in", "Sign in"),
        Refusal::SecondStep => ("/account/second-step", "Set it up"),
        _ => ("/", "To the first page"),
    };
    let body = html! {
        h1 { (refusal.title()) }
        p { (refusal.told()) }
        p { a href=(back.0) { (back.1) } }
    };
    Answer::page(whole(visit, Here::Outside, refusal.title(), None, &body))
        .with_status(refusal.status())
}
