//! What is done with one question's texts and its box, asked as a librarian's browser asks.

use callslip_core::ids::TicketId;
use callslip_core::staff::Role;
use callslip_engine::desk::{Actor, Right};

use super::desk::{claimed, hidden, send};
use super::site::{Answer, Site, Visitor};

const PATRON: &str = "+15557654321";

async fn jo(site: &Site) -> Visitor<'_> {
    site.signed_in("jo", false, &[("bayside", Role::Staff)])
        .await
}

/// The forms that lead to `act`, each from its `<form` to its end.
fn forms<'a>(page: &'a Answer, act: &str) -> Vec<&'a str> {
    let action = format!("/{act}\">");
    let parts = page.body.split("<form ").skip(1);
    let forms = parts.filter_map(|part| part.split_once("</form>").map(|(form, _)| form));
    forms.filter(|form| form.contains(&action)).collect()
}

fn value<'a>(form: &'a str, name: &str) -> &'a str {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = form.split_once(&start).unwrap();
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn d3_a_second_question_is_split_off_and_moved_back_by_the_pages_own_forms() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    let first = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    assert_eq!(site.text(PATRON, "and is there a choir?").await, first);
    let path = format!("/tickets/{first}");
    let page = jo.get(&path).await;
    let split = forms(&page, "split");
    assert_eq!(split.len(), 1, "the question itself is not split off");
    // The library has topics to tell them apart by, and none is needed.
    assert!(split[0].contains("Instruments"), "{}", split[0]);
    let text = value(split[0], "text").to_owned();
    let own: i64 = text.parse().unwrap();
    let own = TicketId(own);
    let apart = jo
        .post(&format!("{path}/split"), &[("text", &text), ("topic", "")])
        .await;
    apart.goes_to(&format!("/tickets/{own}"));
    let waiting = jo.get("/queue").await;
    waiting.says(&format!("/tickets/{first}"));
    waiting.says(&format!("/tickets/{own}"));

    // Back again, into the one that is offered.
    let page = jo.get(&format!("/tickets/{own}")).await;
    let moves = forms(&page, "move");
    let back = moves.iter().find(|form| value(form, "text") == text);
    assert!(
        back.unwrap().contains(&format!("value=\"{first}\"")),
        "{moves:?}"
    );
    let to = first.to_string();
    let fields = [("text", text.as_str()), ("to", &to)];
    jo.post(&format!("/tickets/{own}/move"), &fields)
        .await
        .goes_to(&path);
    jo.get("/queue").await.says_not(&format!("/tickets/{own}"));
    let nowhere = jo
        .post(&format!("{path}/move"), &[("text", &text), ("to", "999")])
        .await;
    assert_eq!(nowhere.status, 404);
    let nonsense = [("text", text.as_str()), ("topic", "nonsense")];
    let refused = jo.post(&format!("{path}/split"), &nonsense).await;
    assert_eq!(refused.status, 422);
}

#[tokio::test]
async fn d1_a_chosen_answer_joins_what_is_typed_and_is_kept_at_once() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let answer = [
        ("name", "Ukuleles"),
        ("body", "Ask at the desk of {library}."),
    ];
    ann.post("/libraries/bayside/answers", &answer)
        .await
        .goes_to("/answers?done=answer");
    let jo = jo(&site).await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    let page = claimed(&jo, ticket).await;
    let start = "name=\"use\" value=\"";
    let (_, rest) = page.body.split_once(start).expect("it is offered");
    let id = rest.split('"').next().unwrap();
    // As the box is sent: what was typed in the last moment is in it.
    let seen = hidden(&page, "seen").to_owned();
    let fields = [("seen", seen.as_str()), ("body", "Hello!"), ("use", id)];
    jo.post(&format!("{path}/insert"), &fields)
        .await
        .goes_to(&format!("{path}#box"));
    for _ in 0..2 {
        let page = jo.get(&path).await;
        page.says("Hello!\nAsk at the desk of Bayside");
        assert_eq!(page.body.matches("Ask at the desk of Bayside").count(), 2);
    }
    let gone = [("seen", seen.as_str()), ("body", "Hello!"), ("use", "999")];
    let gone = jo.post(&format!("{path}/insert"), &gone).await;
    assert_eq!(gone.status, 422);

    // A past answer comes by its own id, whatever else is said meanwhile.
    send(&jo, &page, ticket, "Yes, four ukuleles.").await;
    let next = site
        .text("+15557654322", "BAYSIDE any ukuleles to lend?")
        .await;
    let page = claimed(&jo, next).await;
    page.says_not("Answered before");
    // Looking for words brings the index up to date, which else happens now and then.
    jo.post("/search", &[("words", "ukuleles")])
        .await
        .says("four ukuleles");
    let page = jo.get(&format!("/tickets/{next}")).await;
    page.says("Answered before");
    let (_, rest) = page.body.split_once("name=\"past\" value=\"").unwrap();
    let past = rest.split('"').next().unwrap();
    let seen = hidden(&page, "seen").to_owned();
    let fields = [("seen", seen.as_str()), ("body", ""), ("past", past)];
    jo.post(&format!("/tickets/{next}/insert"), &fields).await;
    let page = jo.get(&format!("/tickets/{next}")).await;
    page.says("\nYes, four ukuleles.</textarea>");
    // Another library's people do not come by it.
    let maple = site
        .signed_in("mia", false, &[("maple", Role::Staff)])
        .await;
    let theirs = site
        .text("+15557654323", "MAPLE is the car park open?")
        .await;
    let page = claimed(&maple, theirs).await;
    let seen = hidden(&page, "seen").to_owned();
    let fields = [("seen", seen.as_str()), ("body", ""), ("past", past)];
    let refused = maple
        .post(&format!("/tickets/{theirs}/insert"), &fields)
        .await;
    assert_eq!(refused.status, 422);
}

