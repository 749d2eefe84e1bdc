// Which connections are shown: the facets' choices and the search, as plain functions. OR within a
// facet, AND between facets and between the words of a search.
import type { Listener } from '../api/types';
import type { Flow } from './flow';

/** The facets, in the order they are shown. */
export const FACETS = ['app', 'operator', 'country', 'port', 'network'] as const;
/** One facet. */
export type Facet = (typeof FACETS)[number];

/** Everything that narrows what is shown. */
export interface Filters {
  readonly app: readonly string[];
  readonly operator: readonly string[];
  readonly country: readonly string[];
  readonly port: readonly string[];
  readonly network: readonly string[];
  readonly query: string;
  /** Only connections that appeared after this moment (milliseconds since 1970). */
  readonly since: number | null;
}

/** Nothing narrowed. */
export const NO_FILTERS: Filters = {
  app: [],
  operator: [],
  country: [],
  port: [],
  network: [],
  query: '',
  since: null,
};

/** One value of a facet with its numbers. */
export interface FacetValue {
  readonly key: string;
  /** How many connections it would show, given the other facets. */
  readonly shown: number;
  /** How many there are without any filter. */
  readonly total: number;
  readonly on: boolean;
}

/** What a search and the facets leave, with the numbers beside each facet's values. */
export interface Filtered {
  readonly shown: Flow[];
  readonly facets: Record<Facet, FacetValue[]>;
}

type Test<Subject> = (subject: Subject) => boolean;
type Fields<Subject> = Record<string, (subject: Subject, value: string) => boolean>;

/** Whether anything is narrowed. */
export function isFiltered(filters: Filters): boolean {
  return filters.query.trim() !== '' || filters.since !== null || FACETS.some((facet) => filters[facet].length > 0);
}

/** Filters with one value of a facet switched; the others of that facet stay only when `add` is set. */
export function toggled(filters: Filters, facet: Facet, key: string, add: boolean): Filters {
  const chosen = filters[facet];
  const without = chosen.filter((value) => value !== key);
  const next = chosen.includes(key) ? (add ? without : chosen.length > 1 ? [key] : []) : add ? [...chosen, key] : [key];
  return { ...filters, [facet]: next };
}

const FLOW_FIELDS: Fields<Flow> = {
  app: (flow, value) => flow.keys.app.toLowerCase().includes(value),
  pid: (flow, value) => String(flow.owner.pid ?? '') === value,
  port: (flow, value) =>
    String(flow.remotePort) === value || String(flow.localPort) === value || flow.service.name?.toLowerCase() === value,
  country: (flow, value) => flow.keys.country.toLowerCase() === value,
  city: (flow, value) => (flow.remote.city ?? '').toLowerCase().includes(value),
  asn: (flow, value) => String(flow.remote.asn ?? '') === value.replace(/^as/, ''),
  operator: (flow, value) => flow.keys.operator.toLowerCase().includes(value),
  name: (flow, value) =>
    flow.name !== null && [...flow.name.candidates, ...flow.name.aliases].some((name) => name.includes(value)),
  network: (flow, value) => flow.keys.network.toLowerCase() === value,
  role: (flow, value) => (flow.remote.role ?? flow.service.role ?? '') === value,
  state: (flow, value) => flow.state === value,
};

/** An open port has neither remote address nor state; what is asked of those it does not match. */
const LISTENER_FIELDS: Fields<Listener> = {
  app: (port, value) => (port.app ?? '').toLowerCase().includes(value),
  pid: (port, value) => String(port.pid ?? '') === value,
  port: (port, value) => String(port.local_port) === value || port.service?.toLowerCase() === value,
  country: () => false,
  city: () => false,
  asn: () => false,
  operator: () => false,
  name: () => false,
  network: () => false,
  role: () => false,
  state: (_, value) => value === 'listen',
};

const listenerText = (port: Listener) =>
  [port.app, port.executable, port.pid, port.local_address, port.local_port, port.service, port.protocol]
    .filter((part) => part !== null)
    .join('\n')
    .toLowerCase();

