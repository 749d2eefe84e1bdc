// What days, strips, timelines and sentences come down to, as plain functions: no requests, no words.
import type {
  Claim,
  DayFacet,
  DayUse,
  Event,
  Habit,
  Report,
  Sentence,
  Surprise,
  Timeline,
  UnobservedTime,
} from '../api/days';
import { NO_FILTERS, type Filters } from './filter';

/** A day, in milliseconds. */
export const DAY = 86_400_000;

/** The day of a moment in UTC, as in `2026-11-25`. */
export const dayOf = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 10);

/** How many days a strip has. */
export const WINDOW = 30;

/** One day of a strip: used, watched without use, or not watched at all. */
export type Cell = 'used' | 'watched' | 'unknown';

/** A strip's days in order, the last one last; without account of what was watched, all were. */
export function cellsOf(strip: string, observed: string | null): Cell[] {
  return [...strip].map((used, index) =>
    used === '1' ? 'used' : observed !== null && observed[index] === '0' ? 'unknown' : 'watched',
  );
}

/** The first moment of a strip that ends with the day that begins at a moment. */
export const windowStart = (begins: string) => Date.parse(begins) - (WINDOW - 1) * DAY;

/** A day some days later, or earlier, as in `2026-11-25`. */
export function shiftDay(day: string, days: number): string {
  return dayOf(Date.parse(`${day}T00:00:00Z`) + days * DAY);
}

/** A value with the rows that it is counted by. */
export interface ValueRows {
  readonly facet: DayFacet;
  readonly value: string;
  /** 30 characters `0` or `1`, the day itself last. */
  readonly strip: string;
  readonly days: number;
  readonly flows: number;
  readonly apps: readonly string[];
}

/** Rows of days, value by value, those with the most days first; `last` is the day that the strips end with. */
export function rowsByValue(rows: readonly DayUse[], last: string): ValueRows[] {
  const groups = new Map<string, DayUse[]>();
  for (const row of rows) {
    const key = `${row.facet}/${row.value}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const end = Date.parse(last);
  const values = [...groups.values()].map((group) => {
    const used = new Set(group.map((row) => WINDOW - 1 - Math.round((end - Date.parse(row.day)) / DAY)));
    const strip = Array.from({ length: WINDOW }, (_, index) => (used.has(index) ? '1' : '0')).join('');
    return {
      facet: group[0].facet,
      value: group[0].value,
      strip,
      days: [...strip].filter((cell) => cell === '1').length,
      flows: group.reduce((sum, row) => sum + row.flows, 0),
      apps: [...new Set(group.map((row) => row.app).filter((app) => app !== null))].sort(),
    };
  });
  return values.sort((a, b) => b.days - a.days || b.flows - a.flows || a.value.localeCompare(b.value));
}

/** Of a claim's values the ones that it counts, first; the others only where it counts none by name. */
export function rowsOfClaim(claim: Claim, values: readonly ValueRows[]): ValueRows[] {
  const named = values.filter(({ value }) => claim.values.includes(value));
  return claim.values.length > 0 ? named : [...values];
}

/** A sentence's claims that rest on rows of their own, each path once, and only those with anything to show. */
export function claimsOf(sentence: Sentence): Claim[] {
  const seen = new Set<string>();
  return sentence.claims.filter((claim) => {
    const key = `${claim.query} ${claim.values.join('\n')}`;
    const isNew = !seen.has(key) && claim.value > 0;
    seen.add(key);
    return isNew;
  });
}

/** Surprises without those that only say of one provider what was said of the app as a whole. */
export function distinctSurprises(surprises: readonly Surprise[]): Surprise[] {
  const isSaid = (one: Surprise) =>
    one.operator !== null &&
    surprises.some(
      (other) =>
        other.operator === null && other.app === one.app && other.measure === one.measure && other.today === one.today,
    );
  return surprises.filter((one) => !isSaid(one));
}

/** What of the page's own filters lists the same open connections as a filter of the history. */
export function filtersOf(filter: string): Filters {
  const chosen: Record<string, string[]> = { app: [], operator: [], country: [] };
  const words: string[] = [];
  for (const [, field, quoted, plain] of filter.matchAll(/(?:(\w+):)?(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    if (field in chosen) chosen[field].push(value);
    else if (field === 'port' || field === 'name') words.push(`${field}:${value}`);
    // What the page cannot ask of open connections, such as a direction, is left out.
    else if (field === undefined || field === 'address') words.push(value);
  }
  const { app, operator, country } = chosen;
  return { ...NO_FILTERS, app, operator, country, query: words.join(' ') };
}

/** The filter that lists the connections of a value, as the program writes it. */
export const filterFor = (facet: DayFacet, value: string) =>
  facet === 'port' ? `port:${value}` : `${facet}:"${value.replace(/[\\"]/g, '\\$&')}"`;

