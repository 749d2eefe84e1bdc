// Strips, rows, timelines and filters of the history, by hand-made answers.
import { describe, expect, test } from 'vitest';
import type { Claim, DayUse, Event, ReportItem, Sentence, Surprise } from '../api/days';
import {
  barsOf,
  cellsOf,
  claimsOf,
  curveOf,
  distinctSurprises,
  eventsByDay,
  filterFor,
  filtersOf,
  longestGaps,
  neededFor,
  newsOf,
  rangeAt,
  reasonWord,
  rowsByValue,
  rowsOfClaim,
  shiftDay,
  stretchesOf,
  termsOf,
  windowStart,
} from './days';

const use = (value: string, day: string, more: Partial<DayUse> = {}): DayUse => ({
  facet: 'app',
  day,
  value,
  app: value,
  flows: 1,
  mapped: 1,
  sent: 0,
  received: 0,
  first_seen: null,
  last_seen: null,
  imported: false,
  ...more,
});

const claim = (more: Partial<Claim>): Claim => ({
  figure: 'all',
  facet: 'app',
  class: null,
  percent: null,
  value: 2,
  values: [],
  query: '/api/v1/history/days?from=2026-10-27&to=2026-11-25&facet=app',
  ...more,
});

describe('strips', () => {
  test('tell what was used, watched and neither', () => {
    expect(cellsOf('1001', '1101')).toEqual(['used', 'watched', 'unknown', 'used']);
    expect(cellsOf('10', null)).toEqual(['used', 'watched']);
  });

  test('begin 29 days before the day', () => {
    expect(new Date(windowStart('2026-11-25T00:00:00Z')).toISOString()).toBe('2026-10-27T00:00:00.000Z');
  });

  test('days are counted over months and years', () => {
    expect(shiftDay('2026-03-01', -1)).toBe('2026-02-28');
    expect(shiftDay('2026-12-31', 1)).toBe('2027-01-01');
  });
});

describe('the rows behind a sentence', () => {
  const rows = [
    use('b', '2026-11-25', { app: 'x', flows: 2 }),
    use('b', '2026-11-25', { app: null, flows: 3 }),
    use('b', '2026-11-24', { app: 'x' }),
    use('a', '2026-10-27'),
  ];

  test('add up by value, a day once whoever used it', () => {
    const [b, a] = rowsByValue(rows, '2026-11-25');
    expect(b).toMatchObject({ value: 'b', days: 2, flows: 6, apps: ['x'] });
    expect(b.strip).toBe('0'.repeat(28) + '11');
    expect(a.strip).toBe('1' + '0'.repeat(29));
  });

  test('are those that the claim names', () => {
    const values = rowsByValue(rows, '2026-11-25');
    expect(rowsOfClaim(claim({ values: ['a'] }), values).map(({ value }) => value)).toEqual(['a']);
    expect(rowsOfClaim(claim({ values: [] }), values)).toHaveLength(2);
  });

  test('come once for each claim that states something', () => {
    const twice = claim({ values: ['a'] });
    const sentence = { claims: [twice, twice, claim({ value: 0, values: ['none'] }), claim({})] };
    expect(claimsOf(sentence as Sentence)).toHaveLength(2);
  });
});

describe('filters of the history', () => {
  test('choose the same on the live page', () => {
    expect(filtersOf('app:"a \\"b\\"" country:"DE" port:443 name:"www.example.org" word direction:in')).toMatchObject({
      app: ['a "b"'],
      country: ['DE'],
      operator: [],
      query: 'port:443 name:www.example.org word',
    });
  });

  test('are told term by term', () => {
    expect(termsOf('operator:"A, Inc." port:22')).toEqual([
      { field: 'operator', value: 'A, Inc.' },
      { field: 'port', value: '22' },
    ]);
    expect(termsOf('')).toEqual([]);
  });

  test.each(['plain', 'with "quotes"', 'back\\slash'])('read what is written: %s', (value) => {
    expect(termsOf(filterFor('operator', value))).toEqual([{ field: 'operator', value }]);
  });
});

test('a surprise of a whole app is not told again of its only provider', () => {
  const surprise = (operator: string | null, today: number) =>
    ({ app: 'a', operator, measure: 'flows', today }) as Surprise;
  const kept = distinctSurprises([surprise(null, 40), surprise('p', 40), surprise('q', 9)]);
  expect(kept.map(({ operator }) => operator)).toEqual([null, 'q']);
});

