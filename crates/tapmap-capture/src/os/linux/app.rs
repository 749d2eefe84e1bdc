//! Names the app behind a process.

use std::sync::Arc;

use tapmap_core::{App, AppEvidence};

/// Names apps.
#[derive(Debug, Default)]
pub struct AppNamer;

impl AppNamer {
    /// A namer that knows nothing yet.
    pub fn new() -> Self {
        Self
    }

    /// The app of a process.
    pub fn describe(&mut self, pid: u32, comm: &str, executable: Option<&str>) -> App {
        let _ = pid;
        match executable.and_then(|path| path.rsplit('/').next()) {
            Some(file) => App { name: Arc::from(file), evidence: AppEvidence::FileName },
            None => App { name: Arc::from(comm), evidence: AppEvidence::ProcessName },
        }
    }

    /// The app that a control group stands for, where it stands for one.
    pub fn unit_of_cgroup(&mut self, cgroup_id: u64) -> Option<App> {
        let _ = cgroup_id;
        None
    }
}
