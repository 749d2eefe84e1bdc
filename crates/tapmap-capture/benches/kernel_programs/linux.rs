//! The measurements themselves: alternated with and without the programs, since the machine's pace changes.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::mpsc::{RecvTimeoutError, channel},
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use tapmap_capture::os::linux::SockDiagSource;
use tapmap_core::{Evidence, LayerName, Sighting, SnapshotSource as _, SocketState, Timestamp};

/// Rounds of each kind, with and without the programs by turns.
const ROUNDS: usize = 9;
/// Connections and datagrams in one round; the events of one have room in the ring.
const CONNECTIONS: usize = 4_000;
const DATAGRAMS: usize = 40_000;
/// Connections at the fastest rate, while somebody reads.
const BURST: usize = 200_000;
/// How often the recorder reads.
const TICK: Duration = Duration::from_millis(100);

const NEEDED: [LayerName; 3] = [LayerName::TcpEvents, LayerName::UdpDestinations, LayerName::UdpBytes];

/// CPU time of this thread in microseconds.
fn cpu_us() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let micros = time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3;
    micros
}

/// CPU microseconds that one of several things takes.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn cost_each(count: usize, mut work: impl FnMut()) -> f64 {
    let before = cpu_us();
    for _ in 0..count {
        work();
    }
    (cpu_us() - before) / count as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A source with its programs in the kernel, when it takes them.
fn source() -> Option<SockDiagSource> {
    let mut source = SockDiagSource::with_kernel_programs();
    source.settle();
    let layers = source.coverage().layers;
    let missing = layers.iter().find(|layer| NEEDED.contains(&layer.name) && !layer.active);
    if let Some(missing) = missing {
        println!("kernel_programs: cannot be measured here: {}", missing.reason);
        return None;
    }
    source.told(Timestamp::default());
    Some(source)
}

/// A whole connection with both ends here: open, 64 bytes, close.
fn connection(listener: &TcpListener, target: SocketAddr) {
    let mut near = TcpStream::connect(target).unwrap();
    let mut far = listener.accept().unwrap().0;
    near.write_all(&[1; 64]).unwrap();
    far.read_exact(&mut [0; 64]).unwrap();
    // The far end closes first and waits, so that the near port is free again.
    drop(far);
    drop(near);
}

/// What is measured: CPU microseconds for each connection and datagram.
#[derive(Default)]
struct Costs {
    connection: Vec<f64>,
    to_an_address: Vec<f64>,
    with_a_peer: Vec<f64>,
}

impl Costs {
    fn measure(&mut self) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = listener.local_addr().unwrap();
        self.connection.push(cost_each(CONNECTIONS, || connection(&listener, target)));
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        let target = receiver.local_addr().unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut room = [0; 64];
        self.to_an_address.push(cost_each(DATAGRAMS, || {
            sender.send_to(&[1; 32], target).unwrap();
            receiver.recv_from(&mut room).unwrap();
        }));
        sender.connect(target).unwrap();
        self.with_a_peer.push(cost_each(DATAGRAMS, || {
            sender.send(&[1; 32]).unwrap();
            receiver.recv_from(&mut room).unwrap();
        }));
    }
}

pub(crate) fn main() {
    if source().is_some() {
        loading();
        added();
        burst();
    }
}

/// What it takes to load them, at each start.
fn loading() {
    let costs = (0..ROUNDS).map(|_| {
        let before = process_ms();
        let kept = source();
        let cost = process_ms() - before;
        drop(kept);
        cost
    });
    println!("loading the programs, CPU ms, median                {:>9.0}", median(costs.collect()));
}

/// CPU time of this whole process in milliseconds.
fn process_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let millis = time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6;
    millis
}

/// What is added in the process that connects or sends.
fn added() {
    let (mut without, mut with) = (Costs::default(), Costs::default());
    for _ in 0..ROUNDS {
        without.measure();
        let kept = source();
        with.measure();
        drop(kept);
    }
    println!("CPU µs in the process that connects or sends, median of {ROUNDS} alternated rounds");
    println!("  {:<44} {:>8} {:>8} {:>8} {:>7}", "", "without", "with", "added", "target");
    for (label, without, with, target) in [
        ("a TCP connection, both ends", without.connection, with.connection, "4.00"),
        ("a datagram to an address, sent and received", without.to_an_address, with.to_an_address, "0.30"),
        ("a datagram to a peer, sent and received", without.with_a_peer, with.with_a_peer, "0.30"),
    ] {
        let (without, with) = (median(without), median(with));
        println!("  {label:<44} {without:>8.2} {with:>8.2} {:>8.2} {target:>7}", with - without);
    }
}

/// Many connections as fast as one thread makes them, read at the recorder's pace.
fn burst() {
    let Some(mut source) = source() else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap();
    let (tell, done) = channel();
    let worker = std::thread::spawn(move || {
        let cost = cost_each(BURST, || connection(&listener, target));
        tell.send(cost).unwrap();
    });
    let (mut reading, mut heard, mut closed, mut lost) = (0.0, 0, 0, 0);
    let mut cost = None;
    while cost.is_none() {
        match done.recv_timeout(TICK) {
            Ok(each) => cost = Some(each),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let before = cpu_us();
        let told = source.told(Timestamp::default());
        reading += cpu_us() - before;
        for observation in told {
            match observation.sighting {
                Sighting::Lost(gap) => lost += gap.lost.unwrap_or(1),
                Sighting::Socket(row) if row.evidence == Evidence::Event => {
                    heard += 1;
                    let of_ours = row.local == target.into() || row.remote == Some(target.into());
                    closed +=
                        usize::from(of_ours && row.state == SocketState::Closed && row.remote.is_some());
                }
                _ => {}
            }
        }
    }
    worker.join().unwrap();
    println!("{BURST} connections as fast as one thread makes them ({:.1} µs each)", cost.unwrap_or(0.0));
    println!("  ends told                                    {closed:>9} of {}", 2 * BURST);
    println!("  lost                                         {lost:>9}");
    println!(
        "  reader's CPU µs for each event of {heard:<11}{:>9.2}",
        reading / f64::from(u32::try_from(heard).unwrap_or(1))
    );
}
