//! Components that no compiler would make: what is below the types of the plugin world, told in
//! WebAssembly's text. Each is the same small answer with one thing wrong.

use callslip_core::flow::Effects;
use callslip_core::grants::Grants;
use callslip_runtime::{Limits, Ran, build};
use wasm_encoder::{
    ComponentExportKind, ComponentExportSection, ComponentInstanceSection, ComponentSection,
    CustomSection,
};
use wasmparser::{Parser, Payload};

use crate::world::{Library, RUNTIME, component, input, run, started};

/// A whole module. `MEMORY`, `MORE` and `HANDLE` are where the misdeeds are.
///
/// At 64 lies the manifest, at 128 the answer: one message at 256 ("Hello."), finish, no journal.
const MODULE: &str = r#"(module
    IMPORTS
    (memory (export "memory") MEMORY)
    (global $next (mut i32) (i32.const 65536))
    (data (i32.const 16) "guest")
    (data (i32.const 32) "0.1.0")
    (data (i32.const 48) "{}")
    (data (i32.const 64) "\10\00\00\00\05\00\00\00\20\00\00\00\05\00\00\00\10\00\00\00\05\00\00\00\30\00\00\00\02\00\00\00\00\00\00\00\00\00\00\00")
    (data (i32.const 128) "\00\00\00\00\00\01\00\00\01\00\00\00\00\00\00\00")
    (data (i32.const 256) "\40\01\00\00\06\00\00\00\00\00\00\00\00\00\00\00")
    (data (i32.const 320) "Hello.")
    REALLOC
    (func (export "describe") (result i32) (i32.const 64))
    (func (export "handle") (param i32) (result i32) HANDLE (i32.const 128))
    MORE
)"#;

const REALLOC: &str = r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (local.get $at))"#;

#[derive(Clone, Copy)]
struct Raw<'a> {
    imports: &'a str,
    memory: &'a str,
    realloc: &'a str,
    handle: &'a str,
    more: &'a str,
}

const GOOD: Raw<'_> = Raw {
    imports: "",
    memory: "2",
    realloc: REALLOC,
    handle: "",
    more: "",
};

impl Raw<'_> {
    /// The core module, saying for which world it is by what a guest's compiler wrote.
    fn module(&self) -> Vec<u8> {
        let text = MODULE
            .replace("IMPORTS", self.imports)
            .replace("MEMORY", self.memory)
            .replace("REALLOC", self.realloc)
            .replace("HANDLE", self.handle)
            .replace("MORE", self.more);
        let mut module = wat::parse_str(text).expect("text of a module");
        for payload in Parser::new(0).parse_all(&callslip_hostile::core_module("panics")) {
            if let Payload::CustomSection(section) = payload.expect("a guest")
                && section.name().starts_with("component-type")
            {
                wasm_encoder::Section::append_to(
                    &CustomSection {
                        name: section.name().into(),
                        data: section.data().into(),
                    },
                    &mut module,
                );
            }
        }
        module
    }

    fn run(&self) -> Ran {
        let built = build::component(&self.module()).expect("it describes itself");
        let flow = RUNTIME.load(&built.bytes).expect("it loads");
        flow.run(
            &Grants::default(),
            &input(started("hi")),
            &mut Library::default(),
            &Limits::default(),
        )
        .expect("the host did its part")
    }

    /// A fault in these words, nothing left, and the next flow runs as well as ever.
    #[track_caller]
    fn faults(&self, told: &str) {
        let ran = self.run();
        let fault = ran.result.expect_err("a fault").to_string();
        assert!(fault.starts_with(told), "{fault}");
        assert_eq!(ran.effects, Effects::default());
        assert!(run("polite", started("hi")).result.is_ok());
    }

    /// It is not even built: its `describe` cannot be asked.
    #[track_caller]
    fn is_not_built(&self, told: &str) {
        let error = build::component(&self.module()).err().expect("refused");
        let error = format!("{error:#}");
        assert!(error.contains(told), "{error}");
        assert!(run("polite", started("hi")).result.is_ok());
    }
}

/// Else all that follows would pass for a wrong reason.
#[test]
fn the_module_that_the_others_are_made_of_answers() {
    let output = GOOD.run().result.expect("an answer");
    assert_eq!(output.messages[0].text, "Hello.");
}

