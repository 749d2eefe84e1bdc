// What is told of a connection: its name and how sure it is, its owner or a guess, what is not seen and why.
import { describe, expect, test } from 'vitest';
import type { CoverageLine } from '../api/types';
import { factsOf, stateInWords } from './facts';
import { flows, FRANKFURT, type Sketch } from './fixtures';

const NOW = 60_000;
const BLIND: CoverageLine[] = [
  { sight: 'udp_counters', seen: false, reason: 'The kernel keeps no count.', remedy: null },
  { sight: 'names', seen: false, reason: 'Packets may not be read.', remedy: 'Ask for it.' },
];
const fact = (sketch: Sketch, label: string, coverage: CoverageLine[] = []) =>
  factsOf(flows(sketch)[0], NOW, coverage)
    .flat()
    .find((candidate) => candidate.label === label);

describe('a name', () => {
  const name = { candidates: ['www.example.org'], heardAt: NOW - 12_000 };

  test('is told with its source, its age and how sure it is', () => {
    expect(fact({ name: { ...name, source: 'dns_of_app' } }, 'Name')).toEqual({
      label: 'Name',
      value: 'www.example.org',
      note: 'a DNS answer to this app, 12 s ago. Most likely: the app asked for it before it connected.',
    });
    expect(fact({ name: { ...name, source: 'tls_server_name' } }, 'Name')?.note).toContain('TLS handshake');
  });
  test('may be one of several', () => {
    expect(fact({ name: { ...name, candidates: ['a', 'b', 'c'] } }, 'Name')?.value).toBe('one of: a, b, c');
    const many = { ...name, candidates: [...'abcdefgh'] };
    expect(fact({ name: many }, 'Name')?.value).toBe('one of: a, b, c, d, e, 3 more');
  });
  test('leads over others', () => {
    expect(fact({ name: { ...name, aliases: ['edge.example.net'] } }, 'Leads over')?.value).toBe(
      'www.example.org → edge.example.net',
    );
    expect(fact({ name }, 'Leads over')).toBeUndefined();
  });
  test('that was not heard says why', () => {
    expect(fact({}, 'Name', BLIND)).toMatchObject({ note: 'Packets may not be read.', isUnseen: true });
  });
  test('is none within this computer', () => {
    expect(fact({ remote: { address: '127.0.0.1', scope: 'local' }, name }, 'Name')).toBeUndefined();
  });
});

describe('an owner', () => {
  test('says how it was found', () => {
    const found = (attribution: 'descriptor' | 'event' | 'remembered') =>
      fact({ owner: { attribution } }, 'Found')?.value;
    expect(found('descriptor')).toBe('it holds the socket now');
    expect(found('event')).toBe('named by the kernel as it happened');
    expect(found('remembered')).toMatch(/^remembered/);
  });
  test('that is guessed is told as a guess, beside "not identified"', () => {
    const sketch: Sketch = { app: null, possibly: 'Firefox' };
    expect(fact(sketch, 'App')?.value).toBe('Not identified');
    expect(fact(sketch, 'Possibly')).toMatchObject({ value: 'Firefox', isGuess: true });
    expect(fact({ app: 'curl', possibly: 'Firefox' }, 'Possibly')).toBeUndefined();
  });
  test('in a container or another network says so', () => {
    expect(fact({ app: 'db', owner: { evidence: 'container' }, network: 7 }, 'Part of')?.value).toBe('container db');
    expect(fact({ network: 7 }, 'Part of')?.value).toBe('another network on this computer (7)');
    expect(fact({}, 'Part of')).toBeUndefined();
  });
});

describe('bytes', () => {
  test('of UDP are not visible, and it is told why', () => {
    expect(fact({ protocol: 'udp' }, 'Bytes', BLIND)).toEqual({
      label: 'Bytes',
      value: 'not visible in this mode',
      note: 'The kernel keeps no count.',
      isUnseen: true,
    });
  });
  test('come with their rate', () => {
    expect(fact({ sent: 2000, rates: [1500, 0] }, 'Rate')?.value).toBe('1.5 kB/s sent, 0 B/s received');
    expect(fact({ sent: 2000 }, 'Rate')).toBeUndefined();
  });
});

describe('the state of what ended', () => {
  const words = (sketch: Sketch) => stateInWords(flows(sketch)[0]);
  test('is the last one known', () => {
    expect(words({ state: 'time_wait', end: [1, 5] })).toBe('closed, waiting for stray packets');
    expect(words({ state: 'established', end: [1, 5] })).toBe('last seen connected');
    expect(words({ state: 'closed', end: [1, null] })).toBe('opened and closed between two looks');
  });
  test('of what was seen only at its end leaves out when it began', () => {
    expect(fact({ end: [NOW, null] }, 'Since')).toBeUndefined();
    expect(fact({ end: [NOW, 3000] }, 'Ended')?.note).toBe('after 3 s');
    expect(fact({ state: 'syn_sent', remote: FRANKFURT }, 'State')).toMatchObject({ value: 'asking, no answer yet' });
  });
});
