//! The source itself: the list of sockets with their owners, and what stands beside it.

use std::io;

use rustix::io::Errno;
use tapmap_core::{
    Attribution, Coverage, Evidence, Layer, LayerName, Namespace, Observation, Sighting, SnapshotSource,
    SocketId, SocketRow, SocketTable, SourceError, SourceErrorKind, Timestamp,
};

use super::{
    beside::{Beside, Told, active, inactive},
    births::{self, Births},
    bpf::KernelPrograms,
    coverage::coverage,
    ends::Ends,
    gate::Gate,
    hosts::HostsFile,
    namespaces::Elsewhere,
    owners::Owners,
    packets::Packets,
    resolved::Resolved,
    sock_diag::{Consistency, SockDiag},
};
use crate::parse::inet_diag::DiagSocket;

/// How often a list is asked for when the table changed under it; the last one is taken as it is.
const ATTEMPTS: usize = 3;

/// Connections that the kernel keeps after their end are listed up to so many: a busy proxy has hundreds of
/// thousands, and their ends were told already.
const TIME_WAITS: u64 = 10_000;

/// Every open internet socket of this network namespace from the kernel's own list, and what the layers
/// beside the list tell.
#[derive(Debug)]
pub struct SockDiagSource {
    diag: Option<SockDiag>,
    gate: Option<Gate>,
    owners: Owners,
    beside: Vec<Box<dyn Beside>>,
    rows: Vec<SocketRow>,
    failing: bool,
    shows_time_waits: bool,
}

/// What stands beside the list, in the order in which it is asked: what explains the others comes first.
fn beside(births: Births, programs: Option<KernelPrograms>) -> Vec<Box<dyn Beside>> {
    let mut beside: Vec<Box<dyn Beside>> = vec![Box::new(births::Listener::new(births))];
    if let Some(programs) = programs {
        let packets = Packets::new(programs.hear_names());
        beside.push(Box::new(programs));
        beside.push(Box::new(packets));
        beside.push(Box::new(Resolved::new()));
        beside.push(Box::new(HostsFile::new()));
    }
    beside.push(Box::new(Ends::new()));
    beside.push(Box::new(Elsewhere::new()));
    beside
}

impl Default for SockDiagSource {
    fn default() -> Self {
        Self::new()
    }
}

impl SockDiagSource {
    /// A source for the network namespace of the calling thread, of what any user may ask. Asks the kernel
    /// nothing about sockets yet.
    pub fn new() -> Self {
        Self::with(None)
    }

    /// The same, with what tells of names, and with the programs inside the kernel, as far as the calling
    /// thread has the rights. The programs are loaded meanwhile, in a thread that keeps those rights for the
    /// moment that this takes: the caller may give up its own at once.
    pub fn with_kernel_programs() -> Self {
        Self::with(Some(KernelPrograms::start()))
    }

    pub(super) fn with(programs: Option<KernelPrograms>) -> Self {
        let births = Births::default();
        Self {
            diag: SockDiag::open().ok(),
            gate: Gate::open().ok(),
            owners: Owners::new(births.clone()),
            beside: beside(births, programs),
            rows: Vec::new(),
            failing: false,
            shows_time_waits: true,
        }
    }

    /// The first half of a snapshot: lists the sockets, with the owners that are known already.
    ///
    /// # Errors
    /// As [`SnapshotSource::snapshot`].
    pub fn list(&mut self) -> Result<(), SourceError> {
        if let Some(gate) = &mut self.gate {
            gate.begin();
            self.shows_time_waits = gate.time_waits().is_none_or(|count| count <= TIME_WAITS);
        }
        let result = self.list_consistent();
        self.failing = result.is_err();
        if result.is_err() {
            // Records of the broken list may still be on their way: begin anew.
            self.diag = None;
        } else if let Some(gate) = &mut self.gate {
            gate.listed();
        }
        result.map_err(explain)
    }

