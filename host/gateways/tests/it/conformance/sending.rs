//! What goes out: each way in which handing over can end has its own class, since the worker does
//! something else about each.

use std::time::Duration;

use callslip_core::ids::MessageId;
use callslip_core::phone::PhoneNumber;
use callslip_gateways::{Handover, Refusal, SendError, SignatureCheck, Trouble};

use super::{Fate, Kit, NOW, News, OURS, PATRON, Server, Setup};

const MESSAGE: MessageId = MessageId(8421);

/// The one that is handed over.
pub(crate) fn message() -> Handover {
    Handover {
        message: MESSAGE,
        from: OURS.to_owned(),
        to: PhoneNumber::new(PATRON),
        body: "Open until 8".to_owned(),
        media: Vec::new(),
    }
}

async fn error(kit: &dyn Kit, server: Server) -> Option<SendError> {
    let error = kit.send(server)?.await.result.unwrap_err();
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains("2124217005"), "{printed}");
    Some(error)
}

pub(super) async fn a_message_is_taken(kit: &dyn Kit) {
    let sent = kit.send(Server::Takes).expect("a gateway sends");
    let sent = sent.await.result.unwrap();
    assert!(!sent.provider_id.is_empty());
}

pub(super) async fn a_report_comes_back_to_its_message(kit: &dyn Kit) {
    let Some(webhooks) = kit.webhooks() else {
        return;
    };
    let outcome = kit.send(Server::Takes).expect("a gateway sends").await;
    let address = webhooks.address_for_reports(&outcome.request);
    assert!(address.starts_with("/gateways/main/status"), "{address}");
    let news = News {
        id: outcome.result.unwrap().provider_id,
        from: OURS.to_owned(),
        fate: Fate::Delivered,
    };
    let gateway = kit.gateway(Setup {
        server: "127.0.0.1:9".to_owned(),
        signature: SignatureCheck::Enforce,
    });
    let report = webhooks.report(&news, &address, NOW);
    let report = gateway.status(&report, NOW).unwrap();
    assert_eq!(report.message, Some(MESSAGE));
    assert_eq!(report.provider_id, news.id);
}

pub(super) async fn a_refusal_is_for_good(kit: &dyn Kit) {
    if let Some(error) = error(kit, Server::Refuses).await {
        assert!(matches!(error, SendError::Permanent { .. }), "{error:?}");
    }
}

pub(super) async fn an_opt_out_is_known(kit: &dyn Kit) {
    if let Some(error) = error(kit, Server::RefusesOptedOut).await {
        let opted_out = matches!(
            error,
            SendError::Permanent {
                refusal: Refusal::OptedOut,
                ..
            }
        );
        assert!(opted_out, "{error:?}");
    }
}

pub(super) async fn trouble_on_the_other_side_passes(kit: &dyn Kit) {
    if let Some(error) = error(kit, Server::Fails).await {
        assert!(matches!(error, SendError::Later(_)), "{error:?}");
    }
}

pub(super) async fn a_pause_is_kept(kit: &dyn Kit) {
    let Some(error) = error(kit, Server::AsksForAPause).await else {
        return;
    };
    let SendError::Throttled { wait } = error else {
        panic!("{error:?}");
    };
    let some = Duration::from_secs(1)..=Duration::from_secs(3_600);
    assert!(some.contains(&wait), "{wait:?}");
    if kit.says_how_long() {
        assert_eq!(wait, Duration::from_secs(7));
    }
}

pub(super) async fn a_closed_door_took_nothing(kit: &dyn Kit) {
    if let Some(error) = error(kit, Server::IsNotThere).await {
        assert_eq!(error, SendError::Later(Trouble::Connect));
    }
}

pub(super) async fn silence_is_unclear(kit: &dyn Kit) {
    if let Some(error) = error(kit, Server::SaysNothing).await {
        assert_eq!(error, SendError::Unclear(Trouble::TimedOut));
    }
}

pub(super) async fn a_broken_connection_is_unclear(kit: &dyn Kit) {
    if let Some(error) = error(kit, Server::HangsUp).await {
        assert_eq!(error, SendError::Unclear(Trouble::Broken));
    }
}

pub(super) async fn a_broken_answer_is_unclear(kit: &dyn Kit) {
    if let Some(error) = error(kit, Server::SpeaksNonsense).await {
        assert_eq!(error, SendError::Unclear(Trouble::Unreadable));
    }
}

pub(super) async fn nothing_is_not_sent(kit: &dyn Kit) {
    let gateway = kit.gateway(Setup {
        // Nothing listens there: a gateway that tried would say so.
        server: "127.0.0.1:9".to_owned(),
        signature: SignatureCheck::Enforce,
    });
    if kit.send(Server::Refuses).is_none() {
        return;
    }
    for body in ["", " \u{0}\n"] {
        let empty = Handover {
            body: body.to_owned(),
            ..message()
        };
        let refused = SendError::Permanent {
            refusal: Refusal::Message,
            code: None,
        };
        assert_eq!(gateway.send(empty).await, Err(refused));
    }
}
