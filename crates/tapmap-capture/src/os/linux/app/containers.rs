//! Names of containers, from the descriptions that their keepers leave on disk. Most are for root
//! to read; where they are not readable, the beginning of the id stands for the name.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{cgroup::Runtime, read_text};

/// As much of an id as people use to tell containers apart.
const SHORT_ID: usize = 12;

/// Names are asked for again after so many were remembered.
const MOST_NAMES: usize = 4096;

/// Names containers; an id never gets another name, so names are remembered.
#[derive(Debug)]
pub(super) struct Containers {
    root: PathBuf,
    names: HashMap<String, String>,
}

/// Docker's `config.v2.json`.
#[derive(Deserialize)]
struct DockerContainer {
    #[serde(rename = "Name")]
    name: String,
}

/// An element of Podman's `containers.json`.
#[derive(Deserialize)]
struct PodmanContainer {
    id: String,
    #[serde(default)]
    names: Vec<String>,
}

impl Containers {
    pub(super) fn below(root: &Path) -> Self {
        Self { root: root.to_owned(), names: HashMap::new() }
    }

    /// The container's name, or its keeper and the beginning of its id.
    pub(super) fn name(&mut self, runtime: Runtime, id: &str) -> String {
        if let Some(name) = self.names.get(id) {
            return name.clone();
        }
        let name = match runtime {
            Runtime::Docker => self.docker(id),
            Runtime::Podman => self.podman(id),
            Runtime::Kubernetes => self.kubernetes(id),
            Runtime::Other => None,
        };
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| unnamed(runtime, id));
        if self.names.len() >= MOST_NAMES {
            self.names.clear();
        }
        self.names.insert(id.to_owned(), name.clone());
        name
    }

    fn docker(&self, id: &str) -> Option<String> {
        let path = self.root.join("var/lib/docker/containers").join(id).join("config.v2.json");
        let container: DockerContainer = serde_json::from_str(&read_text(&path)?).ok()?;
        Some(container.name.trim_start_matches('/').to_owned())
    }

    fn podman(&self, id: &str) -> Option<String> {
        let path = self.root.join("var/lib/containers/storage/overlay-containers/containers.json");
        let containers: Vec<PodmanContainer> = serde_json::from_str(&read_text(&path)?).ok()?;
        containers.into_iter().find(|container| container.id == id)?.names.into_iter().next()
    }

    /// The kubelet links each log as `<pod>_<namespace>_<container>-<id>.log`.
    fn kubernetes(&self, id: &str) -> Option<String> {
        let end = format!("-{id}.log");
        let files = fs::read_dir(self.root.join("var/log/containers")).ok()?;
        files.flatten().find_map(|file| {
            let file = file.file_name();
            let (_pod, rest) = file.to_str()?.strip_suffix(&end)?.split_once('_')?;
            let (namespace, container) = rest.split_once('_')?;
            Some(format!("{container} ({namespace})"))
        })
    }
}

fn unnamed(runtime: Runtime, id: &str) -> String {
    let keeper = match runtime {
        Runtime::Docker => "docker",
        Runtime::Podman => "podman",
        Runtime::Kubernetes => "kubernetes",
        Runtime::Other => "container",
    };
    format!("{keeper} {}", id.get(..SHORT_ID).unwrap_or(id))
}
