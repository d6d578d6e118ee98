//! What comes in by the web: read whole, or refused with the right reason.

use std::sync::Arc;
use std::time::Duration;

use callslip_core::ids::MessageId;
use callslip_core::inbound::{Namespace, Sender};
use callslip_gateways::{
    Delivery, Doubt, Gateway, Rejection, SignatureCheck, Stranger, WebRequest,
};
use http::{HeaderMap, Method, StatusCode};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::kits::{a_text, some_news};
use super::{Fate, Kit, NOT_HERE, NOW, News, OURS, PATRON, Setup, Text, Webhooks};

/// Where a report goes that nobody gave an address for.
const STATUS: &str = "/gateways/main/status";

fn gateway(kit: &dyn Kit, signature: SignatureCheck) -> Arc<dyn Gateway> {
    kit.gateway(Setup {
        // Nothing listens there: what is read needs no server.
        server: "127.0.0.1:9".to_owned(),
        signature,
    })
}

fn text() -> Text {
    a_text("HOURS today?")
}

fn news(fate: Fate) -> News {
    News {
        fate,
        ..some_news()
    }
}

/// Runs `check` with a gateway that enforces, or sees that nothing at all comes in by the web.
fn with(kit: &dyn Kit, check: impl FnOnce(&dyn Gateway, &dyn Webhooks)) {
    let gateway = gateway(kit, SignatureCheck::Enforce);
    match kit.webhooks() {
        Some(webhooks) => check(&*gateway, webhooks),
        None => takes_none(&*gateway),
    }
}

fn takes_none(gateway: &dyn Gateway) {
    let request = WebRequest {
        method: Method::POST,
        path_and_query: "/gateways/main/inbound".to_owned(),
        headers: HeaderMap::new(),
        body: "From=1".into(),
        peer: None,
    };
    let refusal = Rejection::NotOurs(Stranger::Webhook);
    assert_eq!(gateway.inbound(&request, NOW).unwrap_err(), refusal);
    assert_eq!(gateway.status(&request, NOW).unwrap_err(), refusal);
}

fn is_doubted<T>(answer: &Result<T, Rejection>) -> bool {
    let doubted = matches!(answer, Err(Rejection::BadSignature(_)));
    let forbidden = StatusCode::FORBIDDEN;
    doubted && answer.as_ref().err().map(|r| r.status()) == Some(forbidden)
}

pub(super) fn a_text_is_read_whole(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        for body in ["HOURS", "¿Abren hoy?\n図書館 📚 & = + % \"", " a ", ""] {
            let text = Text {
                body: body.to_owned(),
                ..text()
            };
            let incoming = gateway.inbound(&webhooks.text(&text, NOW), NOW).unwrap();
            assert_eq!(incoming.would_refuse, None);
            let inbound = incoming.inbound;
            assert_eq!(inbound.gateway, gateway.name());
            assert_eq!(inbound.provider_id, text.id);
            assert!(matches!(&inbound.from, Sender::Phone(n) if n.dial() == PATRON));
            assert_eq!(inbound.to, OURS, "as the config writes it");
            assert_eq!(inbound.text, body);
            assert!(inbound.media.is_empty());
            assert_eq!(inbound.namespace, Namespace::Real);
            assert_eq!(inbound.received, NOW);
            assert_eq!(inbound.gateway_consent, None);
        }
    });
}

pub(super) fn pictures_are_addresses_and_types(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        let picture = |url: &str| (url.to_owned(), "image/jpeg".to_owned());
        let mut text = text();
        text.media = vec![
            picture("https://media.example.org/1"),
            picture("javascript:alert(1)"),
        ];
        let inbound = gateway.inbound(&webhooks.text(&text, NOW), NOW).unwrap();
        let urls: Vec<_> = inbound.inbound.media.iter().map(|m| &m.url).collect();
        // A carrier without pictures has lost them before.
        assert!(urls.is_empty() || urls == ["https://media.example.org/1"]);
        assert_eq!(inbound.inbound.text, text.body);
    });
}

pub(super) fn a_nul_is_dropped(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        let text = Text {
            body: "HO\0URS".to_owned(),
            ..text()
        };
        let incoming = gateway.inbound(&webhooks.text(&text, NOW), NOW).unwrap();
        assert_eq!(incoming.inbound.text, "HOURS");
    });
}

pub(super) fn invalid_utf8_is_refused(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        for words in [&b"HOURS \xff"[..], b"\xc3(", b"\xed\xa0\x80"] {
            let request = webhooks.text_of_bytes(words, NOW);
            let refusal = gateway.inbound(&request, NOW).unwrap_err();
            assert_eq!(refusal.status(), StatusCode::BAD_REQUEST, "{refusal}");
        }
    });
}

