// Degrees to pixels and back in every projection, on the way between them, and around the antimeridian.
import { describe, expect, it } from 'vitest';
import {
  FLAT_HALF_HEIGHT,
  FLAT_HALF_WIDTH,
  flatLatitude,
  flatWidth,
  flatY,
  normaliseView,
  project,
  RADIANS,
  unproject,
  wrapAngle,
  wrapDegrees,
  type View,
} from './projection';
import { cameraFor, randomFrom, viewOf } from './testing';

const VIEWS: [string, Partial<View>][] = [
  ['flat', {}],
  ['flat, cut in the Atlantic', { longitude: 170, middle: 170, latitude: -10 }],
  ['flat, centre away from the middle', { longitude: 40, middle: 10, latitude: 40, zoom: 1.5 }],
  ['flat becoming local', { longitude: 24, middle: 10, latitude: 60, zoom: 2.9 }],
  ['local', { longitude: 179, middle: 160, latitude: -40, zoom: 4.5 }],
  ['globe', { globe: 1, latitude: 30 }],
  ['globe over a pole', { globe: 1, latitude: 85, longitude: -100 }],
  ['distance', { globe: 1, distance: 1, latitude: 47, longitude: 8 }],
  ['distance, moved', { globe: 1, distance: 1, latitude: -33, longitude: 151, offsetX: 80, offsetY: -40, zoom: 1 }],
];

describe('round trip', () => {
  it.each(VIEWS)('%s', (_, part) => {
    const camera = cameraFor(part);
    const random = randomFrom(1);
    const out = new Float64Array(3);
    let tried = 0;
    for (let i = 0; i < 3000; i++) {
      const longitude = random() * 360 - 180;
      const latitude = Math.asin(random() * 1.96 - 0.98) / RADIANS;
      const visible = project(camera, longitude, latitude, out);
      // Between two projections only what is in the window has to come back.
      const inside = out[0]! > 0 && out[1]! > 0 && out[0]! < 1000 && out[1]! < 700;
      if (!visible || (camera.morph > 0 && (!inside || (camera.distance === 0 && out[2]! < 0.05)))) continue;
      const back = unproject(camera, out[0]!, out[1]!);
      expect(back, `${longitude} ${latitude}`).not.toBeNull();
      expect(Math.abs(wrapDegrees(back!.longitude - longitude)) * Math.cos(latitude * RADIANS)).toBeLessThan(0.02);
      expect(Math.abs(back!.latitude - latitude)).toBeLessThan(0.02);
      tried += 1;
    }
    expect(tried).toBeGreaterThan(part.zoom && part.zoom > 3 ? 0 : 25);
  });
});

describe('Equal Earth', () => {
  it('has the published extent', () => {
    expect(Math.PI * flatWidth(0)).toBeCloseTo(FLAT_HALF_WIDTH, 4);
    expect(flatY(Math.PI / 2)).toBeCloseTo(FLAT_HALF_HEIGHT, 4);
  });

  it('keeps areas: width times the slope of y is the cosine of the latitude', () => {
    for (let degrees = -88; degrees <= 88; degrees += 2) {
      const latitude = degrees * RADIANS;
      const slope = (flatY(latitude + 1e-5) - flatY(latitude - 1e-5)) / 2e-5;
      expect(flatWidth(latitude) * slope).toBeCloseTo(Math.cos(latitude), 5);
    }
  });

  it('inverts y up to the poles', () => {
    for (let degrees = -89; degrees <= 89; degrees++) {
      expect(flatLatitude(flatY(degrees * RADIANS)) / RADIANS).toBeCloseTo(degrees, 6);
    }
    expect(flatLatitude(9)).toBe(Math.PI / 2);
  });
});

describe('the antimeridian', () => {
  it('puts 180 and -180 at the same pixel on a map cut elsewhere', () => {
    const camera = cameraFor({ longitude: 170, middle: 170 });
    const [a, b] = [new Float64Array(3), new Float64Array(3)];
    for (let latitude = -80; latitude <= 80; latitude += 10) {
      project(camera, 180, latitude, a);
      project(camera, -180, latitude, b);
      expect(a[0]).toBeCloseTo(b[0]!, 6);
      expect(a[1]).toBeCloseTo(b[1]!, 6);
    }
  });

  it('has nothing outside of the flat map', () => {
    const camera = cameraFor({ zoom: -0.5 });
    expect(unproject(camera, 2, 350)).toBeNull();
    expect(unproject(camera, 500, 2)).toBeNull();
  });

  it('wraps angles', () => {
    expect(wrapDegrees(190)).toBe(-170);
    expect(wrapDegrees(-180)).toBe(-180);
    expect(wrapDegrees(540)).toBe(-180);
    expect(wrapAngle(3 * Math.PI + 0.5)).toBeCloseTo(-Math.PI + 0.5);
  });
});

describe('hidden sides', () => {
  it('hides the far side of the globe', () => {
    const camera = cameraFor({ globe: 1, longitude: 0, latitude: 0 });
    const out = new Float64Array(3);
    expect(project(camera, 80, 0, out)).toBe(true);
    expect(project(camera, 100, 0, out)).toBe(false);
    expect(unproject(camera, 5, 5)).toBeNull();
  });

  it('shows true distance and direction in the distance view', () => {
    const camera = cameraFor({ globe: 1, distance: 1, longitude: 0, latitude: 0 });
    const out = new Float64Array(3);
    project(camera, 90, 0, out);
    expect(out[0]! - 500).toBeCloseTo((camera.scale * Math.PI) / 2, 3);
    project(camera, 0, -60, out);
    expect(out[1]! - 350).toBeCloseTo((camera.scale * Math.PI) / 3, 3);
  });
});

it('lets the middle meridian follow only when the view goes far', () => {
  const view = viewOf({ longitude: 50, middle: 10 });
  normaliseView(view);
  expect(view.middle).toBe(10);
  view.longitude = 350;
  normaliseView(view);
  expect(view.longitude).toBe(-10);
  expect(view.middle).toBe(10);
  view.longitude = 120;
  normaliseView(view);
  expect(view.middle).toBe(75);
});