/** The words of a search: `word`, `-word`, `field:value`, `"several words"`. */
function parseQuery<Subject>(
  query: string,
  fields: Fields<Subject>,
  textOf: (subject: Subject) => string,
): Test<Subject>[] {
  const words = query.toLowerCase().match(/-?(?:\w+:)?(?:"[^"]*"?|\S+)/g) ?? [];
  return words.map((word) => toTest(word, fields, textOf)).filter((test) => test !== null);
}

function toTest<Subject>(
  word: string,
  fields: Fields<Subject>,
  textOf: (subject: Subject) => string,
): Test<Subject> | null {
  const negative = word.length > 1 && word.startsWith('-');
  const body = negative ? word.slice(1) : word;
  const separator = body.indexOf(':');
  const name = body.slice(0, separator);
  const field = Object.hasOwn(fields, name) ? fields[name] : null;
  const value = (field ? body.slice(separator + 1) : body).replaceAll('"', '');
  if (value === '') return null;
  const test: Test<Subject> = field ? (subject) => field(subject, value) : (subject) => textOf(subject).includes(value);
  return negative ? (subject) => !test(subject) : test;
}

/** Applies the filters. A facet's own choice does not narrow its own numbers: one sees what else could be chosen. */
export function applyFilters(flows: readonly Flow[], filters: Filters): Filtered {
  const tests = parseQuery(filters.query, FLOW_FIELDS, (flow) => flow.keys.text);
  const chosen = FACETS.map((facet) => (filters[facet].length > 0 ? new Set(filters[facet]) : null));
  const numbers = FACETS.map(() => new Map<string, { shown: number; total: number }>());
  const shown: Flow[] = [];
  for (const flow of flows) {
    if (filters.since !== null && flow.firstSeen < filters.since) continue;
    let failures = 0;
    let failed = -1;
    for (let index = 0; index < FACETS.length; index += 1) {
      const wanted = chosen[index];
      if (wanted === null || wanted.has(flow.keys[FACETS[index]])) continue;
      failures += 1;
      failed = index;
    }
    const found = tests.every((test) => test(flow));
    if (found && failures === 0) shown.push(flow);
    for (let index = 0; index < FACETS.length; index += 1) {
      const entry = entryOf(numbers[index], flow.keys[FACETS[index]]);
      entry.total += 1;
      if (found && (failures === 0 || (failures === 1 && failed === index))) entry.shown += 1;
    }
  }
  const facets = Object.fromEntries(
    FACETS.map((facet, index) => [facet, valuesOf(facet, numbers[index], filters[facet])]),
  ) as Record<Facet, FacetValue[]>;
  return { shown, facets };
}

/**
 * The open ports that the filters leave. A port that waits has no other end: a choice of operators or countries leaves
 * none, unless "no operator" is among them.
 */
export function filterListeners(listeners: readonly Listener[], filters: Filters): Listener[] {
  const tests = parseQuery(filters.query, LISTENER_FIELDS, listenerText);
  const keyOf: Record<Facet, (port: Listener) => string> = {
    app: (port) => port.app ?? '',
    operator: () => '',
    country: () => '',
    port: (port) => `${port.local_port}/${port.protocol}`,
    network: () => '',
  };
  return listeners.filter(
    (port) =>
      (filters.since === null || Date.parse(port.first_seen) >= filters.since) &&
      FACETS.every((facet) => filters[facet].length === 0 || filters[facet].includes(keyOf[facet](port))) &&
      tests.every((test) => test(port)),
  );
}

function entryOf(numbers: Map<string, { shown: number; total: number }>, key: string) {
  let entry = numbers.get(key);
  if (!entry) numbers.set(key, (entry = { shown: 0, total: 0 }));
  return entry;
}

function valuesOf(
  facet: Facet,
  numbers: Map<string, { shown: number; total: number }>,
  chosen: readonly string[],
): FacetValue[] {
  for (const key of chosen) entryOf(numbers, key);
  return (
    [...numbers]
      // An address without a country is no country that one could choose.
      .filter(([key]) => !(facet === 'country' && key === ''))
      .map(([key, { shown, total }]) => ({ key, shown, total, on: chosen.includes(key) }))
      .sort(
        (a, b) =>
          Number(facet === 'operator' && a.key === '') - Number(facet === 'operator' && b.key === '') ||
          b.shown - a.shown ||
          b.total - a.total ||
          a.key.localeCompare(b.key, 'en', { numeric: true }),
      )
  );
}
