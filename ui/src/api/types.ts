// The shapes that cross the wire between the program and the page, as openapi.json describes them.

/** How the program runs: on this computer's sockets, from a recording, or on the invented day. */
export type Mode = 'live' | 'replay' | 'demo';

/** Who owns a socket. `attribution` says how the owner was found, or why it was not. */
export interface Owner {
  app: string | null;
  evidence: string | null;
  pid: number | null;
  executable: string | null;
  attribution: string;
  user: string | null;
}

/** What is known of a remote address. */
export interface Remote {
  address: string;
  scope: string;
  country: string | null;
  city: string | null;
  latitude: number | null;
  longitude: number | null;
  accuracy_km: number | null;
  precision: 'city' | 'near' | 'region' | 'country' | null;
  place_source: string | null;
  asn: number | null;
  operator: string | null;
  organisation: string | null;
  anycast: boolean;
  anycast_rule: string | null;
  role: string | null;
  role_rule: string | null;
}

/** What a service port is registered for. */
export interface Service {
  name: string | null;
  port: number;
  protocol: string;
  role: string | null;
  role_rule: string | null;
}

/** Where this computer is taken to be. */
export interface OwnPlace {
  latitude: number;
  longitude: number;
  accuracy_km: number;
  label: string | null;
  country: string | null;
  source: 'configured' | 'chosen' | 'interface' | 'time_zone';
}

/** An open port. */
export interface Listener {
  id: string;
  protocol: string;
  local_address: string;
  local_port: number;
  scope: string;
  app: string | null;
  pid: number | null;
  executable: string | null;
  attribution: string;
  service: string | null;
  first_seen: string;
  own: boolean;
}

/** The flows of a snapshot, one array per column. `owner`, `peer`, `remote`, `service` index into the dictionaries. */
export interface FlowColumns {
  id: string[];
  owner: number[];
  peer: (number | null)[];
  remote: number[];
  service: number[];
  protocol: string[];
  direction: string[];
  state: string[];
  local_address: string[];
  local_port: number[];
  remote_port: number[];
  bytes_sent: (number | null)[];
  bytes_received: (number | null)[];
  rtt_ms: (number | null)[];
  first_seen: number[];
  own: boolean[];
}

/** One flow of a delta, in the order of the columns. */
export type FlowRow = { [K in keyof FlowColumns]: FlowColumns[K][number] }[keyof FlowColumns][];

/** Everything that is open, at one moment. */
export interface Snapshot {
  epoch: string;
  seq: number;
  at: string;
  own_place: OwnPlace | null;
  dict: { owners: Owner[]; remotes: Remote[]; services: Service[] };
  flows: FlowColumns;
  listeners: Listener[];
}

/** A stretch of time in which something was missed. */
export interface Gap {
  from: string;
  until: string;
  reason: string;
  lost: number | null;
}

/** What changed since the delta before. Absent members mean "nothing of that kind". */
export interface Delta {
  s: number;
  at: number;
  dict?: { owners?: [number, Owner][]; remotes?: [number, Remote][]; services?: [number, Service][] };
  add?: FlowRow[];
  upd?: FlowRow[];
  del?: string[];
  cnt?: [string, number | null, number | null, number | null][];
  ladd?: Listener[];
  ldel?: string[];
  gap?: Gap[];
  own_place?: OwnPlace | null;
}

/** One line of what can and cannot be seen. */
export interface CoverageLine {
  sight: string;
  seen: boolean;
  reason: string;
  remedy: string | null;
}

/** A set of location data, or one that was refused. */
export interface DataSet {
  name: string;
  kind: string;
  source: string;
  version: string | null;
  build_date: string | null;
  active: boolean;
  problem: string | null;
}

/** The program's account of itself. */
export interface Status {
  version: string;
  epoch: string;
  mode: Mode;
  host_name: string;
  started_at: string;
  observed_at: string | null;
  interval_ms: number;
  coverage: CoverageLine[];
  gaps: Gap[];
  own_place: OwnPlace | null;
  data: DataSet[];
  counts: { flows: number; listeners: number; own_flows: number };
  problems: string[];
}

/** One credit that the data's licence asks for. */
export interface Credit {
  name: string;
  text: string;
  url: string;
  licence: string;
}

/** Version, licence and credits. */
export interface About {
  version: string;
  licence: string;
  credits: Credit[];
  independent: string;
}
