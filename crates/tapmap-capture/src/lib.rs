//! Reads this computer's sockets and finds the process behind each; also reads recordings of them.

pub mod recording;
