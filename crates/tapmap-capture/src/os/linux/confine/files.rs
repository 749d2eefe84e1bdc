//! Landlock: which files may still be touched, and no connection at all.

use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use tapmap_core::{Layer, LayerName};

use crate::confinement::{Files, protection};

/// The newest version of Landlock that is made use of; an older kernel does what it can.
const NEWEST: ABI = ABI::V10;

/// Restricts the calling thread to these files. Files that are open, and sockets that listen or are
/// connected, stay usable; no port can be taken and no connection opened any more.
pub fn restrict_files(files: &Files) -> Layer {
    let (active, reason) = match restrict(files) {
        Ok(RestrictionStatus { ruleset: RulesetStatus::NotEnforced, .. }) => {
            (false, "This kernel has no Landlock, or it is switched off.".to_owned())
        }
        Ok(RestrictionStatus { landlock: LandlockStatus::Available { effective_abi, .. }, .. })
            if effective_abi < ABI::V4 =>
        {
            let reason = "What serves the page can touch only its own files; of connections this kernel's \
                          Landlock knows nothing.";
            (true, reason.to_owned())
        }
        Ok(_) => {
            let reason = "What serves the page can touch only its own files and can open no connection.";
            (true, reason.to_owned())
        }
        Err(error) => (false, format!("The kernel refused it: {error}.")),
    };
    protection(LayerName::Landlock, active, reason)
}

fn restrict(files: &Files) -> Result<RestrictionStatus, RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(path_beneath_rules::<_, &PathBuf, _>(&files.read, reading()))?
        .add_rules(path_beneath_rules::<_, &PathBuf, _>(&files.write, writing()))?
        .add_rules(path_beneath_rules::<_, &PathBuf, BitFlags<AccessFs>>(
            &files.clear,
            AccessFs::RemoveDir.into(),
        ))?
        .restrict_self()
}

/// What may be done with files that may be read: no program among them is started.
fn reading() -> BitFlags<AccessFs> {
    AccessFs::ReadFile | AccessFs::ReadDir
}

/// What may be done with plain files and folders that may be written.
fn writing() -> BitFlags<AccessFs> {
    reading()
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::Refer
}