#[tokio::test]
async fn d1_a_draft_is_saved_without_a_script_and_says_when_it_is_too_long() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    let page = claimed(&jo, ticket).await;
    page.says("formaction=\"/tickets/1/save\"");
    let seen = hidden(&page, "seen").to_owned();
    let save = async |act: &str, body: &str| {
        let fields = [("seen", seen.as_str()), ("body", body)];
        jo.post(&format!("{path}/{act}"), &fields).await
    };
    save("save", "Yes, four of them.")
        .await
        .goes_to(&format!("{path}#box"));
    jo.get(&path).await.says("Yes, four of them.</textarea>");
    let long = "a".repeat(4_812);
    let told = save("draft", &long).await;
    assert_eq!(told.status, 200);
    told.says("at most 4800 characters; this is 12 too long to send");
    jo.get(&path).await.says(&format!("{long}</textarea>"));
    let longer = "a".repeat(9_601);
    let told = save("draft", &longer).await;
    assert_eq!(told.status, 200);
    told.says("not kept either");
    let told = save("save", &longer).await;
    assert_eq!(told.status, 409);
    told.says(&format!("{longer}</textarea>"));
}

#[tokio::test]
async fn a8_danger_stands_first_in_words_and_on_the_question() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    site.text("+15557654322", "BAYSIDE is there a choir?").await;
    let ticket = site.text(PATRON, "BAYSIDE are you there?").await;
    let calm = jo.get("/queue").await;
    calm.says_not("Urgent");
    assert_eq!(site.text(PATRON, "I want to kill myself").await, ticket);
    let queue = jo.get("/queue").await;
    queue.says(">Urgent</span>");
    let (_, list) = queue.body.split_once("<ol class=\"queue\">").unwrap();
    let first = list.split("</li>").next().unwrap();
    assert!(
        first.contains(&format!("/tickets/{ticket}")) && first.contains("Urgent"),
        "{first}"
    );
    let page = jo.get(&format!("/tickets/{ticket}")).await;
    page.says("The patron wrote words of danger.");
    page.says("wrote words of danger</li>");
}

#[tokio::test]
async fn pages_of_the_desk_are_drawn_with_their_place_in_the_feed() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    jo.get("/queue").await.says("/events?after=0");
    site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    jo.get("/queue").await.says_not("/events?after=0");
}

#[tokio::test]
async fn a_flow_s_answer_is_marked_as_wrong_once_and_may_be_given_a_remark() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    site.text(PATRON, "BAYSIDE HOURS").await;
    let ticket = site.text(PATRON, "do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    let page = jo.get(&path).await;
    let text = value(forms(&page, "wrong")[0], "text").to_owned();
    jo.post(&format!("{path}/wrong"), &[("text", &text)])
        .await
        .goes_to(&path);
    let page = jo.get(&path).await;
    page.says("Marked as wrong");
    page.says_not("This answer was wrong");
    let remark = [("text", text.as_str()), ("remark", "Mondays are shorter")];
    jo.post(&format!("{path}/wrong"), &remark)
        .await
        .goes_to(&path);
    let actor = Actor::new("jo".into()).with("bayside".into(), Right::See);
    let desk = site.engine.desk();
    let marked = desk.wrong_answers(&actor, &"bayside".into()).await.unwrap();
    assert_eq!(marked.len(), 1);
    assert_eq!(marked[0].remark.as_deref(), Some("Mondays are shorter"));
}

