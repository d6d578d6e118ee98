//! What `cargo metadata` says, as far as these commands care: packages, licences
//! and rooms, and who depends on whom.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub packages: Vec<Package>,
    pub workspace_root: PathBuf,
    pub target_directory: PathBuf,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub id: String,
    pub name: String,
    pub version: String,
    pub license: Option<String>,
    pub manifest_path: PathBuf,
    /// `[package.metadata]`, whatever stands there.
    #[serde(default)]
    pub metadata: Value,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Debug, Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

impl Metadata {
    /// The packages of this repository.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.is_member(package))
    }

    pub(crate) fn is_member(&self, package: &Package) -> bool {
        self.workspace_members.contains(&package.id)
    }

    /// Where a member's Cargo.toml lies, from the root, as Git writes it.
    pub(crate) fn manifest(&self, package: &Package) -> String {
        let path = &package.manifest_path;
        let path = path.strip_prefix(&self.workspace_root).unwrap_or(path);
        path.to_string_lossy().replace('\\', "/")
    }

    pub(crate) fn members_below(&self, folder: &str) -> impl Iterator<Item = &Package> {
        let folder = self.workspace_root.join(folder);
        self.members()
            .filter(move |package| package.manifest_path.starts_with(&folder))
    }

    pub(crate) fn graph(&self) -> Graph<'_> {
        let packages = self.packages.iter().map(|p| (p.id.as_str(), p)).collect();
        let nodes = self
            .resolve
            .nodes
            .iter()
            .map(|n| (n.id.as_str(), n))
            .collect();
        Graph { packages, nodes }
    }
}

/// Who depends on whom; what is needed for tests alone is left out.
pub(crate) struct Graph<'a> {
    packages: HashMap<&'a str, &'a Package>,
    nodes: HashMap<&'a str, &'a Node>,
}

impl<'a> Graph<'a> {
    pub(crate) fn dependencies(&self, package: &Package) -> Vec<&'a Package> {
        let Some(node) = self.nodes.get(package.id.as_str()) else {
            return Vec::new();
        };
        let edges = node.deps.iter().filter(|edge| edge.is_outside_tests());
        edges
            .filter_map(|edge| self.packages.get(edge.pkg.as_str()).copied())
            .collect()
    }
}

impl Edge {
    fn is_outside_tests(&self) -> bool {
        self.dep_kinds
            .iter()
            .any(|kind| kind.kind.as_deref() != Some("dev"))
    }
}

impl Package {
    /// The folder that holds the package.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }
}
