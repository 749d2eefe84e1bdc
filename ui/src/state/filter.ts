// Which connections are shown: the facets' choices and the search, as plain functions. OR within a
// facet, AND between facets and between the words of a search.
import type { Flow } from './flow';

/** The four facets, in the order they are shown. */
export const FACETS = ['app', 'operator', 'country', 'port'] as const;
/** One facet. */
export type Facet = (typeof FACETS)[number];

/** Everything that narrows what is shown. */
export interface Filters {
  readonly app: readonly string[];
  readonly operator: readonly string[];
  readonly country: readonly string[];
  readonly port: readonly string[];
  readonly query: string;
  /** Only connections that appeared after this moment (milliseconds since 1970). */
  readonly since: number | null;
}

/** Nothing narrowed. */
export const NO_FILTERS: Filters = { app: [], operator: [], country: [], port: [], query: '', since: null };

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

type Test = (flow: Flow) => boolean;

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

const FIELDS: Record<string, (flow: Flow, value: string) => boolean> = {
  app: (flow, value) => flow.keys.app.toLowerCase().includes(value),
  pid: (flow, value) => String(flow.owner.pid ?? '') === value,
  port: (flow, value) =>
    String(flow.remotePort) === value || String(flow.localPort) === value || flow.service.name?.toLowerCase() === value,
  country: (flow, value) => flow.keys.country.toLowerCase() === value,
  city: (flow, value) => (flow.remote.city ?? '').toLowerCase().includes(value),
  asn: (flow, value) => String(flow.remote.asn ?? '') === value.replace(/^as/, ''),
  operator: (flow, value) => flow.keys.operator.toLowerCase().includes(value),
  role: (flow, value) => (flow.remote.role ?? flow.service.role ?? '') === value,
  state: (flow, value) => flow.state === value,
};

/** The words of a search: `word`, `-word`, `field:value`, `"several words"`. */
export function parseQuery(query: string): Test[] {
  const words = query.toLowerCase().match(/-?(?:\w+:)?(?:"[^"]*"?|\S+)/g) ?? [];
  return words.map(toTest).filter((test): test is Test => test !== null);
}

function toTest(word: string): Test | null {
  const negative = word.length > 1 && word.startsWith('-');
  const body = negative ? word.slice(1) : word;
  const separator = body.indexOf(':');
  const name = body.slice(0, separator);
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : null;
  const value = (field ? body.slice(separator + 1) : body).replaceAll('"', '');
  if (value === '') return null;
  const test: Test = field ? (flow) => field(flow, value) : (flow) => flow.keys.text.includes(value);
  return negative ? (flow) => !test(flow) : test;
}

/** Applies the filters. A facet's own choice does not narrow its own numbers: one sees what else could be chosen. */
export function applyFilters(flows: readonly Flow[], filters: Filters): Filtered {
  const tests = parseQuery(filters.query);
  const chosen = FACETS.map((facet) => (filters[facet].length > 0 ? new Set(filters[facet]) : null));
  const numbers = FACETS.map(() => new Map<string, { shown: number; total: number }>());
  const shown: Flow[] = [];
  for (const flow of flows) {
    if (filters.since !== null && flow.firstSeen < filters.since) continue;
    const failed = FACETS.map((facet, index) => chosen[index] !== null && !chosen[index].has(flow.keys[facet]));
    const failures = failed.filter(Boolean).length;
    const found = tests.every((test) => test(flow));
    if (found && failures === 0) shown.push(flow);
    FACETS.forEach((facet, index) => {
      const entry = entryOf(numbers[index], flow.keys[facet]);
      entry.total += 1;
      if (found && (failures === 0 || (failures === 1 && failed[index]))) entry.shown += 1;
    });
  }
  const facets = Object.fromEntries(
    FACETS.map((facet, index) => [facet, valuesOf(facet, numbers[index], filters[facet])]),
  ) as Record<Facet, FacetValue[]>;
  return { shown, facets };
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
