//! Connections that gateways keep themselves: begun with the service, brought in line with the
//! configuration, ended with the service.

use std::collections::HashMap;
use std::sync::Arc;

use callslip_engine::Engine;
use callslip_gateways::Gateway;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(crate) struct Connections {
    engine: Engine,
    kept: HashMap<String, Kept>,
    /// Of gateways that are in no file any more.
    ending: Vec<JoinHandle<()>>,
}

struct Kept {
    gateway: Arc<dyn Gateway>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Connections {
    pub(crate) fn keep(engine: Engine) -> Connections {
        let mut connections = Connections {
            engine,
            kept: HashMap::new(),
            ending: Vec::new(),
        };
        connections.bring_in_line();
        connections
    }

    /// Ends those of gateways that are gone or made anew, and begins what is not there.
    pub(crate) fn bring_in_line(&mut self) {
        let gateways = self.engine.gateways();
        let mut ended = HashMap::new();
        for (name, kept) in std::mem::take(&mut self.kept) {
            match gateways.get(&name) {
                Some(gateway) if Arc::ptr_eq(gateway, &kept.gateway) => {
                    self.kept.insert(name, kept);
                }
                _ => {
                    let _ = kept.stop.send(true); // It may have ended by itself.
                    ended.insert(name, kept.task);
                }
            }
        }
        for (name, gateway) in gateways.iter() {
            if self.kept.contains_key(name) {
                continue;
            }
            let (stop, stopping) = watch::channel(false);
            let door = self.engine.door(name);
            let Some(connection) = Arc::clone(gateway).connect(door, stopping) else {
                continue;
            };
            // Many accounts may be connected once only.
            let before = ended.remove(name);
            let task = tokio::spawn(async move {
                if let Some(before) = before {
                    let _ = before.await;
                }
                connection.await;
            });
            let gateway = Arc::clone(gateway);
            let kept = Kept {
                gateway,
                stop,
                task,
            };
            self.kept.insert(name.clone(), kept);
        }
        self.ending.retain(|task| !task.is_finished());
        self.ending.extend(ended.into_values());
    }

    /// When what is under way is finished.
    pub(crate) async fn end(self) {
        for kept in self.kept.values() {
            let _ = kept.stop.send(true);
        }
        let tasks = self.kept.into_values().map(|kept| kept.task);
        for task in tasks.chain(self.ending) {
            let _ = task.await;
        }
    }
}
