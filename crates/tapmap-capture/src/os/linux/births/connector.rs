//! The socket to the kernel's process connector. From kernel 6.6 on any user may listen; before, it takes
//! the right to administer the network. What it tells is in the numbers of the first pid namespace.

use rustix::{
    fd::{BorrowedFd, OwnedFd},
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketAddrAny, SocketFlags, SocketType, bind, netlink, recvfrom,
        send, socket_with,
        sockopt::{set_socket_recv_buffer_size, set_socket_recv_buffer_size_force},
    },
};

use crate::{
    os::linux::waiting::wait,
    parse::proc_connector::{EXEC, EXIT, Event, FORK, What, event, listen},
};

/// `CN_IDX_PROC` as a bit.
const GROUP: u32 = 1;
/// Room for a burst, in bytes; the kernel counts each event as about 800.
const QUEUE: usize = 4 * 1024 * 1024;
/// An event is below 100 bytes.
const BUFFER: usize = 1024;

/// A netlink socket that hears of processes.
#[derive(Debug)]
pub(super) struct Connector {
    socket: OwnedFd,
}

/// What came of asking for the next event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// This.
    Event(Event),
    /// The queue was full, and events were lost.
    Lost,
    /// Nothing more for now.
    Nothing,
}

impl Connector {
    /// Begins to listen.
    ///
    /// # Errors
    /// `ECONNREFUSED` in another than the first network namespace, `EPERM` on kernels before 6.6 without
    /// rights, `ENOENT` where the kernel does not answer, as in another than the first pid namespace.
    pub(super) fn open() -> Result<Self, Errno> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let kind = SocketType::DGRAM;
        let socket = socket_with(AddressFamily::NETLINK, kind, flags, Some(netlink::CONNECTOR))?;
        if set_socket_recv_buffer_size_force(&socket, QUEUE).is_err() {
            set_socket_recv_buffer_size(&socket, QUEUE)?;
        }
        bind(&socket, &netlink::SocketAddrNetlink::new(0, GROUP))?;
        let connector = Self { socket };
        connector.request(None)?;
        connector.answer()?;
        // Only now, since this one is not answered: less to be woken for.
        connector.request(Some(FORK | EXEC | EXIT))?;
        Ok(connector)
    }

    fn request(&self, kinds: Option<u32>) -> Result<(), Errno> {
        send(&self.socket, &listen(kinds), SendFlags::empty()).map(drop)
    }

    /// The kernel answers while it takes the request, or never.
    fn answer(&self) -> Result<(), Errno> {
        loop {
            match self.next()? {
                Next::Event(Event { what: What::Answer(0), .. }) => return Ok(()),
                Next::Event(Event { what: What::Answer(number), .. }) => {
                    return Err(Errno::from_raw_os_error(i32::try_from(number).unwrap_or(0)));
                }
                Next::Event(_) | Next::Lost => {}
                Next::Nothing => return Err(Errno::NOENT),
            }
        }
    }

    /// The next event, without waiting.
    pub(super) fn next(&self) -> Result<Next, Errno> {
        let mut buffer = [0; BUFFER];
        loop {
            match recvfrom(&self.socket, &mut buffer[..], RecvFlags::empty()) {
                Ok((length, _, sender)) => {
                    // Who is not the kernel is not listened to.
                    let event = event(buffer.get(..length).unwrap_or_default());
                    if let Some(event) = event.filter(|_| is_kernel(sender)) {
                        return Ok(Next::Event(event));
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(Next::Nothing),
                Err(Errno::NOBUFS) => return Ok(Next::Lost),
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits for an event. Says whether to go on.
    pub(super) fn wait(&self, stop: BorrowedFd<'_>) -> bool {
        wait(&self.socket, stop)
    }
}

fn is_kernel(sender: Option<SocketAddrAny>) -> bool {
    let sender = sender.and_then(|sender| netlink::SocketAddrNetlink::try_from(sender).ok());
    sender.is_some_and(|sender| sender.pid() == 0)
}
