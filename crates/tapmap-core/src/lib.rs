//! The words of `TapMap` and its pure state.
//!
//! Everything else in the program speaks in these types: capture yields [`Observation`]s,
//! [`LiveState`] turns them into [`Changes`], and the page, the command line and the history are
//! equal readers of those. Nothing here does input or output, reads a clock, starts a task, names
//! an operating system or can fail.

#![forbid(unsafe_code)]
#![warn(clippy::wildcard_enum_match_arm)]

mod account;
mod attribution;
mod away;
mod change;
mod coverage;
mod endpoint;
mod enrichment;
mod event;
mod evidence;
mod filter;
mod flow;
mod habit;
mod history;
mod insight;
mod listener;
mod live;
mod mark;
mod name;
mod network;
mod observation;
mod place;
mod process;
mod program_file;
mod report;
mod rhythm;
mod scope;
mod socket;
mod source;
mod time;
mod usual;

pub use account::{Account, KernelCount, Tally};
pub use attribution::{Attribution, MatchQuality, UnknownOwner};
pub use away::{Away, Presence, WhyAway};
pub use change::{Change, Changes};
pub use coverage::{Coverage, CoverageLine, Gap, GapReason, Layer, LayerName, Sight};
pub use endpoint::{Endpoint, Protocol};
pub use enrichment::{Enricher, RemoteInfo, Service};
pub use event::{
    EVENT_FACETS, Event, HANDED_OUT_FROM, Known, LEARNING_DAYS, PortUse, ProgramReplaced, Reason, ReasonKind,
    events, first_uses, listened, replaced,
};
pub use evidence::{Evidence, Evidences, Namespace};
pub use filter::{AddressBlock, Filter, FilterError, Pattern, Ports, Term, Test};
pub use flow::{Direction, Flow, FlowId, Peer, Rates};
pub use habit::{Days, Habit, Recurrence, WINDOW, habits, history_length};
pub use history::{
    Batch, Calendar, Day, DayUse, Ending, Facet, FlowEntry, FlowPage, FlowQuery, FlowRecord, Forget,
    Forgetting, HistoryReader, HistoryStats, HistoryStore, ListenerEntry, ListenerRecord, OwnerRecord,
    Ownership, ProgramSeen, RecordId, RecordedName, RemoteRecord, Retention, Session, SessionRecord, Slot,
    StoreError, StoreErrorKind, TimelineQuery, Unobserved, WhyUnobserved, total_uses,
};
pub use insight::Insight;
pub use listener::Listener;
pub use live::{LiveState, LiveView};
pub use mark::{Mark, MarkChange, MarkKind, MarkSubject, Marks, NewMark, NotMarked};
pub use name::{Heard, HeardKind, LeadsTo, Name, NameHeard, NameReader, NameSource, NoNames};
pub use network::{AnycastRule, Asn, AutonomousSystem, Role, RoleRule, RoleVerdict};
pub use observation::{Observation, Sighting, SocketTable};
pub use place::{Coordinates, Country, OwnPlace, OwnPlaceSource, Place, PlaceSource, Precision};
pub use process::{App, AppEvidence, Process, ProcessKey};
pub use program_file::{FileIdentity, FileNow, ProgramFile};
pub use report::{Claim, Classed, Covering, Figure, Part, REPORT_FACETS, Report, Section, Sentence, Subject};
pub use rhythm::{Explanation, Rhythm, rhythm};
pub use scope::AddressScope;
pub use socket::{Counters, SocketId, SocketRow, SocketState};
pub use source::{SnapshotSource, SourceError, SourceErrorKind};
pub use time::{Span, Timestamp};
pub use usual::{Measure, Surprise, may_surprise, surprises};
