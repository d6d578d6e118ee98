//! Makes a component of a core module: encodes it, lets it describe itself once, under limits, and
//! puts what it said into the component. For the tooling that builds plugins, not for turns.

use anyhow::{Context, bail};
use callslip_core::flow::Plugin;
use callslip_core::text::consent;
use wit_component::ComponentEncoder;

use crate::inspect;
use crate::limits::Limits;
use crate::manifest;
use crate::runtime::{Options, Runtime, digest};

pub struct Built {
    /// The component, manifest included.
    pub bytes: Vec<u8>,
    pub plugin: Plugin,
}

/// From what `cargo build --target wasm32-unknown-unknown` leaves for a crate that is a flow.
pub fn component(core_module: &[u8]) -> anyhow::Result<Built> {
    let encoded = encode(core_module)?;
    let inspected = inspect::inspect(&encoded)?;
    if inspected.manifest.is_some() {
        bail!("it has a manifest before it was built");
    }
    let manifest = runtime()?
        .prepare(&encoded, &digest(&encoded), &inspected)?
        .describe(&Limits::default())
        .context("its `describe` failed")?;
    manifest::check(&manifest)
        .map_err(anyhow::Error::msg)
        .context("its `describe` gives what cannot be used")?;
    let bytes = manifest::append(encoded, &manifest)?;
    let plugin = Plugin {
        digest: digest(&bytes),
        needs: inspected.needs,
        manifest,
    };
    Ok(Built { bytes, plugin })
}

/// Whether a component that somebody built loads here, and says of itself what its manifest says.
pub fn check(component: &[u8]) -> anyhow::Result<Plugin> {
    let flow = runtime()?.load(component)?;
    let described = flow
        .describe(&Limits::default())
        .context("its `describe` failed")?;
    let plugin = flow.plugin();
    if described != plugin.manifest {
        bail!(
            "its manifest says \"{} {}\", its code \"{} {}\" or something else that differs: build \
             it again",
            plugin.manifest.name,
            plugin.manifest.version,
            described.name,
            described.version
        );
    }
    // The host has answered these words before a flow could (a5).
    let mut answers = plugin.manifest.reserved_answers.iter();
    if let Some(answer) = answers.find(|answer| !consent::may_be_an_answer(answer)) {
        bail!("it waits for the answer {answer}, which is a consent word and never reaches a flow");
    }
    Ok(plugin.clone())
}

fn encode(core_module: &[u8]) -> anyhow::Result<Vec<u8>> {
    ComponentEncoder::default()
        .module(core_module)
        .and_then(|encoder| encoder.validate(true).encode())
        .context(
            "it cannot become a component: a flow is a `cdylib` for wasm32-unknown-unknown that \
             exports the world `flow` of callslip:plugin and imports nothing else",
        )
}

fn runtime() -> anyhow::Result<Runtime> {
    Runtime::new(Options {
        slots: 1,
        ..Options::default()
    })
}
