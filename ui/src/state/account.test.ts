// The account: which lines there are to tell, and what the sentences say of the kernel's count.
import { describe, expect, test } from 'vitest';
import type { Tally } from '../api/types';
import { accountInWords, accountOf, stretchesOf } from './account';

const tally = (over: Partial<Tally> = {}): Tally => ({
  from: '2026-11-25T12:00:00.000Z',
  until: '2026-11-25T12:30:00.000Z',
  tcp: { kernel_opened: 3000, kernel_closed: 2410, seen_opened: 3000, seen_closed: 2410 },
  udp: { kernel_opened: null, kernel_closed: null, seen_opened: 9, seen_closed: 4 },
  ended: 1204,
  with_owner: 1171,
  owners: { descriptor: 1000, event: 100, remembered: 71 },
  ambiguous: 3,
  without_owner: 30,
  named: 0,
  names: { tls_server_name: 0, quic_server_name: 0, dns_of_app: 0, dns: 0, hosts_file: 0, reverse_dns: 0 },
  seen_alone: { list: 0, end: 0, event: 0, files: 0 },
  overruns: 0,
  lost: 0,
  ...over,
});

describe('the sentences', () => {
  test('say whose the ends were', () =>
    expect(accountInWords(tally())[0]).toBe('1,204 connections ended: 1,171 with a known owner, 33 without.'));
  test('hold what was seen against the kernel’s count', () => {
    expect(accountInWords(tally())[1]).toContain('2,410 TCP sockets that closed, and each was seen');
    const some = tally({ tcp: { ...tally().tcp, seen_closed: 2400 } });
    expect(accountInWords(some)[1]).toContain('2,400 of them were seen, 10 were not');
    const none = tally({ tcp: { ...tally().tcp, kernel_closed: null } });
    expect(accountInWords(none)[1]).toContain('not known');
  });
});

describe('the table', () => {
  const labels = (...tallies: Tally[]) => accountOf(tallies).flatMap(({ lines }) => lines.map(({ label }) => label));

  test('leaves out what there is nothing of', () => {
    expect(labels(tally())).not.toContain('DNS answers to the app');
    const named = tally({ names: { ...tally().names, dns_of_app: 5 } });
    expect(labels(tally(), named)).toContain('DNS answers to the app');
    expect(labels(named)).not.toContain('TLS handshakes');
  });
  test('reads each number', () => {
    const values = accountOf([tally()]).flatMap(({ lines }) => lines.map(({ read }) => read(tally())));
    expect(values).toEqual([3000, 3000, 2410, 2410, 9, 4, 1204, 1000, 100, 71, 3, 30]);
  });
  test('has the running hour beside all when these are two', () => {
    const hour = tally({ from: '2026-11-25T13:00:00.000Z' });
    expect(stretchesOf({ hours: [], total: null })).toEqual([]);
    expect(stretchesOf({ hours: [tally()], total: tally() })).toHaveLength(1);
    expect(stretchesOf({ hours: [tally(), hour], total: tally() })[0].from).toBe(hour.from);
  });
});
