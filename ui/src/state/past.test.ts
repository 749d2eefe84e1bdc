// Recorded connections in the shape of live ones.
import { expect, test } from 'vitest';
import type { RecordedFlow } from '../api/days';
import { fromRecord } from './past';

const row = (over: Partial<RecordedFlow>) =>
  ({
    id: '7',
    protocol: 'tcp',
    direction: 'outbound',
    state: 'closed',
    local_address: '192.168.1.20',
    local_port: 50_000,
    remote_address: '203.0.113.7',
    remote_port: 443,
    service: 'https',
    first_seen: '2026-11-25T12:00:00Z',
    last_seen: '2026-11-25T12:00:05Z',
    duration_ms: 5000,
    ending: 'seen',
    app: 'firefox',
    scope: 'public',
    country: 'NO',
    city: 'Oslo',
    latitude: 59.9,
    longitude: 10.7,
    precision: 'city',
    anycast: false,
    operator: 'Telenor',
    names: ['example.org'],
    name_source: 'dns',
    ...over,
  }) as RecordedFlow;

test('a recorded connection has the keys of a live one', () => {
  const flow = fromRecord(row({}));
  expect(flow.keys).toMatchObject({ app: 'firefox', operator: 'Telenor', country: 'NO', port: '443/tcp' });
  expect(flow.service.name).toBe('https');
  expect(flow.keys.place).toBe('NO/Oslo/60,11');
  expect(flow.keys.text).toContain('example.org');
  expect([flow.id, flow.endedAt! - flow.firstSeen]).toEqual(['past-7', 5000]);
});

test('of one that came in the own port names the service, and one that is open has no end', () => {
  const flow = fromRecord(row({ direction: 'inbound', local_port: 22, ending: 'open', names: [] }));
  expect([flow.keys.port, flow.endedAt, flow.name]).toEqual(['22/tcp', null, null]);
});
