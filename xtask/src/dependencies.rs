//! What each crate may not reach. The most important property of a crate is what it does not
//! depend on; here that is held against what cargo resolved.

use crate::{
    Outcome,
    shell::{cargo, output},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The crates of ours that each may know, and the others that it must not reach however indirectly; `*` is
/// everything that it does not know by name.
const RULES: [Rule; 9] = [
    // A hasher, which has no dependencies: each event goes through a dozen maps.
    Rule { name: "tapmap-core", knows: &["foldhash"], must_not_reach: &["*"] },
    Rule { name: "tapmap-geodata", knows: &[], must_not_reach: &["*"] },
    Rule {
        name: "tapmap-capture",
        knows: &["tapmap-core"],
        must_not_reach: &["tokio", "axum", "hyper", "clap"],
    },
    Rule {
        name: "tapmap-enrich",
        knows: &["tapmap-core", "tapmap-geodata"],
        must_not_reach: &["tokio", "axum", "hyper", "clap"],
    },
    // Reads what others made, so it cannot do more than read: no files, no network, no runtime.
    Rule {
        name: "tapmap-names",
        knows: &["tapmap-core"],
        must_not_reach: &["tokio", "axum", "hyper", "clap", "rustix", "socket2"],
    },
    // The only crate that knows SQL; others reach a history through core's seam.
    Rule {
        name: "tapmap-history",
        knows: &["tapmap-core"],
        must_not_reach: &["tokio", "axum", "hyper", "clap"],
    },
    Rule {
        name: "tapmap-engine",
        knows: &["tapmap-core"],
        must_not_reach: &["axum", "hyper", "clap", "serde_json", "rustix", "rusqlite"],
    },
    Rule {
        name: "tapmap-web",
        knows: &["tapmap-core", "tapmap-engine"],
        must_not_reach: &["clap", "toml", "rusqlite"],
    },
    Rule {
        name: "tapmap",
        knows: &[
            "tapmap-core",
            "tapmap-capture",
            "tapmap-enrich",
            "tapmap-names",
            "tapmap-engine",
            "tapmap-history",
            "tapmap-web",
            "tapmap-geodata",
        ],
        must_not_reach: &["openssl-sys", "native-tls", "rustls", "reqwest", "ureq", "hickory-resolver"],
    },
];

struct Rule {
    name: &'static str,
    knows: &'static [&'static str],
    must_not_reach: &'static [&'static str],
}

/// Holds every rule.
///
/// # Errors
/// With the rules that are broken.
pub(crate) fn check() -> Outcome {
    let graph = Graph::read(&metadata()?).ok_or("cargo metadata has changed its form")?;
    let broken: Vec<String> = RULES.iter().flat_map(|rule| rule.broken(&graph)).collect();
    println!("{} rules over {} packages", RULES.len(), graph.uses.len());
    if broken.is_empty() { Ok(()) } else { Err(broken.join("; ")) }
}

/// What cargo says of all packages and how they resolve.
///
/// # Errors
/// When cargo fails.
pub(crate) fn metadata() -> Result<Value, String> {
    let text = output(&mut cargo(&["metadata", "--format-version", "1", "--locked"]))?;
    serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))
}

/// Which package uses which, at run time; by name.
struct Graph {
    uses: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read(metadata: &Value) -> Option<Self> {
        let packages = metadata.get("packages")?.as_array()?;
        let names: BTreeMap<&str, &str> = packages
            .iter()
            .map(|package| Some((package.get("id")?.as_str()?, package.get("name")?.as_str()?)))
            .collect::<Option<_>>()?;
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in metadata.get("resolve")?.get("nodes")?.as_array()? {
            let name = names.get(node.get("id")?.as_str()?)?;
            let dependencies = uses.entry((*name).to_owned()).or_default();
            for dependency in node.get("deps")?.as_array()? {
                if is_of_run_time(dependency) {
                    dependencies.insert((*names.get(dependency.get("pkg")?.as_str()?)?).to_owned());
                }
            }
        }
        Some(Self { uses })
    }

    /// Everything that a package reaches, itself not counted.
    fn reach(&self, name: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            for used in self.uses.get(name).into_iter().flatten() {
                if reached.insert(used.as_str()) {
                    open.push(used);
                }
            }
        }
        reached
    }
}

/// Whether a dependency is more than one for building or testing.
fn is_of_run_time(dependency: &Value) -> bool {
    let kinds = dependency.get("dep_kinds").and_then(Value::as_array);
    kinds.is_none_or(|kinds| kinds.iter().any(|kind| kind.get("kind").is_none_or(Value::is_null)))
}

impl Rule {
    fn broken(&self, graph: &Graph) -> Vec<String> {
        let direct = graph.uses.get(self.name).cloned().unwrap_or_default();
        let ours = direct.iter().filter(|name| name.starts_with("tapmap"));
        let unknown = ours.filter(|name| !self.knows.contains(&name.as_str()));
        let mut broken: Vec<String> =
            unknown.map(|name| format!("{} must not know {name}", self.name)).collect();
        let reached = graph.reach(self.name);
        for forbidden in self.must_not_reach {
            if *forbidden == "*" {
                let unknown = reached.iter().filter(|name| !self.knows.contains(name));
                broken.extend(unknown.map(|name| format!("{} must not use {name}", self.name)));
            } else if reached.contains(forbidden) {
                broken.push(format!("{} must not reach {forbidden}", self.name));
            }
        }
        broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(uses: &[(&str, &[&str])]) -> Graph {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Graph { uses: uses.iter().map(|(name, used)| ((*name).to_owned(), owned(used))).collect() }
    }

    #[test]
    fn what_is_reached_indirectly_counts() {
        let graph = graph(&[("a", &["b"]), ("b", &["tokio"]), ("tokio", &[])]);
        let rule = Rule { name: "a", knows: &[], must_not_reach: &["tokio"] };
        assert_eq!(rule.broken(&graph), ["a must not reach tokio"]);
    }

    #[test]
    fn a_crate_of_ours_that_is_not_named_may_not_be_known() {
        let graph = graph(&[("tapmap-web", &["tapmap-capture", "tapmap-core"])]);
        let rule = Rule { name: "tapmap-web", knows: &["tapmap-core"], must_not_reach: &[] };
        assert_eq!(rule.broken(&graph), ["tapmap-web must not know tapmap-capture"]);
    }

    #[test]
    fn nothing_at_all_means_nothing() {
        let graph = graph(&[("tapmap-core", &["serde"])]);
        let rule = Rule { name: "tapmap-core", knows: &[], must_not_reach: &["*"] };
        assert_eq!(rule.broken(&graph), ["tapmap-core must not use serde"]);
        let rule = Rule { knows: &["serde"], ..rule };
        assert_eq!(rule.broken(&graph), [""; 0]);
    }
}
