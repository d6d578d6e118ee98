//! What a flow asks outside: the run ends, and runs again with the answer (ENGINEERING 3).

use callslip_core::flow::{Effects, Fault, FlowOutput};
use callslip_core::outside::{Answer, Ask, Failure, Method};
use callslip_runtime::{Limits, Ran};

use crate::world::{Library, all_grants, flow, input, started};

fn run(library: &mut Library, orders: &str) -> Ran {
    flow("outsider")
        .run(
            &all_grants(),
            &input(started(orders)),
            library,
            &Limits::default(),
        )
        .expect("the host did its part")
}

fn said(output: &FlowOutput) -> Vec<String> {
    let texts = output.messages.iter();
    let lines = texts.flat_map(|message| message.text.lines().map(String::from));
    lines.collect()
}

fn get(url: &str) -> Ask {
    Ask::Fetch {
        method: Method::Get,
        url: url.to_owned(),
        headers: Vec::new(),
        body: String::new(),
    }
}

fn page(body: &str) -> Answer {
    Answer::Response {
        status: 200,
        headers: Vec::new(),
        body: body.to_owned(),
    }
}

const URL: &str = "https://api.example.org/x";

#[test]
fn e2_a_run_ends_where_it_asks_and_goes_on_with_the_answer() {
    let mut library = Library::default();
    let orders = format!("add seats; get {URL}; get {URL}; try card");
    let ran = run(&mut library, &orders);
    assert_eq!(ran.result, Err(Fault::Waits(Box::new(get(URL)))));
    assert_eq!(
        ran.effects,
        Effects::default(),
        "what it did so far it does again"
    );
    library.answers.push((get(URL), page("one")));
    // The same again is another call.
    let ran = run(&mut library, &orders);
    assert_eq!(ran.result, Err(Fault::Waits(Box::new(get(URL)))));
    library.answers.push((get(URL), page("two")));
    let subject = "card".to_owned();
    let ask = Ask::Try { subject };
    assert_eq!(
        run(&mut library, &orders).result,
        Err(Fault::Waits(Box::new(ask.clone())))
    );
    library.answers.push((ask, Answer::Room(true)));
    let ran = run(&mut library, &orders);
    let lines = said(ran.result.as_ref().expect("it has all answers"));
    assert_eq!(
        lines,
        ["Added::Now(1)", "\"200 one\"", "\"200 two\"", "true"]
    );
    assert_eq!(ran.effects.writes.len(), 1);
}

#[test]
fn what_is_not_granted_is_refused_without_asking() {
    let mut library = Library::default();
    let ran = run(
        &mut library,
        "get https://other.example.org/; get http://169.254.169.254/latest; calendar https://api.example.org/; \
         sip2 other.example.org:6001 9900302.00; get file:///etc/passwd",
    );
    let lines = said(&ran.result.expect("refusals are values"));
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("refused: Failure::Refused")),
        "{lines:#?}"
    );
    assert!(
        lines[0].contains("not-granted") || lines[0].contains("NotGranted"),
        "{}",
        lines[0]
    );
}

#[test]
fn invariant_13_a_turn_asks_four_times_and_no_more() {
    let mut library = Library::default();
    let orders = vec![format!("get {URL}"); 6].join("; ");
    for body in ["1", "2", "3", "4"] {
        assert!(run(&mut library, &orders).result.is_err());
        library.answers.push((get(URL), page(body)));
    }
    let lines = said(&run(&mut library, &orders).result.expect("it goes on"));
    assert_eq!(lines.len(), 6);
    assert!(lines[4].contains("4 times a turn at most"), "{}", lines[4]);
}

#[test]
fn a_failure_is_a_value_that_the_flow_can_go_on_with() {
    for (failure, shown) in [
        (Failure::Unreachable("gone".to_owned()), "Unreachable"),
        (Failure::TooLong, "TooLong"),
        (Failure::Unclear, "Unclear"),
        (Failure::Unreadable("odd".to_owned()), "Unreadable"),
    ] {
        let mut library = Library::default();
        library.answers.push((get(URL), Answer::Failed(failure)));
        let lines = said(
            &run(&mut library, &format!("get {URL}"))
                .result
                .expect("it goes on"),
        );
        assert!(lines[0].contains(shown), "{}", lines[0]);
    }
}

#[test]
fn e4_a_secret_stands_sealed_and_in_no_list() {
    let mut library = Library::default();
    let ran = run(
        &mut library,
        "seal card 2900112233; unseal card; keys; unseal pin",
    );
    let lines = said(ran.result.as_ref().expect("it is kept"));
    assert_eq!(lines, ["()", "Some(\"2900112233\")", "0", "None"]);
    let written = format!("{:?}", ran.effects.writes);
    assert!(!written.contains("2900112233"), "{written}");
    assert!(written.contains("sealed/card"), "{written}");
}

#[test]
fn a_flow_learns_whether_a_number_is_the_patrons_a_few_times() {
    let orders = ["mine +15557654321", "mine +15550000000"].join("; ");
    let orders = vec![orders; 3].join("; ");
    let lines = said(
        &run(&mut Library::default(), &orders)
            .result
            .expect("it is told"),
    );
    assert_eq!(lines[..5], ["true", "false", "true", "false", "true"]);
    assert!(lines[5].contains("5 numbers"), "{}", lines[5]);
}