#[tokio::test]
async fn b5_a_likely_opt_out_is_questioned_with_a_reason_and_staff_opt_out_who_says_so() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Admin)])
        .await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    claimed(&jo, ticket).await.says("Opt this patron out");
    site.text(PATRON, "please stop texting me").await;
    let page = jo.get(&path).await;
    page.says("They did not mean it");
    page.says_not("<textarea id=\"body\"");
    let empty = jo.post(&format!("{path}/undo"), &[("why", "")]).await;
    assert_eq!(empty.status, 409);
    empty.says("Give a reason");
    jo.post(&format!("{path}/undo"), &[("why", "Meant the notices")])
        .await
        .goes_to(&path);
    let page = jo.get(&path).await;
    page.says("A colleague has questioned it");
    page.says("opt-out questioned by you: Meant the notices");
    send(&jo, &page, ticket, "Only this one answer.")
        .await
        .goes_to(&format!("{path}#box"));
    // A plain STOP is not theirs to question.
    site.text(PATRON, "START").await;
    site.text(PATRON, "STOP").await;
    let page = jo.get(&path).await;
    page.says("has stopped all texts");
    page.says_not("They did not mean it");
    let refused = jo.post(&format!("{path}/undo"), &[("why", "Surely")]).await;
    assert_eq!(refused.status, 409);
    refused.says("only they can take that back");

    let other = site.text("+15557654322", "BAYSIDE is there a choir?").await;
    let path = format!("/tickets/{other}");
    jo.post(
        &format!("{path}/opt-out"),
        &[("why", "Said so at the desk")],
    )
    .await
    .goes_to(&path);
    let page = jo.get(&path).await;
    page.says("opted out by you: Said so at the desk");
    claimed(&jo, other)
        .await
        .says("has stopped texts from this library");
    let log = jo.get("/audit").await;
    log.says("opted a patron out");
    log.says("questioned a patron's opt-out");
}

#[tokio::test]
async fn a_reply_waits_for_its_moment_is_shown_and_is_stopped() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Staff)])
        .await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    let page = claimed(&jo, ticket).await;
    let later = async |moment: &str| {
        let fields = [
            ("fence", hidden(&page, "fence")),
            ("send", hidden(&page, "send")),
            ("seen", hidden(&page, "seen")),
            ("body", "Yes, from tomorrow on."),
            ("then", "later"),
            ("later", moment),
        ];
        jo.post(&format!("{path}/reply"), &fields).await
    };
    for (moment, status) in [
        ("", 422),
        ("soon", 422),
        ("2031-05-06T09:00", 409),
        ("2031-07-06T09:00", 409),
    ] {
        let refused = later(moment).await;
        assert_eq!(refused.status, status, "{moment}");
    }
    // By the library's clock: 13:00Z.
    later("2031-05-07T09:00")
        .await
        .goes_to(&format!("{path}#box"));
    let page = ann.get(&path).await;
    page.says("tomorrow 09:00");
    page.says("2031-05-07T13:00:00Z");
    page.says("Do not send it");
    let stop = forms(&page, "take-back")[0];
    let send = value(stop, "send").to_owned();
    ann.post(&format!("{path}/take-back"), &[("send", &send)])
        .await
        .goes_to(&path);
    ann.get(&path).await.says_not("Do not send it");
}

#[tokio::test]
async fn after_send_and_close_comes_the_next_that_waits() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    let first = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    site.pass(std::time::Duration::from_secs(60));
    let next = site.text("+15557654322", "BAYSIDE is there a choir?").await;
    let close = async |ticket: TicketId| {
        let page = claimed(&jo, ticket).await;
        let fields = [
            ("fence", hidden(&page, "fence")),
            ("send", hidden(&page, "send")),
            ("seen", hidden(&page, "seen")),
            ("body", "Yes."),
            ("then", "close"),
        ];
        jo.post(&format!("/tickets/{ticket}/reply"), &fields).await
    };
    let there = format!("/tickets/{next}?sent={first}");
    close(first).await.goes_to(&there);
    let page = jo.get(&there).await;
    page.says("is there a choir?");
    page.says("and closed.");
    let back = forms(&page, "take-back")[0];
    let send = value(back, "send").to_owned();
    let back = jo
        .post(&format!("/tickets/{first}/take-back"), &[("send", &send)])
        .await;
    back.goes_to(&format!("/tickets/{first}"));
    jo.get(&format!("/tickets/{first}"))
        .await
        .says("Yes.</textarea>");
    jo.post(&format!("/tickets/{first}/close"), &[("reason", "other")])
        .await;
    close(next).await.goes_to(&format!("/queue?sent={next}"));
    jo.get(&format!("/queue?sent={next}"))
        .await
        .says("and closed.");
}