pub(super) fn a_mebibyte_is_refused(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        let text = Text {
            body: "a".repeat(1 << 20),
            ..text()
        };
        let mut request = webhooks.text(&text, NOW);
        let refusal = gateway.inbound(&request, NOW).unwrap_err();
        assert_eq!(refusal, Rejection::TooLarge);
        assert_eq!(
            gateway.status(&request, NOW).unwrap_err(),
            Rejection::TooLarge
        );
        // Before any work is done on it.
        request.headers.clear();
        let refusal = gateway.inbound(&request, NOW).unwrap_err();
        assert_eq!(refusal, Rejection::TooLarge);
    });
}

pub(super) fn what_is_missing_is_refused(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        let texts = webhooks.texts_without(NOW);
        assert!(texts.len() >= 3, "id, from and to at least");
        for (field, request) in texts {
            let refusal = gateway.inbound(&request, NOW).unwrap_err();
            assert!(
                matches!(refusal, Rejection::Unparsable(_)),
                "{field}: {refusal}"
            );
        }
        let reports = webhooks.reports_without(STATUS, NOW);
        assert!(!reports.is_empty(), "what became of it at least");
        for (field, request) in reports {
            let refusal = gateway.status(&request, NOW).unwrap_err();
            assert!(
                matches!(refusal, Rejection::Unparsable(_)),
                "{field}: {refusal}"
            );
        }
    });
}

pub(super) fn any_bytes_get_an_answer(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        let some = webhooks.text(&text(), NOW).body;
        let bytes = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            // A piece of a real one.
            (0..=some.len()).prop_map(move |end| some[..end].to_vec()),
        ];
        TestRunner::default()
            .run(&bytes, |body| {
                let request = webhooks.body_of_bytes(&body, NOW);
                let _ = gateway.inbound(&request, NOW);
                let _ = gateway.status(&request, NOW);
                Ok(())
            })
            .unwrap();
    });
}

pub(super) fn a_wrong_signature_is_refused(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        let forgeries = webhooks.forgeries(&webhooks.text(&text(), NOW));
        assert!(forgeries.len() >= 2, "none, and one that does not fit");
        for request in forgeries {
            let answer = gateway.inbound(&request, NOW);
            assert!(is_doubted(&answer), "{answer:?}");
        }
        let report = webhooks.report(&news(Fate::Delivered), STATUS, NOW);
        for request in webhooks.forgeries(&report) {
            let answer = gateway.status(&request, NOW);
            assert!(is_doubted(&answer), "{answer:?}");
        }
    });
}

/// One word for another of the same length, wherever it stands.
fn alter(request: &WebRequest) -> WebRequest {
    let words = |bytes: &[u8]| -> Vec<u8> {
        let mut altered = bytes.to_vec();
        for at in 0..altered.len().saturating_sub(4) {
            if altered[at..].starts_with(b"HOURS") {
                altered[at..at + 5].copy_from_slice(b"START");
            }
        }
        altered
    };
    let altered = WebRequest {
        path_and_query: String::from_utf8(words(request.path_and_query.as_bytes())).unwrap(),
        body: words(&request.body).into(),
        ..request.clone()
    };
    assert!(altered.body != request.body || altered.path_and_query != request.path_and_query);
    altered
}

pub(super) fn an_altered_body_is_refused(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        let altered = alter(&webhooks.text(&text(), NOW));
        let answer = gateway.inbound(&altered, NOW);
        assert_eq!(is_doubted(&answer), webhooks.signs_body(), "{answer:?}");
    });
}

pub(super) fn an_old_request_is_refused(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        let second = Duration::from_secs(1);
        let Some(tolerance) = webhooks.tolerance() else {
            // Repeats are known by their ids, which are kept for longer than a year (g7).
            return;
        };
        for (at, passes) in [
            (NOW - tolerance.late, true),
            (NOW - tolerance.late - second, false),
            (NOW + tolerance.early, true),
            (NOW + tolerance.early + second, false),
        ] {
            let stale = Some(Rejection::BadSignature(Doubt::Stale));
            let expected = if passes { None } else { stale };
            let text = gateway.inbound(&webhooks.text(&text(), at), NOW);
            assert_eq!(text.err(), expected, "{at:?}");
            let report = webhooks.report(&news(Fate::Sent), STATUS, at);
            assert_eq!(gateway.status(&report, NOW).err(), expected, "{at:?}");
        }
    });
}

pub(super) fn g6_observing_lets_a_wrong_signature_pass_and_ends(kit: &dyn Kit) {
    let until = NOW + Duration::from_secs(60);
    let observing = gateway(kit, SignatureCheck::Observe { until });
    let Some(webhooks) = kit.webhooks() else {
        return takes_none(&*observing);
    };
    let good = webhooks.text(&text(), NOW);
    assert_eq!(observing.inbound(&good, NOW).unwrap().would_refuse, None);
    for request in webhooks.forgeries(&good) {
        let passed = observing.inbound(&request, NOW).unwrap();
        assert_eq!(passed.inbound.text, text().body);
        assert!(matches!(
            passed.would_refuse,
            Some(Rejection::BadSignature(_))
        ));
        let ended = observing.inbound(&request, until);
        assert!(is_doubted(&ended), "{ended:?}");
    }
    let report = webhooks.report(&news(Fate::Sent), STATUS, NOW);
    for request in webhooks.forgeries(&report) {
        let passed = observing.status(&request, NOW).unwrap();
        assert!(matches!(
            passed.would_refuse,
            Some(Rejection::BadSignature(_))
        ));
        assert!(is_doubted(&observing.status(&request, until)));
    }
}

