//! The plugin folder: every `.wasm` in it is a flow. One that cannot be loaded is named, and
//! keywords that use it say that it is not there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use callslip_core::flow::Plugin;
use callslip_runtime::{Flow, Runtime};

/// What is installed, by name.
#[derive(Default)]
pub(crate) struct Installed {
    pub(crate) flows: BTreeMap<String, Arc<Flow>>,
    /// The components themselves: the store keeps those that sessions are pinned to.
    pub(crate) bytes: BTreeMap<String, Vec<u8>>,
    /// One line each: which file, why, what to do.
    pub(crate) problems: Vec<String>,
}

impl Installed {
    pub(crate) fn plugins(&self) -> BTreeMap<String, Arc<Plugin>> {
        let plugin = |flow: &Arc<Flow>| Arc::new(flow.plugin().clone());
        self.flows
            .iter()
            .map(|(name, flow)| (name.clone(), plugin(flow)))
            .collect()
    }
}

pub(crate) fn load(folder: &Path, runtime: &Runtime) -> Installed {
    let mut installed = Installed::default();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let folder = folder.display();
            installed.problems.push(format!(
                "{folder}: the plugin folder cannot be read: {error}"
            ));
            return installed;
        }
    };
    let mut paths: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .collect();
    paths.sort();
    for path in paths {
        let loaded = fs::read(&path)
            .map_err(anyhow::Error::from)
            .and_then(|bytes| {
                let flow = runtime.load(&bytes)?;
                Ok((flow, bytes))
            });
        match loaded {
            Ok((flow, bytes)) => {
                let name = flow.plugin().manifest.name.clone();
                if installed.flows.contains_key(&name) {
                    let path = path.display();
                    installed.problems.push(format!(
                        "{path}: another file is the plugin \"{name}\" too; keep one of them"
                    ));
                    continue;
                }
                installed.bytes.insert(name.clone(), bytes);
                installed.flows.insert(name, flow);
            }
            Err(error) => installed
                .problems
                .push(format!("{}: {error:#}", path.display())),
        }
    }
    installed
}
