//! One instance for each data folder: the lock that makes it so, and the file by which the command
//! line and a second start find the running one. The lock decides who runs; the file only says
//! where, and counts for nothing when nobody holds the lock.

use crate::{
    exit::{Failure, FailureKind},
    folders,
};
use serde::{Deserialize, Serialize};
use std::{
    fmt::Write as _,
    fs::{self, File, TryLockError},
    io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

/// How often an instance that is just starting or ending is waited for, and how long each time.
const PATIENCE: (u32, Duration) = (40, Duration::from_millis(50));

/// What the file says of the running instance.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Instance {
    /// Port of its page.
    pub(crate) port: u16,
    /// Address it listens on.
    pub(crate) bind: IpAddr,
    /// What a request needs to change something.
    pub(crate) token: String,
    /// The boot of the machine it runs in; empty where the system does not tell.
    pub(crate) boot: String,
    /// Its process id.
    pub(crate) pid: u32,
    /// Names this run of the recorder.
    pub(crate) epoch: String,
    /// Its version.
    pub(crate) version: String,
}

impl Instance {
    /// Where this computer reaches it: an address of loopback when it listens on every interface.
    pub(crate) fn reachable(&self) -> SocketAddr {
        SocketAddr::new(reachable(self.bind), self.port)
    }

    /// The address of its page.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.reachable())
    }
}

/// An address at which this computer reaches a server that listens on `bind`.
pub(crate) fn reachable(bind: IpAddr) -> IpAddr {
    match bind {
        IpAddr::V4(address) if address.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        bind => bind,
    }
}

/// The right to be the one instance of a data folder; given back when dropped, however the process
/// ends.
#[derive(Debug)]
pub(crate) struct Claim {
    folder: PathBuf,
    /// Holds the lock as long as it is open.
    _lock: File,
}

/// What came of trying to be the instance.
#[derive(Debug)]
pub(crate) enum Claimed {
    /// This process is the instance now.
    Won(Claim),
    /// Another one runs.
    Runs(Instance),
}

/// Tries to be the one instance of a folder. An instance that is just starting or ending is waited
/// for, a moment long.
///
/// # Errors
/// When the system refuses, or another process holds the lock and does not say where it serves.
pub(crate) fn claim(folder: &Path) -> Result<Claimed, Failure> {
    let path = folder.join(folders::LOCK);
    let refused = |error: &io::Error| {
        let message = format!("the lock {} cannot be taken", path.display());
        Failure::from_io(error, FailureKind::InUse, message).hint("name another folder with --data-dir")
    };
    let (times, pause) = PATIENCE;
    for _ in 0..times {
        let lock = open_lock(&path).map_err(|error| refused(&error))?;
        match lock.try_lock() {
            Ok(()) => return Ok(Claimed::Won(Claim { folder: folder.to_owned(), _lock: lock })),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(refused(&error)),
        }
        if let Some(instance) = read(folder) {
            return Ok(Claimed::Runs(instance));
        }
        #[expect(clippy::disallowed_methods, reason = "another process acts; there is nothing to wait on")]
        std::thread::sleep(pause);
    }
    Err(Failure::new(FailureKind::InUse, format!("another TapMap holds the folder {}", folder.display()))
        .because("it does not say where its page is")
        .hint("end it, or name another folder with --data-dir"))
}

/// The instance that runs in a folder; `None` when none does, also when one left its file behind.
pub(crate) fn running(folder: &Path) -> Option<Instance> {
    let lock = File::open(folder.join(folders::LOCK)).ok()?;
    // A shared lock, so that two commands asking at once do not take each other for the instance.
    let held = matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock));
    held.then(|| read(folder)).flatten()
}

fn open_lock(path: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(path)
}

fn read(folder: &Path) -> Option<Instance> {
    let text = fs::read_to_string(folder.join(folders::INSTANCE)).ok()?;
    serde_json::from_str(&text).ok()
}

impl Claim {
    /// Forgets what an instance that ended badly left behind, so that nobody is sent there.
    pub(crate) fn clear(&self) {
        let path = self.folder.join(folders::INSTANCE);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(path = %path.display(), %error, "cannot remove"),
        }
    }

    /// Says where the instance is.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn announce(&self, instance: &Instance) -> Result<Announced<'_>, Failure> {
        let path = self.folder.join(folders::INSTANCE);
        let text = serde_json::to_vec_pretty(instance).unwrap_or_default();
        folders::write_private(&path, &text).map_err(|error| {
            let message = format!("{} cannot be written", path.display());
            Failure::from_io(&error, FailureKind::InUse, message).hint("name another folder with --data-dir")
        })?;
        Ok(Announced { claim: self })
    }
}

/// The file is there as long as this is.
#[derive(Debug)]
pub(crate) struct Announced<'a> {
    claim: &'a Claim,
}

impl Drop for Announced<'_> {
    fn drop(&mut self) {
        self.claim.clear();
    }
}

/// The secret of a data folder, made when it is asked for the first time.
///
/// # Errors
/// When it can neither be read nor made.
pub(crate) fn token(folder: &Path) -> Result<String, Failure> {
    let path = folder.join(folders::TOKEN);
    let failed = |error: &io::Error| {
        let message = format!("the token {} cannot be used", path.display());
        Failure::from_io(error, FailureKind::InUse, message).hint("name another folder with --data-dir")
    };
    match fs::read_to_string(&path) {
        Ok(text) if is_token(text.trim()) => return Ok(text.trim().to_owned()),
        Ok(_) => tracing::warn!("the token file held something else; a new token is made"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(&error)),
    }
    let token = random_hex::<32>();
    folders::write_private(&path, token.as_bytes()).map_err(|error| failed(&error))?;
    Ok(token)
}

/// At least 128 bits in hexadecimal.
fn is_token(text: &str) -> bool {
    text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// So many random bytes in hexadecimal.
pub(crate) fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    // Without randomness no secret can be made, and nothing that needs one may go on.
    #[expect(clippy::expect_used, reason = "a system without randomness cannot run this program safely")]
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes.iter().fold(String::with_capacity(2 * BYTES), |mut text, byte| {
        let _written = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
