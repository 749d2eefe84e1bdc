// The camera's driver: what is under the pointer stays there, panning follows the pointer, fitting shows everything.
import { describe, expect, it } from 'vitest';
import { Navigator } from './navigator';
import { cameraOf, project, unproject, wrapDegrees } from './projection';
import { viewOf } from './testing';
import type { Projection } from './types';

function navigatorFor(projection: Projection, motion = false): Navigator {
  return new Navigator(viewOf(), projection, motion, () => undefined);
}

describe.each(['flat', 'globe', 'distance'] as const)('%s', (projection) => {
  it('keeps what is under the pointer while zooming', () => {
    const navigator = navigatorFor(projection);
    const [x, y] = [560, 300];
    const before = unproject(cameraOf(navigator.view), x, y)!;
    for (let i = 0; i < 12; i++) navigator.zoomAt(0.25, x, y);
    const after = unproject(cameraOf(navigator.view), x, y)!;
    expect(Math.abs(wrapDegrees(after.longitude - before.longitude))).toBeLessThan(0.5);
    expect(Math.abs(after.latitude - before.latitude)).toBeLessThan(0.5);
    expect(navigator.view.zoom).toBeGreaterThan(2.9);
  });

  it('never leaves the limits of the zoom', () => {
    const navigator = navigatorFor(projection);
    for (let i = 0; i < 40; i++) navigator.zoomAt(1, 400, 300);
    expect(navigator.view.zoom).toBe(6);
    for (let i = 0; i < 40; i++) navigator.zoomAt(-1, 400, 300);
    expect(navigator.view.zoom).toBe(-0.6);
  });
});

it('pans the flat map exactly with the pointer', () => {
  const navigator = navigatorFor('flat');
  const out = new Float64Array(3);
  project(cameraOf(navigator.view), 20, 30, out);
  const [x, y] = [out[0]!, out[1]!];
  navigator.panBy(37, -21);
  project(cameraOf(navigator.view), 20, 30, out);
  expect(out[0]! - x).toBeCloseTo(37, 3);
  expect(out[1]! - y).toBeCloseTo(-21, 3);
});

it('can be turned around the world without end', () => {
  const navigator = navigatorFor('flat');
  for (let i = 0; i < 200; i++) navigator.panBy(-40, 0);
  expect(Math.abs(navigator.view.longitude)).toBeLessThanOrEqual(180);
  expect(Math.abs(wrapDegrees(navigator.view.longitude - navigator.view.middle))).toBeLessThanOrEqual(45.001);
});

it('fits all points into the free area, across the antimeridian too', () => {
  const points = [
    { longitude: 175, latitude: -37 },
    { longitude: -158, latitude: 21 },
    { longitude: 140, latitude: 36 },
  ];
  const navigator = navigatorFor('flat');
  navigator.view.insets = { left: 250, right: 50, top: 40, bottom: 80 };
  navigator.fit(points, { longitude: 151, latitude: -34 }, 0);
  const camera = cameraOf(navigator.view);
  const out = new Float64Array(3);
  for (const point of points) {
    project(camera, point.longitude, point.latitude, out);
    expect(out[0]).toBeGreaterThan(250);
    expect(out[0]).toBeLessThan(950);
    expect(out[1]).toBeGreaterThan(40);
    expect(out[1]).toBeLessThan(620);
  }
  expect(navigator.view.zoom).toBeGreaterThan(0.5);
});

it('centres the distance view on the own place and flies by moving the paper', () => {
  const navigator = navigatorFor('distance');
  const own = { longitude: 8.5, latitude: 47.4 };
  navigator.fit([], own, 0);
  expect(navigator.view).toMatchObject({ ...own, zoom: 0, offsetX: 0, offsetY: 0, distance: 1 });
  navigator.flyTo({ longitude: 139.7, latitude: 35.7 }, 2);
  const out = new Float64Array(3);
  project(cameraOf(navigator.view), 139.7, 35.7, out);
  expect(out[0]).toBeCloseTo(500, 3);
  expect(out[1]).toBeCloseTo(350, 3);
  expect(navigator.view.longitude).toBe(own.longitude);
});

it('flies over time when motion is allowed, the short way round', () => {
  const navigator = navigatorFor('flat', true);
  Object.assign(navigator.view, { longitude: 170, middle: 170 });
  navigator.flyTo({ longitude: -170, latitude: 0 }, 3);
  expect(navigator.flying).toBe(true);
  navigator.advance(performance.now() + 350);
  expect(Math.abs(wrapDegrees(navigator.view.longitude - 180))).toBeLessThan(10);
  navigator.advance(performance.now() + 2000);
  expect(navigator.flying).toBe(false);
  expect(navigator.view.longitude).toBeCloseTo(-170);
});
