//! The HTTP interface of `TapMap`, its guard and its page: everything that knows HTTP and JSON.
//! Decides no fact about connections; it converts, sends and defends.

mod assets;
mod columns;
mod extract;
mod guard;
mod news;
mod openapi;
mod problem;
mod router;
mod routes;
mod server;
mod stream;
pub mod wire;

pub use guard::{BadToken, TOKEN_HEADER, Token};
pub use openapi::openapi;
pub use problem::{Code, Problem};
pub use router::{App, Control, MarksRefusal, PreferencesRefusal, Settings};
pub use server::serve;
