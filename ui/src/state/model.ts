// What the page knows of the program's live state, and how snapshots and deltas change it. Pure:
// no requests, no clock, no DOM.
import type {
  Delta,
  FlowColumns,
  FlowRow,
  Gap,
  Listener,
  OwnPlace,
  Owner,
  Remote,
  Service,
  Snapshot,
} from '../api/types';
import { keysOf, type Flow } from './flow';

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
  readonly flows: Map<string, Flow>;
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
    flows: new Map(),
    listeners: new Map(snapshot.listeners.map((listener) => [listener.id, listener])),
    gaps: [],
  };
  const columns = COLUMNS.map((name) => snapshot.flows[name]);
  snapshot.flows.id.forEach((_, index) => putFlow(model, columns.map((column) => column[index]) as FlowRow));
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
  for (const row of delta.add ?? []) putFlow(model, row);
  for (const row of delta.upd ?? []) putFlow(model, row);
  for (const id of delta.del ?? []) model.flows.delete(id);
  for (const [id, bytesSent, bytesReceived, rttMs] of delta.cnt ?? []) {
    const flow = model.flows.get(id);
    if (flow) model.flows.set(id, { ...flow, bytesSent, bytesReceived, rttMs });
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
  const cell = Object.fromEntries(COLUMNS.map((name, index) => [name, row[index]])) as {
    [K in keyof FlowColumns]: FlowColumns[K][number];
  };
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
  };
  model.flows.set(cell.id, { ...known, keys: keysOf(known) });
}