/** Every value that a filter asks for, as one would read it in a row. */
export function termsOf(filter: string): { field: string; value: string }[] {
  return [...filter.matchAll(/(?:(\w+):)?(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(([, field = '', quoted, plain]) => ({
    field,
    value: quoted?.replace(/\\(.)/g, '$1') ?? plain,
  }));
}

/** What was new: a value of a facet, a port that opened, or a port that was reached from outside. */
export type ReasonWord = DayFacet | 'listening' | 'inbound' | 'site' | 'program_changed';

/** The one word for what was new. */
export const reasonWord = ({ kind, facet }: Event['reasons'][number]): ReasonWord => (kind === 'used' ? facet : kind);

/** Events day by day, as they come: the latest first. */
export function eventsByDay(events: readonly Event[]): { day: string; events: Event[] }[] {
  const days: { day: string; events: Event[] }[] = [];
  for (const event of events) {
    if (days.at(-1)?.day !== event.day) days.push({ day: event.day, events: [] });
    days.at(-1)!.events.push(event);
  }
  return days;
}

/** The ranges of the timeline: how long, and how long one slot is. */
export const RANGES = {
  hour: { length: 3_600_000, slot: 60_000, bucket: '1m' },
  day: { length: DAY, slot: 900_000, bucket: '15m' },
  week: { length: 7 * DAY, slot: 2 * 3_600_000, bucket: '2h' },
  month: { length: WINDOW * DAY, slot: 6 * 3_600_000, bucket: '6h' },
} as const;
/** One of them. */
export type Range = keyof typeof RANGES;

/** Where a range begins and ends: whole slots, the present one last. */
export function rangeAt(range: Range, now: number): { from: number; to: number } {
  const { length, slot } = RANGES[range];
  const to = Math.ceil((now + 1) / slot) * slot;
  return { from: to - length, to };
}

/** A slot as it is drawn. */
export interface Bar {
  readonly from: number;
  readonly flows: number;
  readonly bytes: number;
  /** The share of the highest slot, from 0 to 1. */
  readonly height: number;
  /** Whether all or some of it was not watched. */
  readonly gap: boolean;
}

/** How much of a slot went unwatched, in milliseconds; what lies ahead of `now` counts for nothing. */
export function missedOf({ unobserved }: Timeline, slot: number, now: number): (from: number) => number {
  const gaps = unobserved.map(({ from, until }) => [Date.parse(from), Math.min(now, Date.parse(until))] as const);
  return (from) => gaps.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, from + slot) - Math.max(a, from)), 0);
}

/** The slots of a timeline; nothing that lies ahead of `now` counts as a gap. */
export function barsOf(timeline: Timeline, slot: number, now: number): Bar[] {
  const highest = Math.max(1, ...timeline.items.map(({ flows }) => flows));
  const missed = missedOf(timeline, slot, now);
  return timeline.items.map((item) => {
    const from = Date.parse(item.from);
    return {
      from,
      flows: item.flows,
      bytes: item.bytes_sent + item.bytes_received,
      height: item.flows / highest,
      // A gap shorter than a twentieth of the slot would hatch what was watched nearly all of the time.
      gap: missed(from) > slot / 20,
    };
  });
}

/** How many events that are not muted began in each slot; one of which only the day is known is in none. */
export function newsOf(events: readonly Event[], bars: readonly Bar[], slot: number): number[] {
  const news = bars.map(() => 0);
  for (const { at, mark } of events) {
    const index = at === null || bars.length === 0 ? -1 : Math.floor((Date.parse(at) - bars[0].from) / slot);
    if (index in news && mark?.kind !== 'muted') news[index] += 1;
  }
  return news;
}

/** Neighbouring hatched slots as stretches: first index and how many. */
export function stretchesOf(bars: readonly Bar[]): { start: number; length: number }[] {
  const stretches: { start: number; length: number }[] = [];
  bars.forEach((bar, index) => {
    if (!bar.gap) return;
    const last = stretches.at(-1);
    if (last && last.start + last.length === index) last.length += 1;
    else stretches.push({ start: index, length: 1 });
  });
  return stretches;
}

/** The longest stretches that were not watched, the longest first. */
export function longestGaps(gaps: readonly UnobservedTime[], count: number): UnobservedTime[] {
  const length = (gap: UnobservedTime) => Date.parse(gap.until) - Date.parse(gap.from);
  return [...gaps].sort((a, b) => length(b) - length(a)).slice(0, count);
}

/** A point of the concentration curve: that many of the first providers hold that share, in percent. */
export interface CurvePoint {
  readonly count: number;
  readonly percent: number;
}

/** The curve of what the first providers hold together, from nothing on. */
export function curveOf(providers: Report['providers']): CurvePoint[] {
  return [
    { count: 0, percent: 0 },
    ...providers.map((item, index) => ({ count: index + 1, percent: item.covered_percent })),
  ];
}

/** The fewest providers that hold together at least a share. Rounding must not ask for one more. */
export function neededFor(providers: Report['providers'], percent: number): Habit[] {
  const index = providers.findIndex((item) => item.covered_percent >= percent - 1e-9);
  return providers.slice(0, index + 1).map(({ habit }) => habit);
}
