//! Nothing heavy is compiled twice. Cargo builds a dependency again when tests ask it, or anything
//! below it, for other features than the program does; with wasmtime that costs minutes.
//!
//! Reads two answers of `cargo tree`: what building needs, and what building and testing need.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;

/// The format of the lines that are read here, after the depth.
pub(crate) const FORMAT: &str = "|{p}|{f}";

/// What takes so long that a second time would be noticed.
const HEAVY: [&str; 2] = ["wasmtime", "rusqlite"];

pub(crate) fn check(build: &str, test: &str) -> Vec<Finding> {
    let (build, test) = (Tree::read(build), Tree::read(test));
    HEAVY
        .into_iter()
        .flat_map(|heavy| compare(heavy, &build, &test))
        .collect()
}

fn compare(heavy: &str, build: &Tree<'_>, test: &Tree<'_>) -> Vec<Finding> {
    let build = build.below(heavy);
    let differing = test
        .below(heavy)
        .into_iter()
        .filter(|node| !build.contains(node));
    differing
        .map(|test_node| {
            let in_build = build.iter().find(|node| node.package == test_node.package);
            let features = in_build.map_or("nothing", |node| node.features);
            Finding {
                file: "Cargo.toml".to_owned(),
                line: None,
                what: format!(
                    "{heavy} is compiled twice, because tests want `{}` with [{}] and the program \
                     with [{features}]",
                    test_node.package, test_node.features
                ),
                cure: "ask for the same features in [dependencies] of a host package".to_owned(),
            }
        })
        .collect()
}

/// A package with the features that it is built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Node<'a> {
    package: &'a str,
    features: &'a str,
}

#[derive(Default)]
struct Tree<'a> {
    children: BTreeMap<Node<'a>, BTreeSet<Node<'a>>>,
}

impl<'a> Tree<'a> {
    /// Lines such as `2|serde v1.0.0|default,std`, ending in ` (*)` where a node stands again.
    fn read(printed: &'a str) -> Self {
        let mut tree = Self::default();
        let mut way: Vec<Node<'a>> = Vec::new();
        for line in printed.lines() {
            let Some((depth, node)) = read_line(line) else {
                continue;
            };
            way.truncate(depth);
            if let Some(parent) = way.last() {
                tree.children.entry(*parent).or_default().insert(node);
            }
            tree.children.entry(node).or_default();
            way.push(node);
        }
        tree
    }

    /// The package of that name and everything that it is made of.
    fn below(&self, name: &str) -> BTreeSet<Node<'a>> {
        let is_named = |node: &&Node<'a>| node.package.split(' ').next() == Some(name);
        let mut waiting: Vec<Node<'a>> = self.children.keys().filter(is_named).copied().collect();
        let mut found = BTreeSet::new();
        while let Some(node) = waiting.pop() {
            if found.insert(node) {
                waiting.extend(self.children.get(&node).into_iter().flatten());
            }
        }
        found
    }
}

fn read_line(line: &str) -> Option<(usize, Node<'_>)> {
    let line = line.strip_suffix(" (*)").unwrap_or(line);
    let (depth, rest) = line.split_once('|')?;
    let (package, features) = rest.split_once('|')?;
    Some((depth.parse().ok()?, Node { package, features }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILD: &str = "0|cli v0.1.0 (folder)|\n1|wasmtime v48.0.0|std\n2|bitflags v2.0.0|\n\
        1|rand v1.0.0|\n\n0|engine v0.1.0|\n1|wasmtime v48.0.0|std (*)\n";

    fn found(test: &str) -> Vec<String> {
        check(BUILD, test)
            .into_iter()
            .map(|finding| finding.what)
            .collect()
    }

    #[test]
    fn the_same_features_everywhere_are_fine() {
        assert!(found(BUILD).is_empty());
    }

    #[test]
    fn a_test_that_wants_more_of_something_below_is_found() {
        assert_eq!(
            found(&BUILD.replace("bitflags v2.0.0|", "bitflags v2.0.0|serde")),
            [
                "wasmtime is compiled twice, because tests want `bitflags v2.0.0` with [serde] and \
              the program with []"
            ]
        );
        assert_eq!(
            found(&BUILD.replace("48.0.0|std", "48.0.0|async,std")).len(),
            1
        );
    }

    #[test]
    fn what_lies_elsewhere_may_differ() {
        assert!(found(&BUILD.replace("rand v1.0.0|", "rand v1.0.0|std")).is_empty());
        let more = format!("{BUILD}\n0|tests v0.1.0|\n1|bitflags v2.0.0|serde\n");
        assert!(
            found(&more).is_empty(),
            "another copy for the tests alone is cheap"
        );
    }
}
