// The page's address: everything a reader chose stands in the part after `#`, so that a link, the
// back button and a reload bring it back.
import type { Projection } from '../map/types';
import { FACETS, NO_FILTERS, type Filters } from './filter';
import { LISTS, type List } from './places';
import { isColumn, type ColumnName } from './columns';
import type { Period } from './past';

/** The views, in the order of the keys 1 to 8. */
export const VIEWS = ['map', 'table', 'insights', 'report', 'events', 'local', 'coverage', 'about'] as const;
/** One view. */
export type View = (typeof VIEWS)[number];

/**
 * What the right panel shows: one connection, a list beside the map, places of the map, the overview, what is new and
 * frequent, or recorded connections that a filter fits between two moments.
 */
export type Selection =
  | { readonly kind: 'flow'; readonly id: string }
  | { readonly kind: 'list'; readonly list: List }
  | { readonly kind: 'places'; readonly keys: readonly string[] }
  | { readonly kind: 'overview' }
  | { readonly kind: 'habits' }
  | { readonly kind: 'rows'; readonly filter: string; readonly from: number | null; readonly to: number | null }
  | null;

/** The order of the table's rows. */
export interface Sort {
  readonly column: ColumnName;
  readonly descending: boolean;
}

/** Everything that stands in the address. */
export interface Route {
  readonly view: View;
  /** The day of the report, as in `2026-11-25`; `null` is today. */
  readonly day: string | null;
  /** The day that the report is held against. */
  readonly compare: string | null;
  readonly filters: Filters;
  readonly projection: Projection;
  readonly selection: Selection;
  /** The stretch of the past that map, facets and table show; `null` is the present. */
  readonly period: Period | null;
  readonly sort: Sort;
  /** Whether the program's own connections are shown. */
  readonly own: boolean;
  /** Whether the table lists what ended lately. */
  readonly ended: boolean;
}

/** Where the page starts. */
export const HOME: Route = {
  view: 'map',
  day: null,
  compare: null,
  filters: NO_FILTERS,
  projection: 'flat',
  selection: null,
  period: null,
  sort: { column: 'since', descending: true },
  own: false,
  ended: false,
};

const PROJECTIONS: readonly Projection[] = ['flat', 'globe', 'distance'];

/** Reads an address; what it does not know is left at its default. */
export function parseRoute(hash: string): Route {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [name, day = ''] = path.split('/', 2);
  const parameters = new URLSearchParams(search);
  return {
    view: oneOf(VIEWS, name) ?? HOME.view,
    day: parseDay(day),
    compare: parseDay(parameters.get('compare')),
    filters: parseFilters(parameters),
    projection: oneOf(PROJECTIONS, parameters.get('projection')) ?? HOME.projection,
    selection: parseSelection(parameters),
    period: parsePeriod(parameters.get('period')),
    sort: parseSort(parameters.get('sort')),
    own: parameters.get('own') === '1',
    ended: parameters.get('ended') === '1',
  };
}

/** Writes an address, shortest form: only what differs from the start. */
export function formatRoute(route: Route): string {
  const parameters = formatFilters(route.filters);
  if (route.projection !== HOME.projection) parameters.set('projection', route.projection);
  formatSelection(route.selection, parameters);
  if (route.period) parameters.set('period', `${route.period.from}-${route.period.to}`);
  const { column, descending } = route.sort;
  if (column !== HOME.sort.column || descending !== HOME.sort.descending) {
    parameters.set('sort', (descending ? '-' : '') + column);
  }
  if (route.own) parameters.set('own', '1');
  if (route.ended) parameters.set('ended', '1');
  if (route.view === 'report' && route.compare) parameters.set('compare', route.compare);
  const search = parameters.toString();
  const day = route.view === 'report' && route.day ? `/${route.day}` : '';
  return `#${route.view}${day}${search ? `?${search}` : ''}`;
}

/** Reads the filters of an address. */
export function parseFilters(parameters: URLSearchParams): Filters {
  const since = Number(parameters.get('since'));
  return {
    app: parameters.getAll('app'),
    operator: parameters.getAll('operator'),
    country: parameters.getAll('country'),
    port: parameters.getAll('port'),
    network: parameters.getAll('network'),
    query: parameters.get('q') ?? '',
    since: Number.isFinite(since) && since > 0 ? since : null,
  };
}

/** Writes filters as they stand in an address. */
export function formatFilters(filters: Filters): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const facet of FACETS) for (const key of filters[facet]) parameters.append(facet, key);
  if (filters.query) parameters.set('q', filters.query);
  if (filters.since !== null) parameters.set('since', String(filters.since));
  return parameters;
}

function parseSelection(parameters: URLSearchParams): Selection {
  const flow = parameters.get('flow');
  if (flow) return { kind: 'flow', id: flow };
  const list = oneOf(LISTS, parameters.get('list'));
  if (list) return { kind: 'list', list };
  const panel = oneOf(['overview', 'habits'] as const, parameters.get('list'));
  if (panel) return { kind: panel };
  const filter = parameters.get('rows');
  if (filter !== null) {
    return { kind: 'rows', filter, from: momentOf(parameters.get('from')), to: momentOf(parameters.get('to')) };
  }
  const keys = parameters.getAll('place');
  return keys.length > 0 ? { kind: 'places', keys } : null;
}

function formatSelection(selection: Selection, parameters: URLSearchParams): void {
  if (selection?.kind === 'flow') parameters.set('flow', selection.id);
  if (selection?.kind === 'list') parameters.set('list', selection.list);
  if (selection?.kind === 'overview' || selection?.kind === 'habits') parameters.set('list', selection.kind);
  if (selection?.kind === 'rows') {
    parameters.set('rows', selection.filter);
    if (selection.from !== null) parameters.set('from', String(selection.from));
    if (selection.to !== null) parameters.set('to', String(selection.to));
  }
  if (selection?.kind === 'places') for (const key of selection.keys) parameters.append('place', key);
}

const parseDay = (text: string | null) => (/^\d{4}-\d\d-\d\d$/.test(text ?? '') ? text : null);

function parsePeriod(text: string | null): Period | null {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '');
  const [from, to] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  return from < to ? { from, to } : null;
}

function momentOf(text: string | null): number | null {
  const moment = Number(text);
  return text && Number.isFinite(moment) ? moment : null;
}

function parseSort(text: string | null): Sort {
  const column = (text ?? '').replace(/^-/, '');
  return isColumn(column) ? { column, descending: text!.startsWith('-') } : HOME.sort;
}

function oneOf<T extends string>(words: readonly T[], word: string | null): T | null {
  return words.includes(word as T) ? (word as T) : null;
}
