//! The JSON of the contract. Core's types are converted here, never serialised themselves: what is
//! inside the program and what is promised to others change for different reasons.

mod absences;
pub(crate) mod calendar;
mod columns;
mod coverage;
mod ends;
mod events;
mod flow;
mod folded;
mod history;
mod insights;
mod live;
mod marks;
mod moment;
mod place;
mod preferences;
mod program;
mod report;
mod status;
pub(crate) mod values;
mod within;
mod words;

pub use absences::{Absence, Absences, ActiveApp, WhyAway};
pub use columns::{Columns, CounterRow, EndRow, Row};
pub use coverage::{
    Coverage, CoverageLine, Layer, NamesBySource, OwnersByQuality, SeenAlone, Tally, TcpCount, UdpCount,
};
pub use ends::{Owner, Remote, ServiceEntry};
pub use events::{DayUse, DayUses, Event, EventReason, Events, NewsHeard, ReasonKind};
pub use flow::{Flow, Flows, Listener, Listeners, RecentFlow, RecentFlows};
pub(crate) use flow::{FlowList, duration, network, possibly};
pub use folded::{Folded, FoldedGroup};
pub use history::{
    DaysOfValue, DaysToImport, Ending, Findings, Forget, Forgetting, HistoryStats, RecordedFlow,
    RecordedFlows, Timeline, TimelineSlot, UnobservedTime, WhyUnobserved,
};
pub use insights::{
    Explanation, FacetInsight, Habit, Insights, Measure, NewListener, Rhythm, Rhythms, Surprise,
};
pub use live::{Delta, Dictionaries, DictionaryAdditions, Hello, LiveListener, NameEntry, Resync, Snapshot};
pub use marks::{Mark, MarkKind, MarkSubject, Marked, Marks, NewMark, UndoMarks};
pub(crate) use moment::rfc3339;
pub use place::{ChosenPlace, OwnPlace};
pub use preferences::{NewPreferences, Preferences, SavedFilter, Theme};
pub use program::{About, Credit, DataSource, DataSources, OneTimeKey};
pub use report::{
    Claim, ComparedValue, Comparison, FacetComparison, Figure, Part, PartKind, Recurrence, RecurrenceRange,
    Report, ReportItem, ReportSection, Sentence, Subject,
};
pub use status::{Continuation, Continues, Counts, Gap, Status, StatusTally};
pub use values::{CountryName, Facet, ServiceName};
pub use words::{
    Attribution, Direction, Evidence, GapReason, LayerName, MatchQuality, Mode, NameSource, OwnPlaceSource,
    PlaceSource, Precision, Protocol, Role, Scope, SeenBy, Sight, State,
};
