// Places on the map and the tray beside it, out of flows.
import { describe, expect, test } from 'vitest';
import { flows, FRANKFURT } from './fixtures';
import { countryCounts, flowsOfList, groupBy, placesOf } from './places';

const name = (code: string) => ({ DE: 'Germany', NO: 'Norway' })[code] ?? code;
const NORWAY = { country: 'NO', latitude: 61, longitude: 9, precision: 'country', accuracy_km: 600 } as const;
const CLOUDFLARE = { operator: 'Cloudflare', anycast: true };

describe('places', () => {
  const all = flows(
    { remote: FRANKFURT },
    { remote: { ...FRANKFURT, address: '203.0.113.8' }, state: 'time_wait' },
    { remote: NORWAY },
    { remote: { ...CLOUDFLARE, address: '198.51.100.1' } },
    { remote: { ...CLOUDFLARE, address: '198.51.100.2' } },
    { remote: { scope: 'lan', address: '192.168.1.1' } },
    { remote: {} },
  );
  const places = placesOf(all, new Set(all), name);

  test('group by city, by country and by anycast operator', () => {
    expect(places.map(({ kind, label, count, open }) => [kind, label, count, open])).toEqual([
      ['city', 'Frankfurt', 2, 1],
      ['country', 'Norway', 1, 1],
      ['anycast', 'Cloudflare', 2, 2],
    ]);
  });

  test('are dimmed when no filter leaves one of theirs', () => {
    const some = placesOf(all, new Set([all[0]]), name);
    expect(some.map(({ label, count, dim }) => [label, count, dim])).toEqual([
      ['Frankfurt', 1, false],
      ['Norway', 1, true],
      ['Cloudflare', 2, true],
    ]);
  });

  test('leave out what has none, and keep it in a list', () => {
    expect(flowsOfList(all, 'lan').map((flow) => flow.id)).toEqual(['6']);
    expect(flowsOfList(all, 'nowhere').map((flow) => flow.id)).toEqual(['7']);
  });

  test('tint their countries, anycast none', () => {
    expect([...countryCounts(all)]).toEqual([
      ['DE', 2],
      ['NO', 1],
    ]);
  });
});

test('groups come largest first, then by name', () => {
  const all = flows({ app: 'b' }, { app: 'a' }, { app: 'c' }, { app: 'c' });
  expect(groupBy(all, (flow) => flow.keys.app).map((group) => group.key)).toEqual(['c', 'a', 'b']);
});
