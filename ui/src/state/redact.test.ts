// What is given to others holds nothing private.
import { expect, test } from 'vitest';
import type { Event } from '../api/days';
import { eventsToCsv, toCsv } from './csv';
import { flows as made } from './fixtures';
import { Pseudonyms, redactEvent, redactFlow } from './redact';

const SECRET = 'secret';

test('of connections no host, user, address, path or near place survives, and the same stays the same', () => {
  const flows = made(
    {
      app: 'firefox',
      owner: { executable: `/home/${SECRET}/firefox`, user: SECRET },
      remote: { address: '203.0.113.7', scope: 'public', city: 'Oslo' },
      name: { candidates: [`${SECRET}.example`], aliases: [`cdn.${SECRET}.example`], source: 'dns' },
    },
    { app: 'cups', remote: { address: '192.168.7.9', scope: 'lan', city: SECRET, country: 'NO' } },
    { app: 'curl', remote: { address: '203.0.113.7', scope: 'public' } },
    { app: 'self', remote: { address: '127.0.0.1', scope: 'local' } },
  );
  const pseudonyms = new Pseudonyms();
  const csv = toCsv(flows.map((flow) => redactFlow(flow, pseudonyms)));
  expect(csv).not.toContain(SECRET);
  for (const { original } of pseudonyms.all) expect(csv).not.toContain(original);
  expect(csv).toContain('Oslo');
  expect(csv).toContain('127.0.0.1');
  expect(pseudonyms.all.filter(({ original }) => original === '203.0.113.7')).toHaveLength(1);
});

test('of events no site and no note survives', () => {
  const reason = { kind: 'site', facet: 'name', value: `${SECRET}.example` };
  const event = { day: '2026-11-25', app: 'firefox', reasons: [reason], mark: { note: SECRET } } as unknown as Event;
  const pseudonyms = new Pseudonyms();
  expect(eventsToCsv([redactEvent(event, pseudonyms)])).not.toContain(SECRET);
  expect(pseudonyms.all).toEqual([{ original: `${SECRET}.example`, by: 'site-1' }]);
});
