//! Connections as columns for everything that is open, and as rows for what changed: the same cells
//! in the same order.

use serde::{Serialize, Serializer, ser::SerializeSeq};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema, Type, schema::SchemaType},
};

use super::{
    moment::milliseconds,
    words::{Direction, Protocol, State},
};

/// Makes columns and row of one list of cells. Those of `mostly_unknown` are left out at the end of
/// a row when they are not known.
macro_rules! cells {
    (
        always { $($(#[$about:meta])* $cell:ident: $of:ty,)+ }
        mostly_unknown { $($(#[$last_about:meta])* $last:ident: $last_of:ty,)+ }
    ) => {
        /// The connections by column; entry `n` of every column belongs to the same connection.
        #[derive(Clone, Debug, Default, Serialize, ToSchema)]
        pub struct Columns {
            $($(#[$about])* pub $cell: Vec<$of>,)+
            $($(#[$last_about])* pub $last: Vec<Option<$last_of>>,)+
        }

        /// One connection as a tuple, in the order of [`Columns`].
        #[derive(Clone, Debug, PartialEq)]
        pub struct Row {
            $($(#[$about])* pub $cell: $of,)+
            $($(#[$last_about])* pub $last: Option<$last_of>,)+
        }

        impl Columns {
            /// Appends one connection.
            pub(crate) fn push(&mut self, row: Row) {
                $(self.$cell.push(row.$cell);)+
                $(self.$last.push(row.$last);)+
            }
        }

        impl Serialize for Row {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let known = [$(self.$last.is_some()),+];
                let mut told = 0..known.iter().rposition(|known| *known).map_or(0, |last| last + 1);
                let mut row = serializer.serialize_seq(None)?;
                $(row.serialize_element(&self.$cell)?;)+
                $(if told.next().is_some() {
                    row.serialize_element(&self.$last)?;
                })+
                row.end()
            }
        }
    };
}

cells! {
    always {
        /// Identity within the epoch; 64 bits, hence text.
        id: String,
        /// Index into `owners`.
        owner: u32,
        /// Index into `owners`, when the other end is on this computer too.
        peer: Option<u32>,
        /// Index into `remotes`.
        remote: u32,
        /// Index into `services`.
        service: u32,
        /// Transport.
        protocol: Protocol,
        /// Who opened it.
        direction: Direction,
        /// State of the socket.
        state: State,
        /// Near address.
        local_address: String,
        /// Near port.
        local_port: u16,
        /// Far port.
        remote_port: u16,
        /// Payload bytes sent and acknowledged; `null` where they are not visible.
        bytes_sent: Option<u64>,
        /// Payload bytes received; `null` where they are not visible.
        bytes_received: Option<u64>,
        /// Smoothed round-trip time in milliseconds.
        rtt_ms: Option<f64>,
        /// When it was first observed, in milliseconds since 1970 UTC.
        first_seen: i64,
        /// Whether one of its ends is this program itself.
        own: bool,
    }
    mostly_unknown {
        /// Index into `names`.
        name: u32,
        /// When the name was heard, in milliseconds since 1970 UTC.
        name_heard: i64,
        /// The app that may have owned it, guessed from what went on beside it.
        possibly: String,
        /// The network on this computer that it belongs to, by the inode number of its namespace; `null`
        /// for the one that the recorder is in.
        network: u32,
        /// Payload bytes sent in a second, between the last two looks.
        send_rate: u64,
        /// Payload bytes received in a second.
        receive_rate: u64,
    }
}

/// How many cells of a row are always there.
const ALWAYS: usize = 16;

impl ToSchema for Row {}

impl PartialSchema for Row {
    fn schema() -> RefOr<Schema> {
        let about = "One connection as a tuple, in the order of the columns. Cells after `own` are left \
                     out at the end when they are not known.";
        ArrayBuilder::new()
            .description(Some(about))
            .prefix_items([
                plain(Type::String),
                plain(Type::Integer),
                nullable(Type::Integer),
                plain(Type::Integer),
                plain(Type::Integer),
                word("Protocol"),
                word("Direction"),
                word("State"),
                plain(Type::String),
                plain(Type::Integer),
                plain(Type::Integer),
                nullable(Type::Integer),
                nullable(Type::Integer),
                nullable(Type::Number),
                plain(Type::Integer),
                plain(Type::Boolean),
                nullable(Type::Integer),
                nullable(Type::Integer),
                nullable(Type::String),
                nullable(Type::Integer),
                nullable(Type::Integer),
                nullable(Type::Integer),
            ])
            .items(utoipa::openapi::schema::ArrayItems::False)
            .min_items(Some(ALWAYS))
            .build()
            .into()
    }
}

fn plain(of: Type) -> Schema {
    ObjectBuilder::new().schema_type(of).build().into()
}

fn nullable(of: Type) -> Schema {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([of, Type::Null])).build().into()
}

/// A schema of the contract by its name.
fn word(name: &str) -> Schema {
    Schema::OneOf(utoipa::openapi::OneOfBuilder::new().item(Ref::from_schema_name(name)).build())
}

/// The counters of one connection: id, bytes sent, bytes received, round-trip time in milliseconds,
/// bytes sent and received in a second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CounterRow(
    pub String,
    pub Option<u64>,
    pub Option<u64>,
    pub Option<f64>,
    pub Option<u64>,
    pub Option<u64>,
);

impl CounterRow {
    /// The counters of a flow.
    pub(crate) fn of(
        id: tapmap_core::FlowId,
        counters: tapmap_core::Counters,
        rates: tapmap_core::Rates,
    ) -> Self {
        Self(
            id.0.to_string(),
            counters.bytes_sent,
            counters.bytes_received,
            counters.round_trip.map(milliseconds),
            rates.sent,
            rates.received,
        )
    }
}

impl ToSchema for CounterRow {}

impl PartialSchema for CounterRow {
    fn schema() -> RefOr<Schema> {
        let about = "Id, bytes sent, bytes received, round-trip time in milliseconds, bytes sent in a \
                     second, bytes received in a second.";
        ArrayBuilder::new()
            .description(Some(about))
            .prefix_items([
                plain(Type::String),
                nullable(Type::Integer),
                nullable(Type::Integer),
                nullable(Type::Number),
                nullable(Type::Integer),
                nullable(Type::Integer),
            ])
            .items(utoipa::openapi::schema::ArrayItems::False)
            .build()
            .into()
    }
}

/// A connection that has ended: when, in milliseconds since 1970 UTC; for how long it was observed, in
/// milliseconds, when more than its end was seen; and the connection as last known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EndRow(pub i64, pub Option<u64>, pub Row);

impl ToSchema for EndRow {}

impl PartialSchema for EndRow {
    fn schema() -> RefOr<Schema> {
        let about = "When it ended, in milliseconds since 1970 UTC; for how long it was observed, in \
                     milliseconds, null when only its end was seen; the connection as last known.";
        ArrayBuilder::new()
            .description(Some(about))
            .prefix_items([plain(Type::Integer), nullable(Type::Integer), word("Row")])
            .items(utoipa::openapi::schema::ArrayItems::False)
            .build()
            .into()
    }
}
