// The address of the page and the state it stands for.
import { describe, expect, test } from 'vitest';
import { NO_FILTERS } from './filter';
import { formatRoute, HOME, parseRoute, type Route } from './route';

describe('the address', () => {
  test('of the start is short', () => expect(formatRoute(HOME)).toBe('#map'));

  test.each<[string, Partial<Route>]>([
    [
      'filters',
      { filters: { ...NO_FILTERS, app: ['a & b', ''], country: ['DE', 'FR'], query: 'x:"y z"', since: 1234 } },
    ],
    ['a projection', { projection: 'distance' }],
    ['a flow', { view: 'table', selection: { kind: 'flow', id: '18446744073709551615' } }],
    ['places', { selection: { kind: 'places', keys: ['DE/Frankfurt/50,9', 'anycast/Cloudflare'] } }],
    ['a list', { selection: { kind: 'list', list: 'anycast' } }],
    ['what can be seen', { view: 'coverage' }],
    ['what ended', { view: 'table', ended: true }],
    ['the overview', { selection: { kind: 'overview' } }],
    ['what is new and frequent', { selection: { kind: 'habits' } }],
    ['a report', { view: 'report' }],
    ['the report of a day', { view: 'report', day: '2026-11-25' }],
    ['recorded connections', { view: 'insights', selection: { kind: 'rows', filter: 'app:"a b"', from: 1, to: 2 } }],
    ['all recorded connections', { selection: { kind: 'rows', filter: '', from: null, to: null } }],
    ['an order', { view: 'table', sort: { column: 'sent', descending: true } }],
    ['own connections', { view: 'local', own: true }],
  ])('brings back %s', (_, change) => {
    const route = { ...HOME, ...change };
    expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  test('that makes no sense leads to the start', () => {
    expect(parseRoute('#nowhere?projection=cube&sort=__proto__&since=-1&list=x')).toEqual(HOME);
    expect(parseRoute('')).toEqual(HOME);
    expect(parseRoute('#report/today')).toEqual({ ...HOME, view: 'report' });
    expect(parseRoute('#/report/2026-11-25').day).toBe('2026-11-25');
  });
});
