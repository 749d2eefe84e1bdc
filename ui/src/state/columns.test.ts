// How columns sort, and what the export makes of them.
import { expect, test } from 'vitest';
import { sortFlows } from './columns';
import { toCsv } from './csv';
import { flows, FRANKFURT } from './fixtures';

test('numbers sort as numbers, unknown always last', () => {
  const all = flows({ sent: 9 }, { sent: null }, { sent: 100 });
  expect(sortFlows(all, 'sent', true).map((flow) => flow.bytesSent)).toEqual([100, 9, null]);
  expect(sortFlows(all, 'sent', false).map((flow) => flow.bytesSent)).toEqual([9, 100, null]);
});

test('names sort regardless of case, equal ones newest first', () => {
  const all = flows({ app: 'b' }, { app: 'A', firstSeen: 1 }, { app: 'a', firstSeen: 2 });
  expect(sortFlows(all, 'app', false).map((flow) => flow.id)).toEqual(['3', '2', '1']);
});

test('the export keeps commas, quotes and formulas harmless', () => {
  const csv = toCsv(flows({ app: '=cmd|"x",1', remote: FRANKFURT, firstSeen: 0 }));
  const [header, line] = csv.split('\r\n');
  expect(header.split(',').slice(0, 4)).toEqual(['app', 'name', 'ended', 'duration']);
  expect(line.startsWith(`"'=cmd|""x"",1",,,,203.0.113.7,443,https,established,`)).toBe(true);
  expect(line).toContain('1970-01-01T00:00:00.000Z');
});

test('what ended is exported with its end, and a guess apart from the owner', () => {
  const csv = toCsv(
    flows({ app: null, possibly: 'Firefox', end: [1000, 250], name: { candidates: ['www.example.org'] } }),
  );
  const [header, line] = csv.split('\r\n').map((text) => text.split(','));
  const cell = (name: string) => line[header.indexOf(name)];
  expect(['app', 'possibly', 'name', 'ended', 'duration', 'name_source'].map(cell)).toEqual([
    '',
    'Firefox',
    'www.example.org',
    '1970-01-01T00:00:01.000Z',
    '250',
    'dns',
  ]);
});

test('what is open comes after what ended last', () => {
  const all = flows({ firstSeen: 1 }, { end: [5000, 1] }, { end: [9000, null] });
  expect(sortFlows(all, 'ended', true).map((flow) => flow.id)).toEqual(['3', '2', '1']);
});
