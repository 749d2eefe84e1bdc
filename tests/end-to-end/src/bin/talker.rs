//! The test's own program: waits, serves, holds connections or fetches a page, until its standard
//! input ends. It is copied under other names to play other apps.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    thread,
};

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("wait") => hold(&[]),
        Some("serve") => serve(&arguments[1..]),
        Some("hold") => hold(&arguments[1..]),
        Some("fetch") => fetch(&arguments[1..]),
        _ => bail!("usage: talker wait | serve PORT… | hold WHAT… | fetch ADDRESS REQUEST"),
    }
}

/// Accepts on every port, on all addresses of both families, and echoes what comes.
fn serve(ports: &[String]) -> Result<()> {
    for port in ports {
        let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port.parse()?))?;
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                thread::spawn(move || io::copy(&mut stream.try_clone()?, &mut stream));
            }
        });
    }
    hold(&[])
}

/// Holds what it is told to: `tcp:REMOTE` (1,000 bytes each way), `open:REMOTE` (TCP, silent),
/// `udp:REMOTE`, `dual:REMOTE` (an IPv4 connection on an IPv6 socket), `bind:LOCAL` (UDP), and
/// `accept:LOCAL`, which listens and keeps what it accepts.
fn hold(what: &[String]) -> Result<()> {
    let mut held: Vec<Box<dyn Send>> = Vec::new();
    for word in what {
        let (kind, address) = word.split_once(':').context("KIND:ADDRESS expected")?;
        held.push(one(kind, address).with_context(|| format!("could not hold {word}"))?);
    }
    let mut output = io::stdout();
    writeln!(output, "ready {}", std::process::id())?;
    output.flush()?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

fn one(kind: &str, address: &str) -> Result<Box<dyn Send>> {
    Ok(match kind {
        "tcp" => {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(&[b'x'; 1000])?;
            stream.read_exact(&mut [0; 1000])?;
            Box::new(stream)
        }
        "open" => Box::new(TcpStream::connect(address)?),
        "udp" => {
            let remote: SocketAddr = address.parse()?;
            let any = if remote.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
            let socket = UdpSocket::bind(any)?;
            socket.connect(remote)?;
            Box::new(socket)
        }
        "dual" => {
            let remote: SocketAddr = address.parse()?;
            let IpAddr::V4(v4) = remote.ip() else { bail!("an IPv4 address expected") };
            Box::new(TcpStream::connect((v4.to_ipv6_mapped(), remote.port()))?)
        }
        "accept" => {
            let listener = TcpListener::bind(address)?;
            let accepting = listener.try_clone()?;
            thread::spawn(move || accepting.incoming().flatten().collect::<Vec<_>>());
            Box::new(listener)
        }
        "bind" => Box::new(UdpSocket::bind(address)?),
        _ => bail!("unknown kind {kind}"),
    })
}

/// Sends one HTTP request and copies the answer to the output as it comes, until either ends.
fn fetch(arguments: &[String]) -> Result<()> {
    let [address, request] = arguments else { bail!("ADDRESS and REQUEST expected") };
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {request} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut output = io::stdout();
    writeln!(output, "ready {}", std::process::id())?;
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer)?;
        let is_heard = output.write_all(&buffer[..length]).and_then(|()| output.flush()).is_ok();
        if length == 0 || !is_heard {
            return Ok(());
        }
    }
}
