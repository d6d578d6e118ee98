//! f5: what is typed at a simulated phone stays on this machine.

use callslip_core::at::At;
use std::sync::mpsc;

use callslip_core::ids::MessageId;
use callslip_core::inbound::{Namespace, Sender};
use callslip_core::phone::PhoneNumber;
use callslip_gateways::{
    Delivery, Flaw, Gateway, Handover, Recent, Rejection, Simulator, Stranger, Typed,
};

use crate::support::{NOW, request};

fn typed() -> Typed {
    Typed {
        id: "1".to_owned(),
        from: "+15557654321".to_owned(),
        to: "66746".to_owned(),
        text: "BAYSIDE\0 HOURS".to_owned(),
        media: Vec::new(),
    }
}

#[test]
fn f5_a_typed_text_is_a_simulated_phones() {
    let simulator = Simulator::new("phone", |_| {});
    let inbound = simulator.text(typed(), NOW).unwrap();
    assert_eq!(inbound.namespace, Namespace::Simulator);
    assert_eq!(simulator.namespace(), Namespace::Simulator);
    assert_eq!(inbound.gateway, "phone");
    assert_eq!(inbound.text, "BAYSIDE HOURS");
    assert!(matches!(inbound.from, Sender::Phone(_)));
    assert!(simulator.speaks_for("66746"));

    let nobody = Typed {
        from: String::new(),
        ..typed()
    };
    assert_eq!(
        simulator.text(nobody, NOW).unwrap_err(),
        Rejection::Unparsable(Flaw::Malformed("from"))
    );
}

#[test]
fn f5_it_takes_nothing_from_the_web() {
    let simulator = Simulator::new("phone", |_| {});
    let web = request("/gateways/phone/inbound", "From=1", None);
    let refusal = Rejection::NotOurs(Stranger::Webhook);
    assert_eq!(simulator.inbound(&web, NOW).unwrap_err(), refusal);
    assert_eq!(simulator.status(&web, At(0)).unwrap_err(), refusal);
}

#[tokio::test]
async fn what_is_sent_arrives_at_the_phone() {
    let (phone, screen) = mpsc::channel();
    let simulator = Simulator::new("phone", move |text| phone.send(text).unwrap());
    let to = PhoneNumber::new("+15557654321");
    let sent = simulator
        .send(Handover {
            message: MessageId(7),
            from: "66746".to_owned(),
            to: to.clone(),
            body: "Open until 8".to_owned(),
            media: Vec::new(),
        })
        .await
        .unwrap();
    assert_eq!(sent.delivery, Delivery::Delivered);
    let shown = screen.try_recv().unwrap();
    assert_eq!(
        (shown.body.as_str(), shown.to.clone()),
        ("Open until 8", to)
    );
    let asked = simulator.find_recent("66746", &shown.to, NOW).await;
    assert_eq!(asked, Ok(Recent::Unknowable));
}
