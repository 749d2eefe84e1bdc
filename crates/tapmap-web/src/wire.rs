//! The JSON of the contract. Core's types are converted here, never serialised themselves: what is
//! inside the program and what is promised to others change for different reasons.

mod columns;
mod ends;
mod flow;
mod moment;
mod place;
mod program;
mod status;
mod words;

pub use columns::{
    Columns, CounterRow, Delta, Dictionaries, DictionaryAdditions, Hello, LiveListener, Resync, Row, Snapshot,
};
pub use ends::{Owner, Remote, ServiceEntry};
pub(crate) use flow::FlowList;
pub use flow::{Flow, Flows, Listener, Listeners, RecentFlow, RecentFlows};
pub(crate) use moment::rfc3339;
pub use place::{ChosenPlace, OwnPlace};
pub use program::{About, Credit, DataSource, DataSources, OneTimeKey};
pub use status::{Counts, CoverageLine, Gap, Status};
pub use words::{
    Attribution, Direction, Evidence, GapReason, Mode, OwnPlaceSource, PlaceSource, Precision, Protocol,
    Role, Scope, Sight, State,
};
