//! What a file is, before anything of it is compiled: a component or not, what it imports and so
//! needs, for which world it was made, and what it says of itself.

use callslip_core::grants::Capability;
use wasmparser::{ComponentExternalKind, ComponentTypeRef, Encoding, Parser, Payload};

use crate::abi;
use crate::fault;
use crate::manifest;
use crate::runtime::LoadError;

/// Python and JavaScript components come to 18 MB; more than this is a mistake or an attack.
pub(crate) const COMPONENT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What every file of WebAssembly begins with.
const MAGIC: [u8; 4] = *b"\0asm";

const PACKAGE: &str = "callslip:plugin/";

/// Importing these is asking for nothing: two only hold types, by the third a flow that panics
/// says where.
const NOT_ASKED_FOR: [&str; 3] = ["types", "outside", "crash"];

pub(crate) struct Inspected {
    pub(crate) needs: Vec<Capability>,
    /// The text of the manifest's section.
    pub(crate) manifest: Option<Vec<u8>>,
}

pub(crate) fn inspect(bytes: &[u8]) -> Result<Inspected, LoadError> {
    if bytes.len() > COMPONENT_BYTES_MAX {
        return Err(LoadError::TooBig {
            mib: bytes.len().div_ceil(1024 * 1024),
            mib_max: COMPONENT_BYTES_MAX / (1024 * 1024),
        });
    }
    if bytes.len() >= MAGIC.len() && !bytes.starts_with(&MAGIC) {
        return Err(LoadError::Damaged(
            "it begins as another kind of file".into(),
        ));
    }
    let mut seen = Seen::default();
    // Modules and components nest; only the outermost speaks to the host.
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(damaged)?;
        match &payload {
            Payload::Version { encoding, .. } if depth == 0 && *encoding == Encoding::Module => {
                return Err(LoadError::CoreModule);
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            payload if depth == 0 => seen.outermost(payload)?,
            _ => {}
        }
    }
    seen.finish()
}

#[derive(Default)]
struct Seen {
    needs: Vec<Capability>,
    versions: Vec<String>,
    exports: Vec<String>,
    manifest: Option<Vec<u8>>,
}

impl Seen {
    fn outermost(&mut self, payload: &Payload<'_>) -> Result<(), LoadError> {
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    let import = import.map_err(damaged)?;
                    self.import(import.name.name, &import.ty)?;
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    let export = export.map_err(damaged)?;
                    if export.kind == ComponentExternalKind::Func {
                        self.exports.push(export.name.name.to_owned());
                    }
                }
            }
            Payload::CustomSection(section) if section.name() == manifest::SECTION => {
                if self.manifest.is_some() {
                    return Err(LoadError::Manifest("there are two".into()));
                }
                self.manifest = Some(section.data().to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, name: &str, kind: &ComponentTypeRef) -> Result<(), LoadError> {
        // A world names the types that it uses; a type gives nothing to call.
        if matches!(kind, ComponentTypeRef::Type(_)) {
            return Ok(());
        }
        let unknown = || LoadError::UnknownImport(name.to_owned());
        if name.starts_with("wasi:") {
            return Err(LoadError::Wasi(name.to_owned()));
        }
        let interface = name.strip_prefix(PACKAGE).ok_or_else(unknown)?;
        let (interface, version) = interface.split_once('@').ok_or_else(unknown)?;
        if !self.versions.iter().any(|seen| seen == version) {
            self.versions.push(version.to_owned());
        }
        if !matches!(kind, ComponentTypeRef::Instance(_)) {
            return Err(unknown());
        }
        if NOT_ASKED_FOR.contains(&interface) {
            return Ok(());
        }
        match Capability::from_name(interface) {
            Some(capability) => self.needs.push(capability),
            // An interface of a later version is told as that, when all imports are known.
            None if version != abi::VERSION => {}
            None => return Err(unknown()),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Inspected, LoadError> {
        match self.versions.as_slice() {
            [one, other, ..] => {
                return Err(LoadError::TwoVersions(one.clone(), other.clone()));
            }
            [version] if version != abi::VERSION => {
                return Err(LoadError::OtherVersion(version.clone(), abi::VERSION));
            }
            _ => {}
        }
        for export in ["describe", "handle"] {
            if !self.exports.iter().any(|seen| seen == export) {
                return Err(LoadError::OtherWorld(format!("it exports no `{export}`")));
            }
        }
        self.needs.sort();
        self.needs.dedup();
        Ok(Inspected {
            needs: self.needs,
            manifest: self.manifest,
        })
    }
}

fn damaged(error: wasmparser::BinaryReaderError) -> LoadError {
    if error.message().contains("unexpected end") {
        return LoadError::Truncated;
    }
    LoadError::Damaged(fault::tidy(&error.to_string()))
}
