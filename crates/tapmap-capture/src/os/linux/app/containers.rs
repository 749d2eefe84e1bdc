//! Names of containers, from the descriptions that their keepers leave on disk, or from the keeper's
//! socket. Most are for root alone, or for the user who keeps the containers; where neither answers, the
//! beginning of the id stands for the name.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{LONGEST_FILE, cgroup::Runtime, keeper::Keeper, read_beginning, read_text};

/// As much of an id as people use to tell containers apart.
const SHORT_ID: usize = 12;

/// Names are asked for again after so many were remembered.
const MOST_NAMES: usize = 4096;

/// As much of Podman's list as is read: some 4,000 containers.
const LONGEST_LIST: u64 = 32 * LONGEST_FILE;

/// Names containers; an id never gets another name, so names are remembered.
#[derive(Debug)]
pub(super) struct Containers {
    root: PathBuf,
    keeper: Keeper,
    names: HashMap<String, String>,
}

/// Docker's `config.v2.json`, and its answer about one container.
#[derive(Deserialize)]
pub(super) struct DockerContainer {
    #[serde(rename = "Name")]
    name: String,
}

impl DockerContainer {
    /// The name as people know it.
    pub(super) fn read(text: &str) -> Option<String> {
        let container: Self = serde_json::from_str(text).ok()?;
        Some(container.name.trim_start_matches('/').to_owned())
    }
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
        Self { root: root.to_owned(), keeper: Keeper::below(root), names: HashMap::new() }
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
        let on_disk = self.stores().into_iter().find_map(|store| {
            let path = store.join("docker/containers").join(id).join("config.v2.json");
            DockerContainer::read(&read_text(&path)?)
        });
        on_disk.or_else(|| self.keeper.name(id))
    }

    fn podman(&self, id: &str) -> Option<String> {
        let on_disk = self.stores().into_iter().find_map(|store| {
            let storage = store.join("containers/storage");
            ["overlay-containers", "vfs-containers", "btrfs-containers"].iter().find_map(|driver| {
                ["containers.json", "volatile-containers.json"].iter().find_map(|file| {
                    let list = read_beginning(&storage.join(driver).join(file), LONGEST_LIST)?;
                    let containers: Vec<PodmanContainer> = serde_json::from_str(&list).ok()?;
                    containers.into_iter().find(|container| container.id == id)?.names.into_iter().next()
                })
            })
        });
        on_disk.or_else(|| self.keeper.name(id))
    }

    /// Where keepers leave their descriptions: those of the system, and those of each user.
    fn stores(&self) -> Vec<PathBuf> {
        let homes = fs::read_dir(self.root.join("home")).into_iter().flatten().flatten();
        let homes = homes.map(|home| home.path()).chain([self.root.join("root")]);
        [self.root.join("var/lib")].into_iter().chain(homes.map(|home| home.join(".local/share"))).collect()
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