pub(super) fn g1_a_number_of_another_gateway_is_refused(kit: &dyn Kit) {
    let Some(webhooks) = kit.webhooks() else {
        return takes_none(&*gateway(kit, SignatureCheck::Enforce));
    };
    let until = NOW + Duration::from_secs(60);
    // Letting a signature pass opens no other number.
    for signature in [SignatureCheck::Enforce, SignatureCheck::Observe { until }] {
        let gateway = gateway(kit, signature);
        assert!(gateway.speaks_for(OURS));
        assert!(!gateway.speaks_for(NOT_HERE));
        let text = Text {
            to: NOT_HERE.to_owned(),
            ..text()
        };
        let refusal = gateway.inbound(&webhooks.text(&text, NOW), NOW);
        let refusal = refusal.unwrap_err();
        assert_eq!(refusal, Rejection::NotOurs(Stranger::Number));
        assert_eq!(refusal.status(), StatusCode::FORBIDDEN);
        let news = News {
            from: NOT_HERE.to_owned(),
            ..news(Fate::Delivered)
        };
        let answer = gateway.status(&webhooks.report(&news, STATUS, NOW), NOW);
        assert_eq!(
            answer.err(),
            webhooks
                .reports_name_our_number()
                .then_some(Rejection::NotOurs(Stranger::Number))
        );
    }
}

pub(super) fn a_report_says_what_became_of_a_message(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        for fate in [Fate::Sent, Fate::Delivered, Fate::Failed] {
            let news = news(fate);
            let report = gateway
                .status(&webhooks.report(&news, STATUS, NOW), NOW)
                .unwrap();
            assert_eq!(report.provider_id, news.id);
            assert_eq!(report.would_refuse, None);
            match fate {
                Fate::Sent => assert_eq!(report.delivery, Delivery::Sent),
                Fate::Delivered => assert_eq!(report.delivery, Delivery::Delivered),
                Fate::Failed => assert!(matches!(
                    report.delivery,
                    Delivery::Failed {
                        permanent: true,
                        ..
                    }
                )),
            }
        }
        assert!(gateway.noted().status.is_success());
    });
}

/// Whose it is, the store finds out; an address that was tampered with names nothing.
pub(super) fn a_report_on_an_unknown_message_is_read(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        for (address, message) in [
            (STATUS.to_owned(), None),
            (
                format!("{STATUS}?message=999999999999"),
                Some(MessageId(999_999_999_999)),
            ),
            (format!("{STATUS}?message="), None),
            (format!("{STATUS}?message=x"), None),
            (format!("{STATUS}?message=99999999999999999999"), None),
        ] {
            let request = webhooks.report(&news(Fate::Delivered), &address, NOW);
            let report = gateway.status(&request, NOW).unwrap();
            assert_eq!(report.message, message, "{address}");
        }
    });
}

pub(super) fn what_was_taken_is_acknowledged(kit: &dyn Kit) {
    let gateway = gateway(kit, SignatureCheck::Enforce);
    let silent = gateway.answer(&[]);
    assert!(silent.status.is_success());
    let said = gateway.answer(&[crate::support::out_message(1, "Open until 8", &[])]);
    match gateway.inline() {
        callslip_gateways::Inline::Messages => {
            let body = String::from_utf8(said.body.to_vec()).unwrap();
            assert!(body.contains("Open until 8"), "{body}");
        }
        callslip_gateways::Inline::AcknowledgeOnly => assert_eq!(said, silent),
    }
}

pub(super) fn invariant_11_nothing_prints_a_number_or_a_text(kit: &dyn Kit) {
    with(kit, |gateway, webhooks| {
        let good = webhooks.text(&text(), NOW);
        let incoming = gateway.inbound(&good, NOW).unwrap();
        let mut printed = format!("{good:?} {incoming:?}");
        for request in webhooks.forgeries(&good) {
            let refusal = gateway.inbound(&request, NOW).unwrap_err();
            printed.push_str(&format!("{refusal} {refusal:?}"));
        }
        for (_, request) in webhooks.texts_without(NOW) {
            let refusal = gateway.inbound(&request, NOW).unwrap_err();
            printed.push_str(&format!("{refusal} {refusal:?}"));
        }
        for hidden in ["2124217005", "HOURS today"] {
            assert!(!printed.contains(hidden), "{printed}");
        }
    });
}
