//! What can be a plugin and what cannot, and what the person who installs it reads.

use callslip_runtime::{MANIFEST_SECTION, build};
use proptest::prelude::*;
use wasm_encoder::{ComponentSection, CustomSection};

use crate::world::{RUNTIME, component};

#[track_caller]
fn refused(bytes: &[u8]) -> String {
    match RUNTIME.load(bytes) {
        Ok(_) => panic!("it loaded"),
        Err(error) => error.to_string(),
    }
}

/// The text format, for components that no tool would build.
fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("text of a component")
}

fn importing(imports: &[&str]) -> Vec<u8> {
    let imports: String = (imports.iter())
        .map(|name| format!("(import \"{name}\" (instance))"))
        .collect();
    wat(&format!("(component {imports})"))
}

fn with_manifest(mut component: Vec<u8>, json: &str) -> Vec<u8> {
    CustomSection {
        name: MANIFEST_SECTION.into(),
        data: json.as_bytes().into(),
    }
    .append_to_component(&mut component);
    component
}

#[test]
fn a_core_module_is_told_from_a_component() {
    let told = refused(&callslip_hostile::core_module("polite"));
    assert!(
        told.starts_with("it is a core module, not a component"),
        "{told}"
    );
}

#[test]
fn a_file_that_is_no_webassembly_is_refused() {
    for bytes in [&b""[..], b"hello, I am a plugin", b"\0asm"] {
        let told = refused(bytes);
        assert!(
            told.contains("no WebAssembly component") || told.contains("ends too early"),
            "{told}"
        );
    }
}

#[test]
fn a_truncated_file_is_refused() {
    let polite = component("polite");
    let told = refused(&polite[..polite.len() / 2]);
    assert_eq!(told, "the file ends too early: copy it again");
}

#[test]
fn a_component_of_more_than_64_mib_is_refused() {
    let told = refused(&vec![0; 64 * 1024 * 1024 + 1]);
    assert_eq!(told, "it has 65 MiB; a component has 64 at most");
}

#[test]
fn wasi_is_refused_by_name() {
    let told = refused(&importing(&["wasi:filesystem/types@0.2.0"]));
    assert!(
        told.starts_with("it imports wasi:filesystem/types@0.2.0, and there is no WASI here"),
        "{told}"
    );
}

#[test]
fn an_unknown_import_is_refused_by_name() {
    for name in [
        "acme:telephone/dial@1.0.0",
        "callslip:plugin/telephone@0.1.0",
    ] {
        assert_eq!(
            refused(&importing(&[name])),
            format!("it imports \"{name}\", which is nothing that a flow can be granted")
        );
    }
}

#[test]
fn another_version_is_told_with_ours() {
    let told = refused(&importing(&["callslip:plugin/telephone@0.2.0"]));
    assert_eq!(
        told,
        "it is made for callslip:plugin 0.2.0; this host speaks 0.1.0"
    );
}

#[test]
fn two_versions_are_refused() {
    let told = refused(&importing(&[
        "callslip:plugin/log@0.1.0",
        "callslip:plugin/storage@0.2.0",
    ]));
    assert!(
        told.contains("two versions of callslip:plugin, 0.1.0 and 0.2.0"),
        "{told}"
    );
}

#[test]
fn another_world_is_refused() {
    let told = refused(&wat("(component)"));
    assert_eq!(
        told,
        "it is not made for the world `flow` of callslip:plugin: it exports no `describe`"
    );
}

/// It has the right names, and functions of another shape behind them.
#[test]
fn functions_of_another_shape_are_refused() {
    let bytes = wat(r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))
        (export "describe" (func $f))
        (export "handle" (func $f)))"#);
    let manifest = r#"{"name":"x","version":"1.0.0","summary":"","settings_schema":"{}","reserved_answers":[]}"#;
    let told = refused(&with_manifest(bytes, manifest));
    assert!(
        told.starts_with("it is not made for the world `flow`"),
        "{told}"
    );
}

#[test]
fn an_interface_of_another_shape_is_refused() {
    let bytes = wat(r#"(component
        (import "callslip:plugin/log@0.1.0" (instance (export "write" (func (param "n" u64)))))
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))
        (export "describe" (func $f))
        (export "handle" (func $f)))"#);
    let manifest = r#"{"name":"x","version":"1.0.0","summary":"","settings_schema":"{}","reserved_answers":[]}"#;
    let told = refused(&with_manifest(bytes, manifest));
    assert!(
        told.starts_with("it is not made for the world `flow`"),
        "{told}"
    );
}

