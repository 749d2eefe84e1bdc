// Small flows and snapshots for tests, built by the same functions that read the wire.
import type { EndRow, NameEntry, Owner, Protocol, Remote, Service, Snapshot, State } from '../api/types';
import type { Flow } from './flow';
import { COLUMNS, fromSnapshot } from './model';

/** An address of which nothing is known but its scope. */
export const remote = (over: Partial<Remote> = {}): Remote => ({
  address: '192.0.2.1',
  scope: 'public',
  country: null,
  city: null,
  latitude: null,
  longitude: null,
  accuracy_km: null,
  precision: null,
  place_source: null,
  asn: null,
  operator: null,
  organisation: null,
  anycast: false,
  anycast_rule: null,
  role: null,
  role_rule: null,
  ...over,
});

/** An owner by its app's name. */
export const owner = (app: string | null, over: Partial<Owner> = {}): Owner => ({
  app,
  evidence: app === null ? null : 'file_name',
  pid: app === null ? null : 100,
  executable: app === null ? null : `/usr/bin/${app.toLowerCase()}`,
  attribution: app === null ? 'not_permitted' : 'descriptor',
  user: null,
  ...over,
});

/** A service port. */
export const service = (port: number, name: string | null, over: Partial<Service> = {}): Service => ({
  name,
  port,
  protocol: 'tcp',
  role: null,
  role_rule: null,
  ...over,
});

/** What a test says of one flow; the rest is filled in. */
export interface Sketch {
  app?: string | null;
  remote?: Partial<Remote>;
  port?: number;
  service?: string | null;
  state?: State;
  firstSeen?: number;
  sent?: number | null;
  own?: boolean;
  owner?: Partial<Owner>;
  protocol?: Protocol;
  name?: Partial<NameEntry> & { heardAt?: number };
  possibly?: string;
  network?: number;
  rates?: [number, number];
  /** When it ended, and how long it lasted. */
  end?: [number, number | null];
}

/** A snapshot of sketched flows, with ids from 1. */
export function snapshot(sketches: readonly Sketch[], over: Partial<Snapshot> = {}): Snapshot {
  const all = sketches.map((sketch, index) => ({ sketch, index }));
  const rows = all.filter(({ sketch }) => sketch.end === undefined);
  const ended = all.filter(({ sketch }) => sketch.end !== undefined);
  return {
    epoch: 'a1',
    seq: 10,
    at: '2026-11-25T12:00:00.000Z',
    own_place: null,
    dict: {
      owners: sketches.map((sketch) => owner(sketch.app === undefined ? 'Firefox' : sketch.app, sketch.owner)),
      remotes: sketches.map((sketch) => remote(sketch.remote)),
      services: sketches.map((sketch) =>
        service(sketch.port ?? 443, sketch.service ?? 'https', { protocol: sketch.protocol ?? 'tcp' }),
      ),
      names: sketches.map(({ name }) => ({ candidates: [], source: 'dns', aliases: [], ...name })),
    },
    flows: columnsOf(rows),
    ended: ended.map(({ sketch, index }): EndRow => {
      const columns = columnsOf([{ sketch, index }]);
      return [...sketch.end!, COLUMNS.map((column) => columns[column][0])] as EndRow;
    }),
    listeners: [],
    ...over,
  };
}

function columnsOf(rows: readonly { sketch: Sketch; index: number }[]): Snapshot['flows'] {
  return {
    id: rows.map(({ index }) => String(index + 1)),
    owner: rows.map(({ index }) => index),
    peer: rows.map(() => null),
    remote: rows.map(({ index }) => index),
    service: rows.map(({ index }) => index),
    protocol: rows.map(({ sketch }) => sketch.protocol ?? 'tcp'),
    direction: rows.map(() => 'outbound'),
    state: rows.map(({ sketch }): State => sketch.state ?? 'established'),
    local_address: rows.map(() => '192.168.1.5'),
    local_port: rows.map(({ index }) => 40_000 + index),
    remote_port: rows.map(({ sketch }) => sketch.port ?? 443),
    bytes_sent: rows.map(({ sketch }) => sketch.sent ?? null),
    bytes_received: rows.map(() => null),
    rtt_ms: rows.map(() => null),
    first_seen: rows.map(({ sketch }) => sketch.firstSeen ?? 1000),
    own: rows.map(({ sketch }) => sketch.own ?? false),
    name: rows.map(({ sketch, index }) => (sketch.name ? index : null)),
    name_heard: rows.map(({ sketch }) => sketch.name?.heardAt ?? null),
    possibly: rows.map(({ sketch }) => sketch.possibly ?? null),
    network: rows.map(({ sketch }) => sketch.network ?? null),
    send_rate: rows.map(({ sketch }) => sketch.rates?.[0] ?? null),
    receive_rate: rows.map(({ sketch }) => sketch.rates?.[1] ?? null),
  };
}

/** Sketched flows as the page holds them, the open ones first. */
export const flows = (...sketches: Sketch[]): Flow[] => {
  const model = fromSnapshot(snapshot(sketches));
  return [...model.flows.values(), ...model.ended.values()];
};

/** The city of Frankfurt, as the location data gives it. */
export const FRANKFURT: Partial<Remote> = {
  address: '203.0.113.7',
  country: 'DE',
  city: 'Frankfurt',
  latitude: 50.11,
  longitude: 8.68,
  accuracy_km: 25,
  precision: 'city',
  operator: 'Hetzner',
  asn: 24940,
  role: 'hosting',
  role_rule: 'asn 24940',
};
