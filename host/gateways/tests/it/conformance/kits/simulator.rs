//! The simulator: no web, no server, and every message arrives.

use std::sync::Arc;

use callslip_gateways::{Gateway, Simulator};

use crate::conformance::sending::message;
use crate::conformance::{Played, Server, Setup, Webhooks};
use crate::server::Outcome;

pub(crate) struct Kit;

impl super::super::Kit for Kit {
    fn gateway(&self, _setup: Setup) -> Arc<dyn Gateway> {
        Arc::new(Simulator::new("main", |_| {}))
    }

    fn webhooks(&self) -> Option<&dyn Webhooks> {
        None
    }

    fn send(&self, server: Server) -> Option<Played> {
        let sending = async {
            Outcome {
                result: Simulator::new("main", |_| {}).send(message()).await,
                request: String::new(),
            }
        };
        (server == Server::Takes).then(|| Box::pin(sending) as Played)
    }

    fn says_how_long(&self) -> bool {
        false
    }
}
