// Grouping: nothing is lost, leads keep their distance, members are near, and order of arrival does not matter.
import { describe, expect, it } from 'vitest';
import { groupLabel, groupPlaces } from './cluster';
import { angleBetween, toVector } from './greatcircle';
import { RADIANS } from './projection';
import { placeAt, randomFrom } from './testing';
import type { MapPlace } from './types';

function scatter(count: number): MapPlace[] {
  const random = randomFrom(11);
  return Array.from({ length: count }, (_, i) => {
    const latitude = Math.asin(random() * 2 - 1) / RADIANS;
    return placeAt(`p${i}`, random() * 360 - 180, latitude, { count: 1 + Math.floor(random() ** 4 * 50) });
  });
}

describe.each([1, 4, 15])('20,000 places at %d degrees', (degrees) => {
  const places = scatter(20_000);
  const limit = degrees * RADIANS;
  const groups = groupPlaces(places, limit);

  it('keeps every place and every connection once', () => {
    const keys = groups.flatMap((group) => group.members.map((member) => member.key));
    expect(new Set(keys).size).toBe(places.length);
    expect(keys).toHaveLength(places.length);
    const sum = (list: { count: number }[]) => list.reduce((total, { count }) => total + count, 0);
    expect(sum(groups)).toBe(sum(places));
  });

  it('gathers only what is near, around the largest', () => {
    let farthest = 0;
    for (const group of groups) {
      for (const { longitude, latitude } of group.members) {
        farthest = Math.max(farthest, angleBetween(group.vector, toVector(longitude, latitude)));
      }
      expect(Math.max(...group.members.map((member) => member.count))).toBe(group.lead.count);
    }
    expect(farthest).toBeLessThanOrEqual(limit);
  });

  it('leaves no two leads nearer than the limit', () => {
    const sample = groups.filter((_, i) => i % Math.ceil(groups.length / 150) === 0);
    let nearest = Infinity;
    for (const a of sample) {
      for (const b of groups) if (a !== b) nearest = Math.min(nearest, angleBetween(a.vector, b.vector));
    }
    expect(nearest).toBeGreaterThan(limit * 0.999999);
  });
});

it('does not depend on the order of arrival', () => {
  const places = scatter(500);
  const shape = (list: MapPlace[]) => groupPlaces(list, 0.1).map((g) => [g.key, g.count, g.members.length]);
  expect(shape([...places].reverse())).toEqual(shape(places));
});

it('groups across the antimeridian and at the poles', () => {
  const across = groupPlaces([placeAt('a', 179.9, 10), placeAt('b', -179.9, 10)], RADIANS);
  expect(across).toHaveLength(1);
  const poles = groupPlaces([placeAt('a', 0, 89.9), placeAt('b', 180, 89.9), placeAt('c', 0, -89.9)], RADIANS);
  expect(poles.map((g) => g.members.length)).toEqual([2, 1]);
});

it('keeps dimmed places apart and leaves anycast out', () => {
  const groups = groupPlaces(
    [placeAt('a', 0, 0), placeAt('b', 0.01, 0, { dim: true }), placeAt('c', 0, 0, { kind: 'anycast' })],
    0.1,
  );
  expect(groups.map((g) => g.key)).toEqual(['a', 'b']);
});

it('is vague only when every member is known by country alone', () => {
  const country = placeAt('NO', 10, 60, { kind: 'country' });
  expect(groupPlaces([country], 0.1)[0]!.vague).toBe(true);
  expect(groupPlaces([country, placeAt('Oslo', 10.7, 59.9)], 0.1)[0]!.vague).toBe(false);
});

it('names a group after its largest place', () => {
  const [group] = groupPlaces([placeAt('Mainz', 8.2, 50), placeAt('Frankfurt', 8.7, 50.1, { count: 9 })], 0.1);
  expect(groupLabel(group!)).toBe('Frankfurt +1');
});
