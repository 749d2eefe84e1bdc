// When something went on: thirty days side by side, hour by hour. Plain functions.
import type { Timeline } from '../api/days';
import { missedOf } from './days';

const HOUR = 3_600_000;

/** One hour of one day. */
export interface HourCell {
  /** Counted from the first day, and the hour of the reader's clock, 0 to 23. */
  readonly day: number;
  readonly hour: number;
  readonly flows: number;
  /** Whether all or most of it went unwatched. */
  readonly gap: boolean;
}

/** Hours in the reader's zone; `zoneHours` says how far a moment's clock is from UTC, in hours. */
export function hourCells(timeline: Timeline, now: number, zoneHours: (moment: number) => number): HourCell[] {
  const missed = missedOf(timeline, HOUR, now);
  const local = (moment: number) => Math.floor(moment / HOUR + zoneHours(moment));
  const moments = timeline.items.map(({ from }) => Date.parse(from));
  const first = moments.length > 0 ? Math.floor(local(moments[0]) / 24) : 0;
  return timeline.items.map(({ flows }, index) => {
    const from = moments[index];
    const hour = local(from);
    return { day: Math.floor(hour / 24) - first, hour: hour % 24, flows, gap: missed(from) > HOUR / 2 };
  });
}

/** How strongly an hour is drawn, from 0 to 3: not at all, once, a few times, often. */
export function levelOf(flows: number, most: number): number {
  if (flows === 0) return 0;
  return flows <= 1 ? 1 : flows * 2 <= most ? 2 : 3;
}

/** The hours in which it went on most, busiest first, three at most; and on how many days it did at all. */
export function busiestHours(cells: readonly HourCell[]): { hours: number[]; days: number } {
  const byHour = new Array<number>(24).fill(0);
  for (const { hour, flows } of cells) byHour[hour] += flows;
  const hours = byHour.map((flows, hour) => ({ flows, hour })).filter(({ flows }) => flows > 0);
  hours.sort((a, b) => b.flows - a.flows || a.hour - b.hour);
  const days = new Set(cells.filter(({ flows }) => flows > 0).map(({ day }) => day)).size;
  return { hours: hours.slice(0, 3).map(({ hour }) => hour), days };
}
