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
  expect(header.split(',').slice(0, 4)).toEqual(['app', 'pid', 'direction', 'remote']);
  expect(line.startsWith(`"'=cmd|""x"",1",100,outbound,203.0.113.7,443,https`)).toBe(true);
  expect(line).toContain('1970-01-01T00:00:00.000Z');
});
