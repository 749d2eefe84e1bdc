// Snapshot and deltas: the model that the page keeps of what is open.
import { describe, expect, test } from 'vitest';
import type { Delta, EndRow, FlowRow } from '../api/types';
import { FRANKFURT, owner, remote, snapshot } from './fixtures';
import { applyDelta, COLUMNS, fromSnapshot, type Model } from './model';

const delta = (s: number, over: Partial<Delta> = {}): Delta => ({ s, at: 5000, ...over });

/** Takes a delta in whose stream stood where the model stands. */
const apply = (model: Model, change: Delta) => applyDelta(model, change, model.seq);

const row = (over: Partial<Record<(typeof COLUMNS)[number], FlowRow[number]>>): FlowRow => {
  const cells = {
    id: '7',
    owner: 0,
    peer: null,
    remote: 0,
    service: 0,
    protocol: 'tcp',
    direction: 'outbound',
    state: 'established',
    local_address: '192.168.1.5',
    local_port: 40_007,
    remote_port: 443,
    bytes_sent: null,
    bytes_received: null,
    rtt_ms: null,
    first_seen: 4000,
    own: false,
    ...over,
  } as Record<string, unknown>;
  return COLUMNS.filter((name) => name in cells).map((name) => cells[name]) as FlowRow;
};

describe('a snapshot', () => {
  test('joins the columns with their dictionaries', () => {
    const model = fromSnapshot(
      snapshot([{ app: 'Steam', remote: FRANKFURT, port: 27036, service: 'steam', sent: 12 }]),
    );
    const flow = model.flows.get('1')!;
    expect(flow.owner.app).toBe('Steam');
    expect(flow.remote.city).toBe('Frankfurt');
    expect(flow.bytesSent).toBe(12);
    expect(flow.keys).toMatchObject({ app: 'Steam', operator: 'Hetzner', country: 'DE', port: '27036/tcp' });
    expect(model.at).toBe(Date.parse('2026-11-25T12:00:00.000Z'));
  });
});

describe('what ended', () => {
  const MINUTE = 60_000;

  test('is told by a snapshot and by deltas, in the order of the ends', () => {
    const model = fromSnapshot(snapshot([{}, { end: [4000, 1500] }]));
    apply(model, delta(11, { del: ['1'], end: [[4900, null, row({ id: '1', state: 'closed' })]] }));
    expect([...model.flows.keys()]).toEqual([]);
    expect([...model.ended.values()].map(({ id, endedAt, durationMs }) => [id, endedAt, durationMs])).toEqual([
      ['2', 4000, 1500],
      ['1', 4900, null],
    ]);
  });

  test('is dropped after ten minutes', () => {
    const model = fromSnapshot(snapshot([{ end: [4000, 1] }, { end: [4000 + 5 * MINUTE, 1] }]));
    apply(model, delta(11, { at: 5000 + 10 * MINUTE }));
    expect([...model.ended.keys()]).toEqual(['2']);
  });

  test('is kept within a limit, the latest', () => {
    const model = fromSnapshot(snapshot([{}]));
    const end = (id: number): EndRow => [id, 1, row({ id: String(id) })];
    apply(model, delta(11, { end: Array.from({ length: 10_002 }, (_, index) => end(index)) }));
    expect([model.ended.size, [...model.ended.keys()][0]]).toEqual([10_000, '2']);
  });
});

describe('a delta', () => {
  test('names an end, and leaves out at its end what is not known', () => {
    const model = fromSnapshot(snapshot([{}]));
    const name = { candidates: ['www.example.org'], source: 'dns', aliases: [] } as const;
    apply(
      model,
      delta(11, {
        dict: { names: [[3, { ...name, candidates: [...name.candidates], aliases: [] }]] },
        add: [row({ name: 3, name_heard: 3500 }), row({ id: '8' })],
      }),
    );
    expect(model.flows.get('7')!.name).toEqual({ ...name, heardAt: 3500 });
    expect(model.flows.get('8')).toMatchObject({ name: null, possibly: null, network: null, sendRate: null });
  });

  test('adds flows with entries of the dictionaries that came along', () => {
    const model = fromSnapshot(snapshot([{}]));
    const outcome = apply(
      model,
      delta(11, {
        dict: { owners: [[1, owner('curl')]], remotes: [[1, remote({ address: '198.51.100.9' })]] },
        add: [row({ owner: 1, remote: 1 })],
      }),
    );
    expect(outcome).toBe('applied');
    expect(model.flows.get('7')).toMatchObject({ owner: { app: 'curl' }, remote: { address: '198.51.100.9' } });
    expect([model.seq, model.at]).toEqual([11, 5000]);
  });

  test('updates, counts and removes', () => {
    const model = fromSnapshot(snapshot([{}, {}]));
    apply(model, delta(11, { upd: [row({ id: '1', state: 'time_wait' })], cnt: [['2', 10, 20, 3.5, 100, 200]] }));
    expect(model.flows.get('1')!.state).toBe('time_wait');
    expect(model.flows.get('2')).toMatchObject({
      bytesSent: 10,
      bytesReceived: 20,
      rttMs: 3.5,
      sendRate: 100,
      receiveRate: 200,
    });
    apply(model, delta(12, { del: ['1'] }));
    expect([...model.flows.keys()]).toEqual(['2']);
  });

  test('replaces the objects it changes, so that views notice', () => {
    const model = fromSnapshot(snapshot([{}]));
    const before = model.flows.get('1');
    apply(model, delta(11, { cnt: [['1', 1, 1, null, null, null]] }));
    expect(model.flows.get('1')).not.toBe(before);
  });

  test('that is known already changes nothing', () => {
    const model = fromSnapshot(snapshot([{}]));
    expect(applyDelta(model, delta(10, { del: ['1'] }), 9)).toBe('stale');
    expect(model.flows.size).toBe(1);
  });

  test('may leave numbers out', () => {
    const model = fromSnapshot(snapshot([{}]));
    expect(apply(model, delta(14, { del: ['1'] }))).toBe('applied');
    expect([model.flows.size, model.seq]).toEqual([0, 14]);
  });

  test('of counters counts though its number is known', () => {
    const model = fromSnapshot(snapshot([{}]));
    expect(applyDelta(model, delta(10, { cnt: [['1', 5, 6, 7, null, null]] }), 10)).toBe('applied');
    expect(model.flows.get('1')!.bytesSent).toBe(5);
  });

  test('that comes after a missing one is refused', () => {
    const model = fromSnapshot(snapshot([{}]));
    expect(applyDelta(model, delta(12, { del: ['1'] }), 11)).toBe('gap');
    expect([model.flows.size, model.seq]).toEqual([1, 10]);
  });

  test('tells an unknown own place from one that did not change', () => {
    const place = {
      latitude: 47.4,
      longitude: 8.5,
      accuracy_km: 0,
      label: 'Zürich',
      country: 'CH',
      source: 'chosen',
    } as const;
    const model = fromSnapshot(snapshot([], { own_place: place }));
    apply(model, delta(11));
    expect(model.ownPlace).toEqual(place);
    apply(model, delta(12, { own_place: null }));
    expect(model.ownPlace).toBeNull();
  });
});
