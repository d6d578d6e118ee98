//! SMPP: nothing comes by the web, and messages go over a connection that is there or is not.

use std::sync::Arc;

use callslip_gateways::{Gateway, OurNumber, Smpp, SmppOptions};

use crate::conformance::sending::message;
use crate::conformance::{OURS, Played, Server, Setup, Webhooks};
use crate::server::Outcome;
use crate::smpp::smsc::{House, Site, plain_options};

pub(crate) struct Kit;

fn speak_for_ours(options: &mut SmppOptions) {
    options.name = "main".to_owned();
    options.numbers = vec![OurNumber {
        number: OURS.to_owned(),
        country: "us".parse().unwrap(),
    }];
}

impl super::super::Kit for Kit {
    fn gateway(&self, _setup: Setup) -> Arc<dyn Gateway> {
        let mut options = plain_options();
        speak_for_ours(&mut options);
        Arc::new(Smpp::new(options).unwrap())
    }

    fn webhooks(&self) -> Option<&dyn Webhooks> {
        None
    }

    fn send(&self, server: Server) -> Option<Played> {
        match server {
            Server::Takes
            | Server::Refuses
            | Server::Fails
            | Server::AsksForAPause
            | Server::IsNotThere
            | Server::SaysNothing
            | Server::HangsUp => Some(Box::pin(play(server))),
            // It knows no opt-outs, and nonsense ends a connection.
            Server::RefusesOptedOut | Server::SpeaksNonsense => None,
        }
    }

    fn says_how_long(&self) -> bool {
        false
    }
}

async fn play(server: Server) -> Outcome {
    let mut site = Site::with(House::new(), speak_for_ours);
    let gateway = Arc::clone(&site.gateway);
    let sending = async move { gateway.send(message()).await };
    let mut request = String::new();
    if server == Server::IsNotThere {
        let result = sending.await;
        return Outcome { result, request };
    }
    let mut smsc = site.bound().await;
    let sending = tokio::spawn(sending);
    let (sequence, submit) = smsc.submitted().await;
    request.push_str(&String::from_utf8_lossy(&submit.short_message()[..]));
    match server {
        Server::Takes => smsc.accept(sequence, "1A").await,
        Server::Refuses => smsc.refuse(sequence, 0x0B).await,
        Server::Fails => smsc.refuse(sequence, 0x08).await,
        Server::AsksForAPause => smsc.refuse(sequence, 0x58).await,
        Server::HangsUp => smsc.hang_up().await,
        // From here on nobody has anything to do, and the clock jumps to the next deadline.
        _ => tokio::time::pause(),
    }
    let result = sending.await.unwrap();
    Outcome { result, request }
}