test('a reason is told by what was used, or by how a port was reached', () => {
  const reason = (kind: string) => ({ kind, facet: 'port' }) as Event['reasons'][number];
  expect(['used', 'listening', 'inbound'].map((kind) => reasonWord(reason(kind)))).toEqual([
    'port',
    'listening',
    'inbound',
  ]);
});

test('events stand under their day, in their order', () => {
  const events = [
    { id: '1', day: '2026-11-25' },
    { id: '2', day: '2026-11-25' },
    { id: '3', day: '2026-11-20' },
  ] as Event[];
  expect(eventsByDay(events).map(({ day, events }) => [day, events.length])).toEqual([
    ['2026-11-25', 2],
    ['2026-11-20', 1],
  ]);
});

describe('the timeline', () => {
  const at = Date.parse('2026-11-25T12:00:00Z');
  const iso = (minutes: number) => new Date(at + minutes * 60_000).toISOString();
  const slot = (minutes: number, flows: number) => ({ from: iso(minutes), flows, bytes_sent: 1, bytes_received: 2 });

  test('ends with the slot that is going on', () => {
    const { from, to } = rangeAt('hour', at + 1);
    expect(to).toBe(at + 60_000);
    expect(to - from).toBe(3_600_000);
    expect(rangeAt('day', at).to).toBe(at + 900_000);
  });

  test('marks what was not watched, but not what lies ahead', () => {
    const items = [slot(0, 4), slot(1, 0), slot(2, 0), slot(3, 2)];
    const unobserved = [
      { from: iso(1), until: iso(2.01), why: 'asleep' as const, lost: null },
      { from: iso(3.2), until: iso(9), why: 'not_running' as const, lost: null },
    ];
    const bars = barsOf({ items, unobserved }, 60_000, at + 3.2 * 60_000);
    expect(bars.map((bar) => bar.gap)).toEqual([false, true, false, false]);
    expect(bars.map((bar) => bar.height)).toEqual([1, 0, 0, 0.5]);
    expect(bars[0].bytes).toBe(3);
  });

  test('joins neighbours', () => {
    const bars = [false, true, true, false, true].map((gap) => ({ from: 0, flows: 0, bytes: 0, height: 0, gap }));
    expect(stretchesOf(bars)).toEqual([
      { start: 1, length: 2 },
      { start: 4, length: 1 },
    ]);
  });

  test('tells the longest gaps', () => {
    const gap = (from: number, until: number) => ({
      from: iso(from),
      until: iso(until),
      why: 'asleep' as const,
      lost: null,
    });
    expect(longestGaps([gap(0, 1), gap(2, 9), gap(10, 12)], 2)).toEqual([gap(2, 9), gap(10, 12)]);
  });
});

describe('the concentration of providers', () => {
  const providers = [50, 80, 90, 100].map(
    (covered_percent, index) => ({ covered_percent, habit: { value: `p${index}` } }) as ReportItem,
  );

  test('starts at nothing', () => {
    expect(curveOf(providers)[0]).toEqual({ count: 0, percent: 0 });
    expect(curveOf(providers).at(-1)).toEqual({ count: 4, percent: 100 });
  });

  test('needs no provider more than it must at the border', () => {
    expect(neededFor(providers, 50).map(({ value }) => value)).toEqual(['p0']);
    expect(neededFor(providers, 80)).toHaveLength(2);
    expect(neededFor(providers, 81)).toHaveLength(3);
    expect(neededFor([], 50)).toEqual([]);
  });
});

test('events stand in the slot of their moment, unless they are muted or only their day is known', () => {
  const bars = [0, 1, 2].map((index) => ({ from: index * 60_000, flows: 0, bytes: 0, height: 0, gap: false }));
  const event = (second: number | null, kind?: string) =>
    ({
      at: second === null ? null : new Date(second * 1000).toISOString(),
      mark: kind ? { kind } : null,
    }) as Event;
  const events = [event(59), event(60), event(119, 'known'), event(61, 'muted'), event(null), event(-1), event(180)];
  expect(newsOf(events, bars, 60_000)).toEqual([1, 2, 0]);
  expect(newsOf(events, [], 60_000)).toEqual([]);
});
