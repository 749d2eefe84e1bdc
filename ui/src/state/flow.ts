// A flow as the page uses it: the wire's columns joined with their dictionaries, and the keys by
// which flows are grouped, filtered and found.
import type { Direction, NameEntry, Owner, Protocol, Remote, Role, Service, State } from '../api/types';

/** Where on the page a flow belongs: at a place on the map, or in one of the lists beside it. */
export type Whereabouts = 'city' | 'country' | 'anycast' | 'lan' | 'local' | 'nowhere';

/** The name that led to the other end, and when it was heard. */
export interface Name extends NameEntry {
  readonly heardAt: number | null;
}

/**
 * One connection. Times are milliseconds since 1970 (UTC), sizes bytes, round trips milliseconds, rates bytes per
 * second.
 */
export interface Flow {
  readonly id: string;
  readonly protocol: Protocol;
  readonly direction: Direction;
  readonly state: State;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remotePort: number;
  readonly bytesSent: number | null;
  readonly bytesReceived: number | null;
  readonly rttMs: number | null;
  readonly firstSeen: number;
  readonly own: boolean;
  readonly owner: Owner;
  readonly peer: Owner | null;
  readonly remote: Remote;
  readonly service: Service;
  /** Never of an end on this computer. */
  readonly name: Name | null;
  /** The app that may have owned it: a guess, never counted as its owner. */
  readonly possibly: string | null;
  /** The number of the network on this computer that it belongs to; `null` for the recorder's own. */
  readonly network: number | null;
  readonly sendRate: number | null;
  readonly receiveRate: number | null;
  /** `null` while it is open. */
  readonly endedAt: number | null;
  /** How long one that ended was observed; `null` when only its end was seen, and while it is open. */
  readonly durationMs: number | null;
  readonly keys: FlowKeys;
}

/** What a flow is grouped by; `''` stands for "not known". */
export interface FlowKeys {
  readonly app: string;
  readonly operator: string;
  readonly country: string;
  readonly port: string;
  /** The container or other network that it belongs to; `''` is this computer's own. */
  readonly network: string;
  readonly whereabouts: Whereabouts;
  /** The place on the map, `null` for a flow that has none. */
  readonly place: string | null;
  /** Everything a search looks through, in lower case. */
  readonly text: string;
}

/** What the role of a flow is, and the rule that said so: the address first, then the port. */
export function roleOf(flow: Flow): { role: Role; rule: string | null } | null {
  const { remote, service } = flow;
  if (remote.role && !(service.role && onlyCarries(remote.role))) return { role: remote.role, rule: remote.role_rule };
  return service.role ? { role: service.role, rule: service.role_rule } : null;
}

/** Whether a role only says who carries the traffic; what the port says is worth more then. */
function onlyCarries(role: Role): boolean {
  return role === 'access' || role === 'research';
}

/** Whether a program can still use the connection; the kernel keeps closed ones for a while. */
export function isOpen(flow: Flow): boolean {
  return flow.endedAt === null && flow.state !== 'time_wait' && flow.state !== 'closed';
}

/** What the other end is called: the program there, when it is on this computer, else the name that led there. */
export function titleOf(flow: Flow): string | null {
  return flow.peer ? flow.peer.app : (flow.name?.candidates[0] ?? null);
}

/** Whether the other end is on the internet, rather than here or near by. */
export function isElsewhere(flow: Flow): boolean {
  return !flow.own && flow.keys.whereabouts !== 'local' && flow.keys.whereabouts !== 'lan';
}

/** The port that names the service: the remote one, or the local one of a connection from outside. */
export function servicePort(flow: Flow): number {
  return flow.direction === 'inbound' ? flow.localPort : flow.remotePort;
}

const NEIGHBOURS = new Set<string>(['lan', 'link_local', 'multicast', 'broadcast']);

/** Where a remote address belongs on the page. */
export function whereaboutsOf(remote: Remote): Whereabouts {
  if (remote.scope === 'local') return 'local';
  if (NEIGHBOURS.has(remote.scope)) return 'lan';
  if (remote.anycast) return 'anycast';
  if (remote.latitude === null || remote.longitude === null) return 'nowhere';
  return remote.precision === 'country' ? 'country' : 'city';
}

/** The key of the place that an address is drawn at, stable over restarts so that it can stand in a link. */
export function placeKeyOf(remote: Remote): string | null {
  switch (whereaboutsOf(remote)) {
    case 'anycast':
      return `anycast/${remote.operator ?? remote.organisation ?? remote.address}`;
    case 'country':
      return `country/${remote.country ?? ''}`;
    case 'city': {
      const latitude = Math.round(remote.latitude ?? 0);
      const longitude = Math.round(remote.longitude ?? 0);
      return `${remote.country ?? ''}/${remote.city ?? ''}/${latitude},${longitude}`;
    }
    default:
      return null;
  }
}

/** What another network on this computer is called: by its container, else by its number. */
function networkKeyOf({ network, owner }: Pick<Flow, 'network' | 'owner'>): string {
  if (network === null) return '';
  return (owner.evidence === 'container' && owner.app) || `${network}`;
}

/** The keys of a flow. */
export function keysOf(flow: Omit<Flow, 'keys'>): FlowKeys {
  const { owner, peer, remote, service, name } = flow;
  const port = flow.direction === 'inbound' ? flow.localPort : flow.remotePort;
  const text = [owner.app, owner.executable, owner.pid, peer?.app, remote.address, remote.operator, remote.organisation]
    .concat([remote.city, remote.country, service.name, port, flow.localAddress])
    .concat([remote.asn === null ? null : `as${remote.asn}`, remote.role ?? service.role, flow.possibly])
    .concat(name ? [...name.candidates, ...name.aliases] : [])
    .filter((part) => part !== null && part !== undefined)
    .join('\n')
    .toLowerCase();
  return {
    app: owner.app ?? '',
    operator: remote.operator ?? remote.organisation ?? '',
    country: remote.country ?? '',
    port: `${port}/${service.protocol}`,
    network: networkKeyOf(flow),
    whereabouts: whereaboutsOf(remote),
    place: placeKeyOf(remote),
    text,
  };
}