/// What breaks the rules between host and guest is a crash, in wasmtime's own words.
const NONSENSE: &str = "it crashed: ";

#[test]
fn a_table_that_grows_is_bounded() {
    let handle = "(loop $more
        (br_if $more (i32.ne (table.grow $t (ref.null func) (i32.const 10000)) (i32.const -1))))
        (if (i32.gt_u (table.size $t) (i32.const 20000)) (then unreachable))";
    let more = "(table $t 1 funcref)";
    let ran = Raw {
        handle,
        more,
        ..GOOD
    }
    .run();
    assert!(
        ran.result.is_ok(),
        "refused growth is told to the guest: {:?}",
        ran.result
    );
}

#[test]
fn a_table_that_begins_big_gets_no_instance() {
    let more = "(table $t 5000000 funcref)";
    Raw { more, ..GOOD }.is_not_built("");
}

#[test]
fn a_memory_that_begins_big_gets_no_instance() {
    Raw {
        memory: "16384",
        ..GOOD
    }
    .is_not_built("");
}

#[test]
fn a_start_function_has_the_time_of_a_turn() {
    let more = "(func $s (loop $ever (br $ever))) (start $s)";
    Raw { more, ..GOOD }.is_not_built("it computed for longer than 100 ms");
}

#[test]
fn an_answer_that_is_no_text_is_refused() {
    let handle = "(i32.store8 (i32.const 321) (i32.const 255))";
    Raw { handle, ..GOOD }.faults(NONSENSE);
}

/// A surrogate and a character written longer than it is, as other languages let them pass.
#[test]
fn half_characters_and_long_ways_to_write_one_are_refused() {
    for bytes in ["0x80a0ed", "0x0080c0"] {
        let handle = format!("(i32.store (i32.const 320) (i32.const {bytes}))");
        Raw {
            handle: &handle,
            ..GOOD
        }
        .faults(NONSENSE);
    }
}

#[test]
fn an_answer_outside_its_memory_is_refused() {
    let handle = "(i32.store (i32.const 256) (i32.const 0x7fffff00))";
    Raw { handle, ..GOOD }.faults(NONSENSE);
}

#[test]
fn an_answer_whose_end_wraps_around_is_refused() {
    let handle =
        "(i32.store (i32.const 256) (i32.const -16)) (i32.store (i32.const 260) (i32.const 32))";
    Raw { handle, ..GOOD }.faults(NONSENSE);
}

#[test]
fn an_answer_of_a_gigabyte_by_its_own_word_is_refused() {
    let handle = "(i32.store (i32.const 260) (i32.const 0x40000000))";
    Raw { handle, ..GOOD }.faults(NONSENSE);
}

/// All of them lie in 16 bytes each of its memory, and say nothing.
#[test]
fn a_million_messages_are_not_copied_into_the_host() {
    let handle = "(i32.store (i32.const 132) (i32.const 131072)) (i32.store (i32.const 136) (i32.const 1000000))";
    Raw {
        memory: "250",
        handle,
        ..GOOD
    }
    .faults("it handed over more than the host takes in one call");
}

/// A thousand times the same kilobytes: little in its memory, much in the host's.
#[test]
fn one_text_a_thousand_times_is_not_copied_into_the_host() {
    let handle = "(local $n i32)
        (loop $more
            (i32.store (i32.add (i32.const 131072) (i32.mul (local.get $n) (i32.const 16))) (i32.const 320))
            (i32.store (i32.add (i32.const 131076) (i32.mul (local.get $n) (i32.const 16))) (i32.const 60000))
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $n) (i32.const 1000))))
        (i32.store (i32.const 132) (i32.const 131072)) (i32.store (i32.const 136) (i32.const 1000))";
    Raw {
        memory: "4",
        handle,
        ..GOOD
    }
    .faults("it handed over more than the host takes in one call");
}

#[test]
fn an_answer_of_a_kind_that_is_not_there_is_refused() {
    let handle = "(i32.store8 (i32.const 128) (i32.const 7))";
    Raw { handle, ..GOOD }.faults(NONSENSE);
    let handle = "(i32.store8 (i32.const 140) (i32.const 99))";
    Raw { handle, ..GOOD }.faults(NONSENSE);
}