#[test]
fn a_component_without_manifest_is_refused() {
    let bytes = wat(r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))
        (export "describe" (func $f))
        (export "handle" (func $f)))"#);
    assert!(refused(&bytes).starts_with("it has no manifest"));
    assert!(refused(&with_manifest(bytes, "{}")).starts_with("its manifest cannot be used"));
}

#[test]
fn a_second_manifest_does_not_replace_the_first() {
    let twice = with_manifest(component("polite").to_vec(), "{}");
    assert_eq!(
        refused(&twice),
        "its manifest cannot be used: there are two"
    );
}

#[test]
fn what_was_built_says_what_it_is_and_checks() {
    let bytes = component("polite");
    let plugin = build::check(&bytes).expect("it checks");
    assert_eq!(plugin.manifest.name, "guest");
    assert_eq!(plugin.digest.0.len(), 64);
    assert_eq!(&plugin, RUNTIME.load(&bytes).expect("it loads").plugin());
}

#[test]
fn the_same_component_is_one_flow() {
    let bytes = component("polite");
    let (one, other) = (RUNTIME.load(&bytes), RUNTIME.load(&bytes));
    assert!(std::sync::Arc::ptr_eq(
        &one.expect("one"),
        &other.expect("other")
    ));
}

#[test]
fn a_manifest_that_the_code_does_not_repeat_is_found() {
    let built = component("polite");
    let manifest = &RUNTIME
        .load(&built)
        .expect("it loads")
        .plugin()
        .manifest
        .clone();
    let json = serde_json::to_string(manifest).expect("JSON");
    let at = (built.windows(json.len()))
        .position(|window| window == json.as_bytes())
        .expect("the manifest's text");
    let mut forged = built.to_vec();
    forged[at..at + json.len()].copy_from_slice(json.replace("guest", "hours").as_bytes());
    let told = build::check(&forged).expect_err("forged").to_string();
    assert!(told.contains("its manifest says \"hours 0.1.0\""), "{told}");
}

#[test]
fn a_description_is_made_under_limits() {
    let told = |guest| match build::component(&callslip_hostile::core_module(guest)) {
        Ok(_) => panic!("{guest} was built"),
        Err(error) => format!("{error:#}"),
    };
    assert_eq!(
        told("describes_forever"),
        "its `describe` failed: it computed for longer than 100 ms"
    );
    assert_eq!(
        told("traps_when_describing"),
        "its `describe` failed: it crashed: it panicked"
    );
    assert!(told("has_a_bad_schema").contains("the settings' schema is no JSON"));
    assert!(told("asks_when_describing").contains("it may only describe"));
    assert!(told("has_a_bad_name").contains("the name is 1 to 64 of a-z, 0-9 and -"));
}

#[test]
fn what_is_no_core_module_is_not_built() {
    for bytes in [&b"nothing"[..], &component("polite")] {
        let error = build::component(bytes).err().expect("refused");
        assert!(
            error
                .to_string()
                .starts_with("it cannot become a component"),
            "{error}"
        );
    }
}

/// A flow whose memory starts bigger than a slot runs all the same, outside the pool, and is held
/// to the same limit.
#[test]
fn what_does_not_fit_a_slot_runs_on_demand() {
    let small = callslip_runtime::Runtime::new(callslip_runtime::Options {
        slot_memory_mib: 1,
        ..Default::default()
    })
    .expect("a runtime");
    let flow = small.load(&component("polite")).expect("it loads");
    let ran = flow
        .run(
            &crate::world::all_grants(),
            &crate::world::input(crate::world::started("hi")),
            &mut crate::world::Library::default(),
            &callslip_runtime::Limits::default(),
        )
        .expect("the host did its part");
    assert!(ran.result.is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is wrong with a file, loading it ends in an answer.
    #[test]
    fn no_damage_to_a_file_is_a_panic(
        at in 0..30_000_usize,
        bytes in proptest::collection::vec(any::<u8>(), 1..8),
        cut in proptest::option::of(0..30_000_usize),
    ) {
        let mut damaged = component("panics").to_vec();
        for (offset, byte) in bytes.iter().enumerate() {
            let at = (at + offset) % damaged.len();
            damaged[at] = *byte;
        }
        if let Some(cut) = cut {
            damaged.truncate(cut);
        }
        let _ = RUNTIME.load(&damaged);
    }
}