#[tokio::test]
async fn remarks_stand_in_the_history_and_one_puts_aside_until_a_day_of_one_s_own() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    let aside = [
        ("until", "own"),
        ("at", "2031-06-02T12:30"),
        ("remark", "Back from the binder then"),
    ];
    jo.post(&format!("{path}/snooze"), &aside)
        .await
        .goes_to(&path);
    jo.get(&path)
        .await
        .says("put aside by you: Back from the binder then");
    jo.get("/queue?show=snoozed").await.says("27 days");
    for at in ["", "2031-05-06T09:59", "2035-01-01T09:00"] {
        let own = [("until", "own"), ("at", at)];
        let answer = jo.post(&format!("{path}/snooze"), &own).await;
        assert!([409, 422].contains(&answer.status), "{at}");
    }
    let close = [("reason", "elsewhere"), ("remark", "Called her")];
    jo.post(&format!("{path}/close"), &close)
        .await
        .goes_to(&path);
    jo.get(&path)
        .await
        .says("closed by you: Answered by a call, by e-mail or at the desk: Called her");
}

#[tokio::test]
async fn d3_the_threads_of_one_patron_are_told_apart() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    site.text(PATRON, "BAYSIDE HOURS").await;
    let first = site.text(PATRON, "do you lend ukuleles?").await;
    site.text(PATRON, "and another thing: the choir").await;
    let page = jo.get(&format!("/tickets/{first}")).await;
    let text = value(forms(&page, "split").last().unwrap(), "text").to_owned();
    let fields = [("text", text.as_str()), ("topic", "rooms")];
    jo.post(&format!("/tickets/{first}/split"), &fields)
        .await
        .goes_to(&format!("/tickets/{text}"));
    let page = jo.get(&format!("/tickets/{first}")).await;
    page.says("<h2>This question</h2>");
    page.says(&format!("href=\"/tickets/{text}#turn-{text}\""));
    page.says("Rooms");
    let other = jo.get(&format!("/tickets/{text}")).await;
    other.says(&format!("href=\"/tickets/{first}#turn-"));
    // The card beside is looked up again with the rest.
    let (_, live) = page.body.split_once("id=\"ticket\"").unwrap();
    assert!(live.contains("<aside"));
}

#[tokio::test]
async fn my_topics_are_a_filter_and_a_tag_and_a_library_is_one() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let both = [("bayside", Role::Staff), ("maple", Role::Staff)];
    let jo = site.signed_in("jo", false, &both).await;
    let people = [("topic", "instruments"), ("who-id-of-jo", "1")];
    ann.post("/libraries/bayside/topics", &people)
        .await
        .goes_to("/libraries/bayside/topics?done=topic");
    let stranger = [("topic", "nothing"), ("who-id-of-jo", "1")];
    let refused = ann.post("/libraries/bayside/topics", &stranger).await;
    assert_eq!(refused.status, 422);
    site.text(PATRON, "BAYSIDE an accordion?").await;
    site.text("+15557654322", "BAYSIDE is there a choir?").await;
    site.text("+15557654323", "MAPLE is the car park open?")
        .await;
    let all = jo.get("/queue").await;
    for words in ["accordion", "choir", "car park", "For you", "Instruments"] {
        all.says(words);
    }
    assert_eq!(all.body.matches("For you").count(), 1);
    let mine = jo.get("/queue?show=known").await;
    mine.says("accordion");
    mine.says_not("choir");
    ann.get("/queue?show=known")
        .await
        .says("Nobody waits on a topic of yours");
    let maple = jo.get("/queue?library=maple").await;
    maple.says("car park");
    maple.says_not("choir");
    maple.says("hx-get=\"/queue?show=waiting&amp;library=maple\"");
    // Another's library is not there.
    ann.get("/queue?library=maple").await.says_not("car park");
}