    /// The second half of a snapshot: finds the owners that are not known yet. Returns the table.
    pub fn attribute(&mut self) -> SocketTable {
        for layer in &mut self.beside {
            layer.name_owners(&mut self.owners);
        }
        for layer in &mut self.beside {
            layer.add_rows(&mut self.owners, &mut self.rows);
        }
        self.owners.resolve(&mut self.rows);
        let room = self.rows.len();
        SocketTable { sockets: std::mem::replace(&mut self.rows, Vec::with_capacity(room)) }
    }

    fn layer(&self) -> Layer {
        const ADDS: &str =
            "Every open TCP and UDP socket of this computer, with the bytes of each TCP connection.";
        if self.failing {
            let reason = "The kernel did not answer the last question for its sockets (sock_diag).";
            return inactive(LayerName::SocketList, reason, ADDS, None);
        }
        let reason = if self.shows_time_waits {
            "The kernel lists the sockets of every user."
        } else {
            "The kernel lists the open sockets of every user. Connections that it keeps for a minute after \
             their end are so many now that they are left out."
        };
        active(LayerName::SocketList, reason, ADDS)
    }

    fn list_consistent(&mut self) -> io::Result<()> {
        for _ in 0..ATTEMPTS {
            if self.list_once()? == Consistency::Whole {
                break;
            }
        }
        Ok(())
    }

    fn list_once(&mut self) -> io::Result<Consistency> {
        let diag = match &mut self.diag {
            Some(diag) => diag,
            none => none.insert(SockDiag::open()?),
        };
        diag.set_time_waits(self.shows_time_waits);
        let (rows, owners) = (&mut self.rows, &mut self.owners);
        rows.clear();
        owners.begin();
        diag.list(|socket| {
            if let Some(owner) = owners.see(socket, rows.len()) {
                rows.push(row(socket, owner));
            }
        })
    }
}

impl SnapshotSource for SockDiagSource {
    fn settle(&mut self) {
        self.beside.iter_mut().for_each(|layer| layer.settle());
    }

    fn coverage(&self) -> Coverage {
        let mut layers = vec![self.layer(), self.owners.layer()];
        layers.extend(self.beside.iter().flat_map(|layer| layer.layers()));
        coverage(layers)
    }

    fn may_have_opened(&mut self) -> bool {
        // Without counters nothing says no; the owner of the source then lists at its own pace.
        self.gate.as_mut().is_some_and(Gate::look)
    }

    fn told(&mut self, at: Timestamp) -> Vec<Observation> {
        let mut told = Told::new(at);
        if let Some(count) = self.gate.as_mut().and_then(|gate| gate.count(at)) {
            told.push(Sighting::Kernel(count));
        }
        for layer in &mut self.beside {
            layer.tell(at, &mut self.owners, &mut told);
        }
        told.into_observations()
    }

    fn snapshot(&mut self) -> Result<SocketTable, SourceError> {
        self.list()?;
        Ok(self.attribute())
    }
}

/// A socket as the kernel lists it, with its owner.
pub(super) fn row(socket: &DiagSocket, owner: Attribution) -> SocketRow {
    SocketRow {
        id: SocketId(socket.cookie),
        protocol: socket.protocol,
        local: socket.local,
        remote: socket.remote,
        state: socket.state,
        owner,
        counters: socket.counters,
        namespace: Namespace::OWN,
        evidence: Evidence::List,
    }
}

fn explain(error: io::Error) -> SourceError {
    let (kind, context) = match Errno::from_io_error(&error) {
        Some(Errno::ACCESS | Errno::PERM) => (
            SourceErrorKind::Permission,
            "list sockets: this sandbox or container forbids asking the kernel (sock_diag)",
        ),
        // No netlink, none of this kind, or no such question.
        Some(Errno::NOENT | Errno::INVAL | Errno::OPNOTSUPP | Errno::PROTONOSUPPORT | Errno::AFNOSUPPORT) => {
            (SourceErrorKind::Unsupported, "list sockets: this kernel has no sock_diag for internet sockets")
        }
        _ => (SourceErrorKind::Transient, "list sockets: the kernel broke off the list"),
    };
    SourceError { kind, context: context.to_owned(), cause: Some(Box::new(error)) }
}
