// Great circles against known distances and against their own definition.
import { describe, expect, it } from 'vitest';
import {
  angleBetween,
  distanceKm,
  greatCircle,
  pointOnCircle,
  shortestRoundTripMs,
  smallCircle,
  toVector,
} from './greatcircle';
import { RADIANS } from './projection';
import { randomFrom } from './testing';

describe('greatCircle', () => {
  it('starts and ends where it should and stays on the sphere', () => {
    const random = randomFrom(3);
    const out = new Float64Array(3);
    for (let i = 0; i < 300; i++) {
      const a = toVector(random() * 360 - 180, random() * 180 - 90);
      const b = toVector(random() * 360 - 180, random() * 180 - 90);
      const circle = greatCircle(a, b);
      for (const [t, end] of [
        [0, a],
        [1, b],
      ] as const) {
        pointOnCircle(circle, t, out);
        end.forEach((value, k) => expect(out[k]).toBeCloseTo(value, 9));
      }
      pointOnCircle(circle, 0.37, out);
      expect(Math.hypot(out[0]!, out[1]!, out[2]!)).toBeCloseTo(1, 12);
      const parts = [a, [out[0]!, out[1]!, out[2]!] as const, b] as const;
      expect(angleBetween(parts[0], parts[1]) + angleBetween(parts[1], parts[2])).toBeCloseTo(circle.angle, 7);
    }
  });

  it('copes with the same and with opposite points', () => {
    const a = toVector(8.5, 47.4);
    expect(greatCircle(a, a).angle).toBeCloseTo(0, 9);
    for (const from of [a, toVector(0, 90), toVector(0, -90)]) {
      const circle = greatCircle(from, [-from[0], -from[1], -from[2]]);
      expect(circle.angle).toBeCloseTo(Math.PI, 6);
      expect(Math.hypot(...circle.normal)).toBeCloseTo(1, 9);
      const along = circle.normal.reduce((sum, value, i) => sum + value * from[i]!, 0);
      expect(along).toBeCloseTo(0, 6);
    }
  });
});

it('knows distances', () => {
  const zurich = { longitude: 8.54, latitude: 47.37 };
  expect(distanceKm(zurich, { longitude: -77.49, latitude: 39.04 })).toBeCloseTo(6678, -2);
  expect(distanceKm({ longitude: 179.9, latitude: 0 }, { longitude: -179.9, latitude: 0 })).toBeCloseTo(22.24, 1);
  expect(distanceKm(zurich, zurich)).toBe(0);
});

it('needs about ten milliseconds per thousand kilometres and back', () => {
  expect(shortestRoundTripMs(1000)).toBeCloseTo(9.8, 1);
});

it('draws circles at the right distance, over poles and the antimeridian too', () => {
  for (const centre of [
    { longitude: 179, latitude: -17 },
    { longitude: 10, latitude: 89 },
    { longitude: 0, latitude: 0 },
  ]) {
    for (const [longitude, latitude] of smallCircle(centre, 700, 24)) {
      expect(distanceKm(centre, { longitude, latitude })).toBeCloseTo(700, 3);
      expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
      expect(Math.abs(latitude * RADIANS)).toBeLessThanOrEqual(Math.PI / 2);
    }
  }
});
