//! The JSON of the contract. Core's types are converted here, never serialised themselves: what is
//! inside the program and what is promised to others change for different reasons.

mod columns;
mod coverage;
mod ends;
mod flow;
mod folded;
mod history;
mod live;
mod moment;
mod place;
mod program;
mod status;
mod words;

pub use columns::{Columns, CounterRow, EndRow, Row};
pub use coverage::{
    Coverage, CoverageLine, Layer, NamesBySource, OwnersByQuality, SeenAlone, Tally, TcpCount, UdpCount,
};
pub use ends::{Owner, Remote, ServiceEntry};
pub use flow::{Flow, Flows, Listener, Listeners, RecentFlow, RecentFlows};
pub(crate) use flow::{FlowList, duration, network, possibly};
pub use folded::{Folded, FoldedGroup};
pub use history::{
    DaysOfValue, DaysToImport, Ending, Findings, Forget, Forgetting, HistoryStats, RecordedFlow,
    RecordedFlows, Timeline, TimelineSlot, UnobservedTime, WhyUnobserved,
};
pub use live::{Delta, Dictionaries, DictionaryAdditions, Hello, LiveListener, NameEntry, Resync, Snapshot};
pub(crate) use moment::rfc3339;
pub use place::{ChosenPlace, OwnPlace};
pub use program::{About, Credit, DataSource, DataSources, OneTimeKey};
pub use status::{Counts, Gap, Status, StatusTally};
pub use words::{
    Attribution, Direction, Evidence, GapReason, LayerName, MatchQuality, Mode, NameSource, OwnPlaceSource,
    PlaceSource, Precision, Protocol, Role, Scope, SeenBy, Sight, State,
};
