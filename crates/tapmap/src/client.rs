//! Asks the running instance over plain HTTP. Speaks version 1.0, so that an answer is what comes
//! until the connection closes; loopback and a program of our own version need nothing more.

use crate::{
    exit::{Failure, FailureKind},
    instance::Instance,
};
use anyhow::{Context, bail};
use serde::de::DeserializeOwned;
use std::fmt::Write as _;
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How long the instance may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of an answer is read: enough for a hundred thousand flows.
const LONGEST_ANSWER: u64 = 256 << 20;

/// What `GET` of a path answers.
///
/// # Errors
/// When the instance does not answer, answers with a problem, or with something else than asked.
pub(crate) fn get<T: DeserializeOwned>(instance: &Instance, path: &str) -> anyhow::Result<T> {
    ask(instance, "GET", path, "")
}

/// What `POST` of a value to a path answers.
///
/// # Errors
/// As for [`get`].
pub(crate) fn post_value<T: DeserializeOwned>(
    instance: &Instance,
    path: &str,
    value: &impl serde::Serialize,
) -> anyhow::Result<T> {
    ask(instance, "POST", path, &serde_json::to_string(value)?)
}

/// What `PUT` of a value to a path answers.
///
/// # Errors
/// As for [`get`].
pub(crate) fn put_value<T: DeserializeOwned>(
    instance: &Instance,
    path: &str,
    value: &impl serde::Serialize,
) -> anyhow::Result<T> {
    ask(instance, "PUT", path, &serde_json::to_string(value)?)
}

/// What `DELETE` of a path answers.
///
/// # Errors
/// As for [`get`].
pub(crate) fn delete<T: DeserializeOwned>(instance: &Instance, path: &str) -> anyhow::Result<T> {
    ask(instance, "DELETE", path, "")
}

/// What `POST` of an empty object to a path answers.
///
/// # Errors
/// As for [`get`].
pub(crate) fn post<T: DeserializeOwned>(instance: &Instance, path: &str) -> anyhow::Result<T> {
    ask(instance, "POST", path, "{}")
}

/// A text as it may stand in the query of a path (RFC 3986 §2.3: what is not unreserved is escaped).
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            let _written = write!(safe, "%{byte:02X}");
        }
    }
    safe
}

fn ask<T: DeserializeOwned>(instance: &Instance, method: &str, path: &str, body: &str) -> anyhow::Result<T> {
    let address = instance.reachable();
    let token = &instance.token;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nAccept: application/json\r\nX-TapMap-Token: {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let answer = exchange(address, &request).map_err(|error| {
        let message = format!("the running TapMap at {address} does not answer");
        let hint = format!("end process {} if it stays like that, and start it anew", instance.pid);
        Failure::new(FailureKind::InUse, message).because(error).hint(hint)
    })?;
    let (status, content) = split(&answer).context("the running TapMap did not answer in HTTP")?;
    if status != 200 {
        bail!("the running TapMap answered {status}: {}", problem(content));
    }
    serde_json::from_slice(content).context("the running TapMap answered something else than asked")
}

/// Everything that is answered until the connection closes.
fn exchange(address: SocketAddr, request: &str) -> io::Result<Vec<u8>> {
    // What the system calls a time that has run out differs between systems, and says little.
    let in_words = |error: io::Error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            io::Error::other(format!("nothing came within {} s", PATIENCE.as_secs()))
        }
        _ => error,
    };
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(in_words)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes()).map_err(in_words)?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer).map_err(in_words)?;
    Ok(answer)
}

/// Status and body of a whole answer.
fn split(answer: &[u8]) -> Option<(u16, &[u8])> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.lines().next()?.split(' ').nth(1)?.parse().ok()?;
    Some((status, &answer[end + 4..]))
}

/// The sentence of a problem document (RFC 9457), else its beginning.
fn problem(content: &[u8]) -> String {
    let document: serde_json::Value = serde_json::from_slice(content).unwrap_or_default();
    let sentence = ["detail", "title"].iter().find_map(|key| document.get(key)?.as_str());
    sentence.map_or_else(|| String::from_utf8_lossy(content).chars().take(200).collect(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_split_into_status_and_body() {
        let answer = b"HTTP/1.0 404 Not Found\r\nContent-Type: x\r\n\r\n{\"detail\":\"no such thing\"}";
        let (status, content) = split(answer).unwrap();
        assert_eq!((status, problem(content)), (404, "no such thing".to_owned()));
        assert_eq!(split(b"HTTP/1.0 200 OK\r\n"), None);
        assert_eq!(split(b"hello\r\n\r\n"), None);
    }
}