#[test]
fn an_answer_at_an_odd_place_is_refused() {
    let handle = "(return (i32.const 129))";
    Raw { handle, ..GOOD }.faults(NONSENSE);
}

#[test]
fn room_for_what_the_host_gives_must_be_its_own() {
    let realloc = r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0x7ffffff8))"#;
    Raw { realloc, ..GOOD }.faults(NONSENSE);
}

#[test]
fn making_room_has_the_time_of_a_turn() {
    let realloc = r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (loop $ever (br $ever)) (i32.const 0))"#;
    Raw { realloc, ..GOOD }.faults("it computed for longer than 100 ms");
}

/// Once more into the host while the host is handing something over.
#[test]
fn a_call_from_within_a_call_is_refused() {
    let imports = r#"(import "callslip:plugin/log@0.1.0" "write" (func $log (param i32 i32 i32)))"#;
    let realloc = r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (call $log (i32.const 1) (i32.const 16) (i32.const 5)) (i32.const 65536))"#;
    let module = Raw {
        imports,
        realloc,
        ..GOOD
    }
    .module();
    let built = build::component(&module).expect("it describes itself");
    let flow = RUNTIME.load(&built.bytes).expect("it loads");
    let ran = flow.run(
        &crate::world::all_grants(),
        &input(started("hi")),
        &mut Library::default(),
        &Limits::default(),
    );
    let ran = ran.expect("the host did its part");
    let fault = ran.result.expect_err("a fault").to_string();
    assert!(fault.starts_with(NONSENSE), "{fault}");
    assert_eq!(ran.effects.log, []);
}

/// After its answer is read it may clean up; who cannot do that in time has not answered.
#[test]
fn cleaning_up_has_the_time_of_a_turn_and_must_not_crash() {
    let more = r#"(func (export "cabi_post_handle") (param i32) (loop $ever (br $ever)))"#;
    Raw { more, ..GOOD }.faults("it computed for longer than 100 ms");
    let more = r#"(func (export "cabi_post_handle") (param i32) unreachable)"#;
    Raw { more, ..GOOD }.faults("it crashed: it panicked");
}

/// What it exports beside the two functions is nobody's: the host's storage stays the host's.
#[test]
fn a_component_that_exports_what_it_should_import_is_not_asked_for_it() {
    let mut forged = component("polite").to_vec();
    let mut instances = ComponentInstanceSection::new();
    instances.export_items([] as [(&str, ComponentExportKind, u32); 0]);
    instances.append_to_component(&mut forged);
    let at = instances_of(&component("polite"));
    let mut exports = ComponentExportSection::new();
    exports.export(
        "callslip:plugin/storage@0.1.0",
        ComponentExportKind::Instance,
        at,
        None,
    );
    exports.append_to_component(&mut forged);
    let flow = RUNTIME
        .load(&forged)
        .expect("an export is no reason to refuse it");
    let needs = &flow.plugin().needs;
    assert_eq!(needs, &[callslip_core::grants::Capability::Storage]);
    let ran = flow.run(
        &Grants::default(),
        &input(started("hi")),
        &mut Library::default(),
        &Limits::default(),
    );
    let fault = ran
        .expect("the host did its part")
        .result
        .expect_err("no grant");
    assert_eq!(
        fault.to_string(),
        "it needs \"storage\", which is no longer granted"
    );
}

/// How many component instances the outermost level of a component has.
fn instances_of(bytes: &[u8]) -> u32 {
    let (mut depth, mut count) = (0, 0);
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.expect("a component") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentInstanceSection(section) if depth == 0 => count += section.count(),
            Payload::ComponentImportSection(section) if depth == 0 => {
                let imports = section
                    .into_iter()
                    .map(|import| import.expect("an import").ty);
                count += imports
                    .filter(|kind| matches!(kind, wasmparser::ComponentTypeRef::Instance(_)))
                    .map(|_| 1)
                    .sum::<u32>();
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                let exports = section
                    .into_iter()
                    .map(|export| export.expect("an export").kind);
                count += exports
                    .filter(|kind| *kind == wasmparser::ComponentExternalKind::Instance)
                    .map(|_| 1)
                    .sum::<u32>();
            }
            _ => {}
        }
    }
    count
}
