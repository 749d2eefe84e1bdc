// The shapes that cross the wire between the program and the page: names for what is generated from
// openapi.json, so that a word the program may say and the page does not know fails to compile.
import type { components } from './schema';

type Schemas = components['schemas'];

/** How the program runs: on this computer's sockets, from a recording, or on the invented day. */
export type Mode = Schemas['Mode'];
/** Who owns a socket, and how that was found or why it was not. */
export type Owner = Schemas['Owner'];
/** What is known of a remote address. */
export type Remote = Schemas['Remote'];
/** The name that led to a remote address, and how it is known. */
export type NameEntry = Schemas['NameEntry'];
/** What a service port is registered for. */
export type Service = Schemas['ServiceEntry'];
/** Where this computer is taken to be. */
export type OwnPlace = Schemas['OwnPlace'];
/** An open port. */
export type Listener = Schemas['LiveListener'];
/** The flows of a snapshot, one array per column. `owner`, `peer`, `remote`, `service` index into the dictionaries. */
export type FlowColumns = Schemas['Columns'];
/** One flow of a delta, in the order of the columns. */
export type FlowRow = Schemas['Row'];
/** A connection that ended: when, for how long it was observed, and the connection as last known. */
export type EndRow = Schemas['EndRow'];
/** Everything that is open, at one moment. */
export type Snapshot = Schemas['Snapshot'];
/** A stretch of time in which something was missed. */
export type Gap = Schemas['Gap'];
/** What changed since the delta before. Absent members mean "nothing of that kind". */
export type Delta = Schemas['Delta'];
/** One line of what can and cannot be seen. */
export type CoverageLine = Schemas['CoverageLine'];
/** A set of location data, or one that was refused. */
export type DataSet = Schemas['DataSource'];
/** A part of the recorder that sees or protects something. */
export type Layer = Schemas['Layer'];
/** What was seen in a stretch of time, held against what the kernel counted. */
export type Tally = Schemas['Tally'];
/** What the recorder can see, and how much of what went on it saw. */
export type Coverage = Schemas['Coverage'];
/** What ended faster than it can be listed, summed up. */
export type Folded = Schemas['Folded'];
/** The program's account of itself. */
export type Status = Schemas['Status'];
/** What the reader chose for the page. */
export type Preferences = Schemas['Preferences'];
/** Choices to keep; what is `null` stays as it is. */
export type NewPreferences = Schemas['NewPreferences'];
/** Version, licence and credits. */
export type About = Schemas['About'];

/** The words of the wire. */
export type Attribution = Schemas['Attribution'];
export type Direction = Schemas['Direction'];
export type Evidence = Schemas['Evidence'];
export type GapReason = Schemas['GapReason'];
export type LayerName = Schemas['LayerName'];
export type NameSource = Schemas['NameSource'];
export type PlaceSource = Schemas['PlaceSource'];
export type Protocol = Schemas['Protocol'];
export type Role = Schemas['Role'];
export type Scope = Schemas['Scope'];
export type SeenBy = Schemas['SeenBy'];
export type Sight = Schemas['Sight'];
export type State = Schemas['State'];
