//! Invariant 6, nothing ungranted: not granted, granted, and granted in part.

use callslip_core::flow::{Effects, Fault};
use callslip_core::grants::{Capability, Grants};
use callslip_runtime::Limits;

use crate::world::{Library, clerk, flow, input, started};

fn without(capability: Capability) -> Grants {
    let mut grants = crate::world::all_grants();
    grants.capabilities.remove(&capability);
    grants
}

#[test]
fn invariant_6_what_a_component_imports_is_what_it_needs() {
    let needs = |guest| flow(guest).plugin().needs.clone();
    assert_eq!(needs("panics"), []);
    assert_eq!(needs("polite"), [Capability::Storage]);
    assert_eq!(
        needs("declines"),
        [Capability::Storage, Capability::ContactCard]
    );
    let both = [needs("clerk"), needs("outsider")].concat();
    let both: std::collections::BTreeSet<Capability> = both.into_iter().collect();
    assert!(
        both.into_iter().eq(Capability::ALL),
        "some guest needs each"
    );
}

#[test]
fn invariant_6_a_flow_does_not_start_without_each_of_its_grants() {
    for guest in ["clerk", "outsider"].map(flow) {
        for capability in &guest.plugin().needs {
            let ran = guest
                .run(
                    &without(*capability),
                    &input(started("log x")),
                    &mut Library::default(),
                    &Limits::default(),
                )
                .expect("the host did its part");
            assert_eq!(ran.result, Err(Fault::Withdrawn(*capability)));
            assert_eq!(ran.effects, Effects::default());
        }
    }
}

#[test]
fn invariant_6_the_refusal_names_the_grant() {
    let ran = flow("polite")
        .run(
            &Grants::default(),
            &input(started("hi")),
            &mut Library::default(),
            &Limits::default(),
        )
        .expect("the host did its part");
    assert_eq!(
        ran.result.expect_err("not granted").to_string(),
        "it needs \"storage\", which is no longer granted"
    );
}

#[test]
fn invariant_6_a_grant_that_nobody_needs_changes_nothing() {
    let ran = flow("panics")
        .run(
            &Grants::default(),
            &input(started("hi")),
            &mut Library::default(),
            &Limits::default(),
        )
        .expect("the host did its part");
    assert!(matches!(ran.result, Err(Fault::Trap(_))));
}

#[test]
fn invariant_6_profile_is_granted_field_by_field_c3() {
    let mut library = Library::default();
    library.profile.insert("name".into(), "Ada".into());
    library.profile.insert("birthday".into(), "1815".into());
    let (lines, ran) = clerk(
        &mut library,
        "profile name\nprofile birthday\nprofile birthday 1",
    );
    assert_eq!(lines[0], "Some(\"Ada\")");
    for line in &lines[1..] {
        assert!(line.starts_with("refused: Refusal::NotGranted"), "{line}");
        assert!(line.contains(r#"{ profile = [\"birthday\"] }"#), "{line}");
    }
    assert_eq!(ran.effects.writes, []);
}
