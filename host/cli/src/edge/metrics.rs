//! `/metrics`: counts and times for Prometheus, on an address of their own (f6). For this machine
//! alone: what a proxy has passed on, or what names another host, is refused.
//!
//! There is nobody in it: no phone, no text, no library and no keyword (invariant 11).

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use callslip_engine::{BOUNDS, Engine, Spread};
use http::{Method, Request, StatusCode};

use super::phone::is_for_this_machine;
use super::reply::Reply;
use super::web::Web;

/// As Prometheus' text format calls itself.
const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) struct Metrics {
    engine: Engine,
    web: Arc<Web>,
}

impl Metrics {
    pub(super) fn new(engine: Engine, web: Arc<Web>) -> Metrics {
        Metrics { engine, web }
    }

    pub(super) async fn respond(&self, request: Request<Bytes>) -> Reply {
        if !is_for_this_machine(&request) {
            let text = "Metrics are for programs on this machine, asked by its own address and by no proxy.\n";
            return Reply::plain(StatusCode::FORBIDDEN, text);
        }
        if request.uri().path() != "/metrics" {
            return Reply::not_found();
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Reply::only(&[Method::GET, Method::HEAD]);
        }
        let store = Arc::clone(self.engine.store());
        let counted = tokio::task::spawn_blocking(move || store.reader()?.counts()).await;
        let counts = counted.ok().and_then(Result::ok);
        Reply::bytes(StatusCode::OK, KIND, self.page(counts).into_bytes())
    }

    fn page(&self, counts: Option<callslip_store::Counts>) -> String {
        let figures = self.engine.figures();
        let refusals = self.web.refusals();
        let mut page = Page::default();
        page.gauge(
            "callslip_ready",
            "1 while a text would be taken.",
            u64::from(
                counts.is_some() && self.engine.not_saving().is_none() && !self.engine.full(),
            ),
        );
        page.gauge(
            "callslip_texts_under_way",
            "Texts accepted and not finished.",
            self.engine.under_way() as u64,
        );
        if let Some(counts) = counts {
            page.gauge(
                "callslip_texts_waiting",
                "Texts in the store whose turn is not done.",
                counts.texts_waiting,
            );
            page.gauge(
                "callslip_messages_waiting",
                "Messages that wait to be handed over.",
                counts.messages_waiting,
            );
            page.gauge(
                "callslip_messages_unclear",
                "Messages of which nobody knows whether they went out.",
                counts.messages_unclear,
            );
            page.gauge(
                "callslip_tickets_open",
                "Questions that are open.",
                counts.tickets_open,
            );
            page.gauge(
                "callslip_sessions_open",
                "Conversations that wait for an answer.",
                counts.sessions_open,
            );
        }
        page.head(
            "callslip_turns_total",
            "Turns by how they ended.",
            "counter",
        );
        for (outcome, count) in [
            ("answered", figures.answered),
            ("ticketed", figures.ticketed),
            ("silent", figures.silent),
        ] {
            page.line(&format!(
                "callslip_turns_total{{outcome=\"{outcome}\"}} {count}"
            ));
        }
        page.counter(
            "callslip_faults_total",
            "Turns whose flow failed.",
            figures.faults,
        );
        page.counter(
            "callslip_conflicts_total",
            "Turns that ran again.",
            figures.conflicts,
        );
        page.counter(
            "callslip_turns_not_saved_total",
            "Turns that the store did not take at once.",
            figures.not_saved,
        );
        page.counter(
            "callslip_slow_turns_total",
            "Turns of flows that take long.",
            figures.slow,
        );
        page.counter(
            "callslip_webhooks_refused_total",
            "Webhooks with a wrong signature or form.",
            refusals.refused,
        );
        page.counter(
            "callslip_signatures_doubted_total",
            "Webhooks let pass under observe.",
            refusals.doubted,
        );
        page.counter(
            "callslip_texts_not_taken_total",
            "Webhooks that were told to come again.",
            refusals.not_taken,
        );
        page.counter(
            "callslip_copies_kept_total",
            "Copies at gateways that could not be emptied.",
            self.engine.kept_copies(),
        );
        page.histogram(
            "callslip_turn_seconds",
            "A turn, from its snapshot to its commit's beginning.",
            &figures.turns,
        );
        page.histogram(
            "callslip_flow_seconds",
            "A flow's run in its sandbox.",
            &figures.flows,
        );
        page.0
    }
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, help: &str, kind: &str) {
        self.line(&format!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "gauge");
        self.line(&format!("{name} {value}"));
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "counter");
        self.line(&format!("{name} {value}"));
    }

    fn histogram(&mut self, name: &str, help: &str, spread: &Spread) {
        self.head(name, help, "histogram");
        let mut below = 0;
        for (bound, count) in BOUNDS.iter().zip(spread.buckets) {
            below += count;
            let bound = *bound as f64 / 1_000_000.0;
            let _ = writeln!(self.0, "{name}_bucket{{le=\"{bound}\"}} {below}");
        }
        let all: u64 = spread.buckets.iter().sum();
        let sum = spread.micros as f64 / 1_000_000.0;
        let _ = writeln!(
            self.0,
            "{name}_bucket{{le=\"+Inf\"}} {all}\n{name}_sum {sum}\n{name}_count {all}"
        );
    }
}
