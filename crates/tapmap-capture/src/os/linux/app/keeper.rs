//! Asks the keeper of a container for its name: Docker, or Podman in Docker's language, over the Unix
//! socket that the user may open. One question, one answer (Docker Engine API, "Inspect a container").

use std::{
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{LONGEST_FILE, containers::DockerContainer};

/// The keeper answers at once, or its answer is not worth waiting for.
const PATIENCE: Duration = Duration::from_millis(200);

/// The sockets of keepers.
#[derive(Debug)]
pub(super) struct Keeper {
    sockets: Vec<PathBuf>,
}

impl Keeper {
    /// The sockets below `root`: those of the system, and those of this user.
    pub(super) fn below(root: &Path) -> Self {
        let own = format!("run/user/{}", rustix::process::geteuid().as_raw());
        let sockets = [
            "run/docker.sock",
            "run/podman/podman.sock",
            &format!("{own}/docker.sock"),
            &format!("{own}/podman/podman.sock"),
        ]
        .map(|path| root.join(path))
        .to_vec();
        Self { sockets }
    }

    /// What one of them calls a container. `id` is of hexadecimal digits.
    pub(super) fn name(&self, id: &str) -> Option<String> {
        self.sockets.iter().find_map(|socket| ask(socket, id))
    }
}

fn ask(socket: &Path, id: &str) -> Option<String> {
    let mut stream = UnixStream::connect(socket).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    // In HTTP/1.0 the answer ends with the connection and comes in one piece.
    write!(stream, "GET /containers/{id}/json HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.take(LONGEST_FILE).read_to_end(&mut answer).ok()?;
    name_in(&String::from_utf8_lossy(&answer))
}

/// The name in an answer: a status line, headers, an empty line, the description.
fn name_in(answer: &str) -> Option<String> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.lines().next()?.split(' ').nth(1)?;
    DockerContainer::read(body).filter(|name| status == "200" && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    const QUESTION: &str = "GET /containers/0123456789ab/json HTTP/1.0\r\nHost: localhost\r\n\r\n";

    #[test]
    fn a_keeper_tells_the_name() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("run")).unwrap();
        let listener = UnixListener::bind(root.path().join("run/docker.sock")).unwrap();
        let keeper = std::thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            let mut question = vec![0; QUESTION.len()];
            stream.read_exact(&mut question).unwrap();
            let answer =
                "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"Id\":\"x\",\"Name\":\"/shop\"}";
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(question).unwrap()
        });
        assert_eq!(Keeper::below(root.path()).name("0123456789ab").as_deref(), Some("shop"));
        assert_eq!(keeper.join().unwrap(), QUESTION);
    }

    #[test]
    fn what_is_no_answer_names_nothing() {
        for answer in [
            "",
            "HTTP/1.0 404 Not Found\r\n\r\n{\"message\":\"No such container\"}",
            "HTTP/1.0 500 No\r\n\r\n{\"Name\":\"/shop\"}",
            "HTTP/1.0 200 OK\r\n\r\n{\"Name\":\"/\"}",
            "HTTP/1.0 200 OK\r\n\r\n{\"Name\":",
        ] {
            assert_eq!(name_in(answer), None, "{answer}");
        }
        assert_eq!(Keeper::below(Path::new("/nowhere")).name("0123456789ab"), None);
    }
}
