//! Which plugin a keyword names: the machine's, its library's own, and which version of it.

use super::*;
use crate::config::keyword_toml;
use crate::directory::FlowName;

/// Bayside's one keyword, with this flow.
fn with_flow(lines_of_flow: &str) -> Reading {
    let bayside = edit(BAYSIDE, "flow = \"hours\"", lines_of_flow);
    let mut plugins = plugins();
    let of = |digest: &str| {
        let mut plugin = Plugin::clone(&plugins["hours"]);
        plugin.digest = digest.into();
        Arc::new(plugin)
    };
    let more = [
        ("hours@1.0.0", of("old")),
        ("hours@2.0.0", of("new")),
        ("bayside/hours", of("own")),
        ("bayside/hours@1.0.0", of("own")),
        ("maple/hours", of("foreign")),
    ];
    plugins.extend(more.map(|(key, plugin)| (key.to_owned(), plugin)));
    let files = [
        file("callslip.toml", MACHINE),
        file("libraries/bayside.toml", &bayside),
        file("libraries/maple.toml", MAPLE),
    ];
    crate::config::read(&files, &plugins, None)
}

#[test]
fn a_version_and_a_library_s_own_are_named_and_written_back() {
    for (written, digest) in [
        ("flow = \"hours\"", None),
        ("flow = \"hours\"\nversion = \"1.0.0\"", Some("old")),
        ("flow = \"hours\"\nversion = \"2.0.0\"", Some("new")),
        ("flow = \"bayside/hours\"", Some("own")),
        ("flow = \"bayside/hours\"\nversion = \"1.0.0\"", Some("own")),
    ] {
        let reading = with_flow(written);
        assert_eq!(lines(&reading), [""; 0], "{written}");
        let keyword = &reading.directory.libraries[&"bayside".into()].keywords[0];
        match digest {
            Some(digest) => assert_eq!(&*keyword.plugin.digest.0, digest, "{written}"),
            None => assert!(!["old", "new", "own"].contains(&&*keyword.plugin.digest.0)),
        }
        let back = keyword_toml(keyword);
        assert!(back.contains(&format!("{written}\n")), "{back}");
    }
}

#[test]
fn g5_another_library_s_plugin_is_not_used_and_not_named() {
    let problem = |written: &str| lines(&with_flow(written)).join("\n");
    assert_eq!(
        problem("flow = \"maple/hours\""),
        "libraries/bayside.toml:14: the plugin \"maple/hours\" is another library's. Use one of the \
         machine's, or this library's own."
    );
    let unknown = problem("flow = \"zzz\"");
    assert!(unknown.contains("bayside/hours"), "{unknown}");
    assert!(!unknown.contains("maple/"), "{unknown}");
    assert!(!unknown.contains('@'), "{unknown}");
    assert_eq!(
        problem("flow = \"hours\"\nversion = \"3.0.0\""),
        "libraries/bayside.toml:15: version 3.0.0 of the plugin \"hours\" is not installed. There \
         is: 1.0.0, 2.0.0."
    );
}

#[test]
fn a_key_is_read_back() {
    for key in [
        "hours",
        "hours@1.2.0",
        "bayside/hours",
        "bayside/hours@1.0.0-a+b",
    ] {
        assert_eq!(FlowName::of_key(key).key(), key);
    }
    assert_eq!(FlowName::of_key("bayside/hours").owner(), Some("bayside"));
    assert!(FlowName::of_key("hours").is_for(&"maple".into()));
    assert!(!FlowName::of_key("bayside/hours").is_for(&"maple".into()));
}
