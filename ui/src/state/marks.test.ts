// What can be marked of what is shown.
import { expect, test } from 'vitest';
import type { Event } from '../api/days';
import { subjectOfValue, subjectsOfEvent } from './marks';

const reason = (facet: string, value: string, kind = 'used', protocol: string | null = null) =>
  ({ kind, protocol, facet, value }) as Event['reasons'][number];
const event = (app: string | null, ...reasons: Event['reasons']) => ({ app, reasons }) as Event;

test('providers and names are not marked by themselves', () => {
  expect(subjectOfValue('operator', 'Telenor')).toBeNull();
  expect(subjectOfValue('name', 'example.org')).toBeNull();
  expect(subjectOfValue('port', '443')).toEqual({ of: 'port', port: 443 });
});

test('of an event what fits it closest comes first and the app last, each once', () => {
  const reasons = [reason('app', 'zoom'), reason('operator', 'Telenor'), reason('country', 'NO')];
  expect(subjectsOfEvent(event('zoom', ...reasons))).toEqual([
    { of: 'provider', app: 'zoom', operator: 'Telenor' },
    { of: 'country', country: 'NO' },
    { of: 'app', app: 'zoom' },
  ]);
  const waiting = [reason('port', '22', 'listening', 'udp'), reason('port', '22', 'inbound')];
  expect(subjectsOfEvent(event('sshd', ...waiting))).toEqual([
    { of: 'listener', app: 'sshd', protocol: 'udp', port: 22 },
    { of: 'listener', app: 'sshd', protocol: 'tcp', port: 22 },
    { of: 'app', app: 'sshd' },
  ]);
});

test('of what nobody is known for, only what needs no app', () => {
  expect(subjectsOfEvent(event(null, reason('operator', 'Telenor'), reason('port', '8080')))).toEqual([
    { of: 'port', port: 8080 },
  ]);
});
