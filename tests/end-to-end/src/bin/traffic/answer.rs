//! The far side: takes TCP connections and answers with as many bytes as it was asked for, sends
//! datagrams back, and knows a few names.

use std::{
    io::{self, Read},
    net::{Ipv6Addr, TcpListener, TcpStream, UdpSocket},
    thread,
};

use anyhow::Result;

use crate::{Bytes, Held, names};

/// Where TCP connections are answered.
const TCP_PORTS: [u16; 3] = [80, 443, 7000];
/// Where TCP connections are taken and kept, whatever comes.
const SILENT_PORT: u16 = 7004;
/// Where datagrams are sent back.
const ECHO_PORTS: [u16; 2] = [7001, 7002];
/// Where names are known.
const NAME_PORT: u16 = 53;

/// Answers until it is ended.
pub(crate) fn answer(held: &mut Held) -> Result<Bytes> {
    for port in TCP_PORTS {
        let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port))?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || answer_one(stream));
            }
        });
    }
    let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, SILENT_PORT))?;
    thread::spawn(move || listener.incoming().flatten().collect::<Vec<_>>());
    for port in [&ECHO_PORTS[..], &[NAME_PORT]].concat() {
        let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, port))?;
        thread::spawn(move || -> io::Result<()> {
            let mut buffer = [0; 2048];
            loop {
                let (length, from) = socket.recv_from(&mut buffer)?;
                if ECHO_PORTS.contains(&port) {
                    socket.send_to(&buffer[..length], from)?;
                } else if let Some(answer) = names::answer(&buffer[..length]) {
                    socket.send_to(&answer, from)?;
                }
            }
        });
    }
    held.push(Box::new(()));
    Ok(Bytes::default())
}

/// The first sixteen bytes say how many bytes come with them, and how many are wanted back. Then it
/// waits until the other side closes.
fn answer_one(mut stream: TcpStream) -> io::Result<()> {
    let (mut coming, mut wanted) = ([0; 8], [0; 8]);
    stream.read_exact(&mut coming)?;
    stream.read_exact(&mut wanted)?;
    io::copy(&mut stream.try_clone()?.take(u64::from_le_bytes(coming)), &mut io::sink())?;
    io::copy(&mut io::repeat(b'a').take(u64::from_le_bytes(wanted)), &mut stream)?;
    io::copy(&mut stream, &mut io::sink())?;
    Ok(())
}
