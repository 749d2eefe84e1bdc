// From connections to what the map draws: places with their numbers, and the lists beside the map.
import type { MapPlace } from '../map/types';
import { isOpen, type Flow } from './flow';

/** The lists of what cannot be drawn at a place. */
export const LISTS = ['lan', 'local', 'nowhere', 'anycast', 'listening'] as const;
/** One of them. */
export type List = (typeof LISTS)[number];

/** How a place is named on the map: from its country code to a name in the reader's language. */
export type NameCountry = (code: string) => string;

interface Gathered {
  flow: Flow;
  shown: number;
  total: number;
  open: number;
  accuracyKm: number;
  rtt: number | null;
}

/**
 * The places of all connections; those without a shown one are kept, dimmed. `born` holds the moment
 * (`performance.now()`) at which a place appeared while the page was looking.
 */
export function placesOf(
  all: readonly Flow[],
  shown: ReadonlySet<Flow>,
  nameCountry: NameCountry,
  born: ReadonlyMap<string, number> = new Map(),
): MapPlace[] {
  const places = new Map<string, Gathered>();
  for (const flow of all) {
    const key = flow.keys.place;
    if (key === null) continue;
    const isShown = shown.has(flow);
    let place = places.get(key);
    if (!place) {
      place = { flow, shown: 0, total: 0, open: 0, accuracyKm: 0, rtt: null };
      places.set(key, place);
    }
    place.total += 1;
    place.shown += isShown ? 1 : 0;
    place.open += isOpen(flow) ? 1 : 0;
    place.accuracyKm = Math.max(place.accuracyKm, flow.remote.accuracy_km ?? 0);
    if (flow.rttMs !== null) place.rtt = Math.min(place.rtt ?? Infinity, flow.rttMs);
  }
  return [...places].map(([key, place]) => toMapPlace(key, place, nameCountry, born.get(key)));
}

function toMapPlace(key: string, place: Gathered, nameCountry: NameCountry, bornAt?: number): MapPlace {
  const { remote, keys } = place.flow;
  return {
    key,
    kind: keys.whereabouts as MapPlace['kind'],
    latitude: remote.latitude ?? 0,
    longitude: remote.longitude ?? 0,
    label: labelOf(place.flow, nameCountry),
    count: place.shown || place.total,
    // What is new needs a memory longer than this page's; until there is one, nothing is called new.
    fresh: 0,
    open: place.open,
    accuracyKm: place.accuracyKm,
    dim: place.shown === 0,
    bornAt,
    minimumRttMs: place.rtt,
  };
}

/** What the place of a connection is called. */
export function labelOf(flow: Flow, nameCountry: NameCountry): string {
  const { remote, keys } = flow;
  if (keys.whereabouts === 'anycast') return keys.operator || remote.address;
  const country = remote.country ? nameCountry(remote.country) : '';
  return (keys.whereabouts === 'city' && remote.city) || country || remote.address;
}

/** How many connections each country has, for the tint of the map. */
export function countryCounts(flows: readonly Flow[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { keys } of flows) {
    if (keys.country && keys.place) counts.set(keys.country, (counts.get(keys.country) ?? 0) + 1);
  }
  return counts;
}

/** The connections of a list beside the map; open ports are not connections. */
export function flowsOfList(flows: readonly Flow[], list: Exclude<List, 'listening'>): Flow[] {
  return flows.filter((flow) => flow.keys.whereabouts === list);
}

/** Something and the connections that have it in common, most first. */
export interface Group<Key extends string = string> {
  readonly key: Key;
  readonly flows: Flow[];
}

/** Groups connections by a key, the largest group first, then by name. */
export function groupBy<Key extends string>(flows: readonly Flow[], keyOf: (flow: Flow) => Key): Group<Key>[] {
  const groups = new Map<Key, Flow[]>();
  for (const flow of flows) {
    const key = keyOf(flow);
    const group = groups.get(key);
    if (group) group.push(flow);
    else groups.set(key, [flow]);
  }
  return [...groups]
    .map(([key, members]) => ({ key, flows: members }))
    .sort((a, b) => b.flows.length - a.flows.length || a.key.localeCompare(b.key));
}
