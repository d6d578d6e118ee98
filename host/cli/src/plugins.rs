//! What is installed: every `.wasm` of the plugin folder is a flow, and so is every version that
//! came by the console. One that cannot be loaded is named, and keywords that use it say that it is
//! not there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use callslip_core::directory::FlowName;
use callslip_core::flow::Plugin;
use callslip_core::ids::Digest;
use callslip_runtime::{Flow, Runtime};
use callslip_store::staff::StoredPlugin;

/// What is installed, by the name that keywords have for it: `hours` is the folder's or, without
/// one there, the version that was installed first; `hours@1.2.0` is that one. What is a library's
/// own has its id in front, as in `bayside/events`.
#[derive(Default)]
pub(crate) struct Installed {
    pub(crate) flows: BTreeMap<String, Arc<Flow>>,
    /// The components themselves: the store keeps those that sessions are pinned to.
    pub(crate) bytes: BTreeMap<String, Vec<u8>>,
    /// One line each: which file, why, what to do.
    pub(crate) problems: Vec<String>,
}

impl Installed {
    /// What runs of it; the store has the components.
    pub(crate) fn without_bytes(&self) -> Installed {
        Installed {
            flows: self.flows.clone(),
            bytes: BTreeMap::new(),
            problems: self.problems.clone(),
        }
    }

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
                let version = flow.plugin().manifest.version.clone();
                let of_version = FlowName {
                    name: name.clone(),
                    version: Some(version),
                };
                installed.flows.insert(of_version.key(), Arc::clone(&flow));
                installed.flows.insert(name, flow);
            }
            Err(error) => installed
                .problems
                .push(format!("{}: {error:#}", path.display())),
        }
    }
    installed
}

/// Puts on the shelf what came by the console. What the folder has of the same name and version
/// stands there already, and stays.
pub(crate) fn add_stored(
    installed: &mut Installed,
    stored: &[StoredPlugin],
    runtime: &Runtime,
    bytes: impl Fn(&Digest) -> anyhow::Result<Option<Vec<u8>>>,
) {
    for plugin in stored.iter().filter(|plugin| plugin.is_there()) {
        let flow = plugin.flow();
        let key = flow.key();
        if let Some(other) = installed.flows.get(&key) {
            if other.plugin().digest != plugin.digest {
                installed.problems.push(format!(
                    "the plugin folder has another file that is {} {}: that one runs, and not the \
                     one that was uploaded",
                    plugin.id.name, plugin.id.version
                ));
            }
            continue;
        }
        let loaded = match runtime.loaded(&plugin.digest) {
            Some(known) => Ok(known),
            None => bytes(&plugin.digest)
                .and_then(|bytes| bytes.context("its component is gone"))
                .and_then(|bytes| Ok(runtime.load(&bytes)?)),
        };
        match loaded {
            Ok(loaded) => {
                let first = installed.flows.entry(flow.name);
                first.or_insert_with(|| Arc::clone(&loaded));
                installed.flows.insert(key, loaded);
            }
            Err(error) => installed
                .problems
                .push(format!("the uploaded plugin {key}: {error:#}")),
        }
    }
}
