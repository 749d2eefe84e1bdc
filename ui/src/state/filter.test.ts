// Facets and search: what is shown, and what each facet still offers.
import { describe, expect, test } from 'vitest';
import type { Listener } from '../api/types';
import { applyFilters, filterListeners, isFiltered, NO_FILTERS, toggled, type Filters } from './filter';
import { flows, FRANKFURT } from './fixtures';

const PARIS = { ...FRANKFURT, country: 'FR', city: 'Paris', operator: 'OVH', asn: 16276, address: '203.0.113.9' };
const all = flows(
  { app: 'Firefox', remote: FRANKFURT },
  { app: 'Firefox', remote: PARIS },
  { app: 'Steam', remote: FRANKFURT, port: 27036, service: 'steam' },
  { app: null, remote: { address: '192.168.1.1', scope: 'lan' }, port: 53, service: 'domain', firstSeen: 9000 },
);
const ids = (filters: Partial<Filters>) =>
  applyFilters(all, { ...NO_FILTERS, ...filters }).shown.map((flow) => flow.id);

describe('facets', () => {
  test('show everything when nothing is chosen', () => expect(ids({})).toEqual(['1', '2', '3', '4']));
  test('OR within one', () => expect(ids({ country: ['DE', 'FR'] })).toEqual(['1', '2', '3']));
  test('AND between two', () => expect(ids({ country: ['DE'], app: ['Firefox'] })).toEqual(['1']));
  test('find what is not identified', () => expect(ids({ app: [''] })).toEqual(['4']));

  test('do not narrow their own numbers', () => {
    const { facets } = applyFilters(all, { ...NO_FILTERS, app: ['Steam'] });
    expect(facets.app.map(({ key, shown }) => [key, shown])).toEqual([
      ['Firefox', 2],
      ['', 1],
      ['Steam', 1],
    ]);
    expect(facets.country).toEqual([
      { key: 'DE', shown: 1, total: 2, on: false },
      { key: 'FR', shown: 0, total: 1, on: false },
    ]);
  });

  test('keep a chosen value that has no connection any more', () => {
    const { facets } = applyFilters(all, { ...NO_FILTERS, app: ['Gone'] });
    expect(facets.app.find((value) => value.key === 'Gone')).toEqual({ key: 'Gone', shown: 0, total: 0, on: true });
  });
});

describe('choosing a value', () => {
  const one = toggled(NO_FILTERS, 'app', 'Firefox', false);
  test('takes it', () => expect(one.app).toEqual(['Firefox']));
  test('again drops it', () => expect(toggled(one, 'app', 'Firefox', false).app).toEqual([]));
  test('another replaces it', () => expect(toggled(one, 'app', 'Steam', false).app).toEqual(['Steam']));
  test('another is added with Ctrl', () =>
    expect(toggled(one, 'app', 'Steam', true).app).toEqual(['Firefox', 'Steam']));
});

describe('search', () => {
  test.each([
    ['steam', ['3']],
    ['FRANKFURT', ['1', '3']],
    ['-firefox', ['3', '4']],
    ['app:firefox country:fr', ['2']],
    ['port:53', ['4']],
    ['port:steam', ['3']],
    ['asn:16276', ['2']],
    ['asn:AS24940 -steam', ['1']],
    ['operator:"ovh"', ['2']],
    ['192.168', ['1', '2', '3', '4']],
    ['role:hosting -app:steam', ['1', '2']],
    ['constructor:x', []],
    ['  ', ['1', '2', '3', '4']],
    ['-', []],
    ['nothing at all', []],
  ])('%s', (query, expected) => expect(ids({ query })).toEqual(expected));
});

test('watching from a moment leaves out what is older', () => {
  expect(ids({ since: 5000 })).toEqual(['4']);
  expect(isFiltered({ ...NO_FILTERS, since: 5000 })).toBe(true);
  expect(isFiltered(NO_FILTERS)).toBe(false);
});

describe('names and networks', () => {
  const named = flows(
    { app: 'curl', name: { candidates: ['www.example.org'], aliases: ['edge.example.net'] } },
    { app: null, possibly: 'curl' },
    { app: 'db', owner: { evidence: 'container' }, network: 7 },
    { app: 'nginx', network: 8, end: [9000, 10] },
  );
  const found = (filters: Partial<Filters>) =>
    applyFilters(named, { ...NO_FILTERS, ...filters }).shown.map((flow) => flow.id);

  test('a name is found by any part of its way', () => {
    expect(found({ query: 'example.org' })).toEqual(['1']);
    expect(found({ query: 'name:edge.example' })).toEqual(['1']);
    expect(found({ query: 'name:curl' })).toEqual([]);
  });
  test('a guess is found by words, but is no app', () => {
    expect(found({ query: 'curl' })).toEqual(['1', '2']);
    expect(found({ query: 'app:curl' })).toEqual(['1']);
    expect(found({ app: ['curl'] })).toEqual(['1']);
    expect(applyFilters(named, NO_FILTERS).facets.app.find(({ key }) => key === 'curl')?.total).toBe(1);
  });
  test('other networks are told apart, by their container where there is one', () => {
    const { facets } = applyFilters(named, NO_FILTERS);
    expect(facets.network.map(({ key, total }) => [key, total])).toEqual([
      ['', 2],
      ['8', 1],
      ['db', 1],
    ]);
    expect(found({ network: ['db'] })).toEqual(['3']);
    expect(found({ query: 'network:8' })).toEqual(['4']);
  });
});

describe('open ports', () => {
  const port = (id: string, over: Partial<Listener>): Listener => ({
    id,
    own: false,
    protocol: 'tcp',
    local_address: '0.0.0.0',
    local_port: 22,
    scope: 'unspecified',
    app: 'sshd',
    pid: 7,
    executable: '/usr/sbin/sshd',
    attribution: 'descriptor',
    service: 'ssh',
    first_seen: '1970-01-01T00:00:01.000Z',
    ...over,
  });
  const ports = [
    port('1', {}),
    port('2', { app: null, pid: null, executable: null, service: null, local_port: 5353, protocol: 'udp' }),
  ];
  const left = (filters: Partial<Filters>) => filterListeners(ports, { ...NO_FILTERS, ...filters }).map(({ id }) => id);

  test('follow the choice of apps and ports', () => {
    expect(left({})).toEqual(['1', '2']);
    expect(left({ app: ['sshd'] })).toEqual(['1']);
    expect(left({ app: [''] })).toEqual(['2']);
    expect(left({ port: ['5353/udp'] })).toEqual(['2']);
    expect(left({ port: ['5353/tcp'] })).toEqual([]);
  });
  test('have no other end', () => {
    expect(left({ country: ['DE'] })).toEqual([]);
    expect(left({ operator: [''] })).toEqual(['1', '2']);
    expect(left({ query: 'country:de' })).toEqual([]);
  });
  test('are found by words', () => {
    expect(left({ query: 'SSH' })).toEqual(['1']);
    expect(left({ query: 'port:5353' })).toEqual(['2']);
    expect(left({ query: '-app:sshd' })).toEqual(['2']);
    expect(left({ query: 'state:listen pid:7' })).toEqual(['1']);
  });
  test('that were there before are not new', () => {
    expect(left({ since: 2000 })).toEqual([]);
    expect(left({ since: 1000 })).toEqual(['1', '2']);
  });
});
