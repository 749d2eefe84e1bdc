// When something went on, hour by hour.
import { expect, test } from 'vitest';
import type { Timeline } from '../api/days';
import { busiestHours, hourCells, levelOf } from './rhythm';

const slot = (from: string, flows: number) => ({ from, flows, bytes_sent: 0, bytes_received: 0 });

test('hours stand in the day and hour of the reader, and mostly unwatched ones are gaps', () => {
  const timeline = {
    items: [slot('2026-11-25T22:00:00Z', 1), slot('2026-11-25T23:00:00Z', 2), slot('2026-11-26T00:00:00Z', 0)],
    unobserved: [
      { from: '2026-11-25T22:50:00Z', until: '2026-11-25T23:31:00Z', why: 'asleep' },
      { from: '2026-11-26T00:10:00Z', until: '2026-11-26T01:00:00Z', why: 'asleep' },
    ],
  } as Timeline;
  const now = Date.parse('2026-11-26T00:20:00Z');
  expect(hourCells(timeline, now, () => 1)).toEqual([
    { day: 0, hour: 23, flows: 1, gap: false },
    { day: 1, hour: 0, flows: 2, gap: true },
    { day: 1, hour: 1, flows: 0, gap: false },
  ]);
  expect(hourCells(timeline, now, () => 0)[0]).toMatchObject({ day: 0, hour: 22 });
});

test('the busiest hours come first, and levels are none, once, some and most', () => {
  const cells = [
    { day: 0, hour: 3, flows: 4, gap: false },
    { day: 1, hour: 3, flows: 4, gap: false },
    { day: 1, hour: 9, flows: 9, gap: false },
    { day: 2, hour: 8, flows: 0, gap: false },
  ];
  expect(busiestHours(cells)).toEqual({ hours: [9, 3], days: 2 });
  expect([0, 1, 4, 9].map((flows) => levelOf(flows, 9))).toEqual([0, 1, 2, 3]);
});
