// What the page knows of the program's live state, and how snapshots and deltas change it. Pure:
// no requests, no clock, no DOM.
import type {
  Delta,
  EndRow,
  FlowColumns,
  FlowRow,
  Gap,
  Listener,
  NameEntry,
  OwnPlace,
  Owner,
  Remote,
  Service,
  Snapshot,
} from '../api/types';
import { keysOf, type Flow } from './flow';

/** How long what ended is kept to be shown, in milliseconds: as long as the program keeps it. */
const ENDED_KEPT = 600_000;
/** How much of it at most. */
const ENDED_LIMIT = 10_000;

/** The live state up to one delta. */
export interface Model {
  readonly epoch: string;
  seq: number;
  /** When that was, by the program's clock, in milliseconds since 1970. */
  at: number;
  ownPlace: OwnPlace | null;
  readonly owners: Owner[];
  readonly remotes: Remote[];
  readonly services: Service[];
  readonly names: NameEntry[];
  readonly flows: Map<string, Flow>;
  /** What ended lately, in the order of the ends; only what the stream was asked for. */
  readonly ended: Map<string, Flow>;
  readonly listeners: Map<string, Listener>;
  readonly gaps: Gap[];
}

/** What became of a delta: taken in, already known, or with something missing before it. */
export type Outcome = 'applied' | 'stale' | 'gap';

/** The order of the columns in a delta's rows. */
export const COLUMNS = [
  'id',
  'owner',
  'peer',
  'remote',
  'service',
  'protocol',
  'direction',
  'state',
  'local_address',
  'local_port',
  'remote_port',
  'bytes_sent',
  'bytes_received',
  'rtt_ms',
  'first_seen',
  'own',
  'name',
  'name_heard',
  'possibly',
  'network',
  'send_rate',
  'receive_rate',
] as const satisfies readonly (keyof FlowColumns)[];

/** The model that a snapshot describes. */
export function fromSnapshot(snapshot: Snapshot): Model {
  const model: Model = {
    epoch: snapshot.epoch,
    seq: snapshot.seq,
    at: Date.parse(snapshot.at),
    ownPlace: snapshot.own_place,
    owners: [...snapshot.dict.owners],
    remotes: [...snapshot.dict.remotes],
    services: [...snapshot.dict.services],
    names: [...snapshot.dict.names],
    flows: new Map(),
    ended: new Map(),
    listeners: new Map(snapshot.listeners.map((listener) => [listener.id, listener])),
    gaps: [],
  };
  const columns = COLUMNS.map((name) => snapshot.flows[name]);
  snapshot.flows.id.forEach((_, index) => putFlow(model, columns.map((column) => column[index]) as FlowRow));
  for (const row of snapshot.ended) putEnded(model, row);
  return model;
}

/**
 * Takes a delta in. `after` is the number at which its stream stood before: numbers may be left out
 * (counters that nobody asked for), so a gap shows only there. On `gap` nothing is changed and a new
 * snapshot is due.
 */
export function applyDelta(model: Model, delta: Delta, after: number): Outcome {
  if (after > model.seq) return 'gap';
  const isOnlyCounters = delta.cnt !== undefined && delta.add === undefined && delta.upd === undefined;
  if (delta.s < model.seq || (delta.s === model.seq && !isOnlyCounters)) return 'stale';
  for (const [index, owner] of delta.dict?.owners ?? []) model.owners[index] = owner as Owner;
  for (const [index, remote] of delta.dict?.remotes ?? []) model.remotes[index] = remote as Remote;
  for (const [index, service] of delta.dict?.services ?? []) model.services[index] = service as Service;
  for (const [index, name] of delta.dict?.names ?? []) model.names[index] = name as NameEntry;
  for (const row of delta.add ?? []) putFlow(model, row);
  for (const row of delta.upd ?? []) putFlow(model, row);
  for (const id of delta.del ?? []) model.flows.delete(id);
  for (const row of delta.end ?? []) putEnded(model, row);
  forgetEnded(model, delta.at);
  for (const [id, bytesSent, bytesReceived, rttMs, sendRate, receiveRate] of delta.cnt ?? []) {
    const flow = model.flows.get(id);
    if (flow) model.flows.set(id, { ...flow, bytesSent, bytesReceived, rttMs, sendRate, receiveRate });
  }
  for (const listener of delta.ladd ?? []) model.listeners.set(listener.id, listener);
  for (const id of delta.ldel ?? []) model.listeners.delete(id);
  model.gaps.push(...(delta.gap ?? []));
  if (delta.own_place !== undefined) model.ownPlace = delta.own_place;
  model.seq = delta.s;
  model.at = delta.at;
  return 'applied';
}

function putFlow(model: Model, row: FlowRow): void {
  const flow = toFlow(model, row);
  model.flows.set(flow.id, flow);
}

function putEnded(model: Model, [endedAt, durationMs, row]: EndRow): void {
  const flow = { ...toFlow(model, row as FlowRow), endedAt, durationMs };
  model.ended.set(flow.id, flow);
}

/** Drops what ended too long ago, and the oldest where there is too much. */
function forgetEnded(model: Model, now: number): void {
  for (const [id, flow] of model.ended) {
    const isOld = now - (flow.endedAt ?? now) > ENDED_KEPT;
    if (!isOld && model.ended.size <= ENDED_LIMIT) return;
    model.ended.delete(id);
  }
}

/** A row joined with the dictionaries. Cells that are mostly not known may be missing at its end. */
function toFlow(model: Model, row: FlowRow): Flow {
  const cell = Object.fromEntries(COLUMNS.map((name, index) => [name, row[index] ?? null])) as {
    [K in keyof FlowColumns]: FlowColumns[K][number];
  };
  const entry = cell.name === null ? null : model.names[cell.name];
  const known = {
    id: cell.id,
    protocol: cell.protocol,
    direction: cell.direction,
    state: cell.state,
    localAddress: cell.local_address,
    localPort: cell.local_port,
    remotePort: cell.remote_port,
    bytesSent: cell.bytes_sent,
    bytesReceived: cell.bytes_received,
    rttMs: cell.rtt_ms,
    firstSeen: cell.first_seen,
    own: cell.own,
    owner: model.owners[cell.owner],
    peer: cell.peer === null ? null : model.owners[cell.peer],
    remote: model.remotes[cell.remote],
    service: model.services[cell.service],
    name: entry && { ...entry, heardAt: cell.name_heard },
    possibly: cell.possibly,
    network: cell.network,
    sendRate: cell.send_rate,
    receiveRate: cell.receive_rate,
    endedAt: null,
    durationMs: null,
  };
  return { ...known, keys: keysOf(known) };
}
