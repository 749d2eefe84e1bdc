// The words and numbers that explain a flow.
import { describe, expect, test } from 'vitest';
import { contradiction, explain, explainAll, ruleInWords } from './explain';
import { flows, FRANKFURT, remote } from './fixtures';
import { distanceKm, formatAccuracy, formatBytes, formatDuration, formatEndpoint, formatLength } from './format';

describe('explanations', () => {
  test('say who, what and by which rule', () => {
    const [flow] = flows({ remote: FRANKFURT });
    expect(explain(flow)).toEqual({
      sentence: 'Hetzner rents out servers: what runs there belongs to one of its customers.',
      rule: 'Known from the network it belongs to, AS24940.',
    });
  });

  test('leave open what no rule tells', () => expect(explain(flows({})[0]).rule).toBeNull());

  test('come once each', () => {
    expect(explainAll(flows({ remote: FRANKFURT }, { remote: FRANKFURT }, {}))).toHaveLength(1);
  });

  test.each([
    ['cloud_region aws eu-west-1', 'Known from the provider’s published list of its regions (aws eu-west-1).'],
    ['port tcp/853', 'Told by the port alone (tcp/853), so less certain.'],
    ['something else', 'something else'],
    [null, null],
  ])('read the rule %s', (rule, expected) => expect(ruleInWords(rule)).toBe(expected));
});

describe('an answer that comes too soon', () => {
  const zurich = {
    latitude: 47.37,
    longitude: 8.54,
    accuracy_km: 50,
    label: 'Zürich',
    country: 'CH',
    source: 'time_zone',
  } as const;
  const [flow] = flows({ remote: { ...FRANKFURT, latitude: 35.7, longitude: 139.7, city: 'Tokyo' } });

  test('is told', () => {
    expect(contradiction([{ ...flow, rttMs: 12 }], zurich)?.sentence).toBe(
      'It answered within 12 ms, too soon for a place 9,578 km away: the true one must be nearer.',
    );
  });
  test('is none when light could make it', () => expect(contradiction([{ ...flow, rttMs: 100 }], zurich)).toBeNull());
  test('is not judged without a place of one’s own', () =>
    expect(contradiction([{ ...flow, rttMs: 1 }], null)).toBeNull());
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1234, '1.2 kB'],
  [999_600, '1 MB'],
  [45_600_000, '46 MB'],
])('%d bytes', (bytes, expected) => expect(formatBytes(bytes)).toBe(expected));

test.each([
  [4000, '4 s'],
  [200_000, '3 min'],
  [7_500_000, '2 h 5 min'],
  [200_000_000, '2 d'],
])('%d ms', (duration, expected) => expect(formatDuration(duration)).toBe(expected));

test('what lasted less than a second is told in milliseconds', () => {
  expect([0, 250, 999, 1500].map(formatLength)).toEqual(['0 ms', '250 ms', '999 ms', '2 s']);
});

test('an accuracy says how sure the place is', () => {
  expect(formatAccuracy(remote({ precision: 'country', accuracy_km: 600 }))).toBe('only the country is known');
  expect(formatAccuracy(remote({ precision: 'city', accuracy_km: 25 }))).toBe('within 25 km');
});

test('an IPv6 endpoint is bracketed', () => expect(formatEndpoint('2001:db8::1', 53)).toBe('[2001:db8::1]:53'));

test('the way from Zürich to Frankfurt', () => {
  const km = distanceKm({ latitude: 47.37, longitude: 8.54 }, { latitude: 50.11, longitude: 8.68 });
  expect(Math.round(km)).toBe(305);
});
