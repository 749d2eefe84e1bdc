// The scene without any drawing: what is hit, arcs only from a known place, newcomers, fading, steps, diamonds.
import { beforeEach, describe, expect, it } from 'vitest';
import { FADE_MS, Scene } from './scene';
import { cameraFor, placeAt, randomFrom } from './testing';
import type { View } from './projection';
import type { MapPlace, OwnPlaceMark } from './types';

const OWN: OwnPlaceMark = { longitude: 8.5, latitude: 47.4, accuracyKm: 20, label: null };
const INSETS = { left: 0, right: 0, top: 0, bottom: 0 };
const PLACES = [
  placeAt('Tokyo', 139.7, 35.7, { count: 5 }),
  placeAt('Lagos', 3.4, 6.5),
  placeAt('Nairobi', 36.8, -1.3, { count: 2, fresh: 2, open: 2 }),
  placeAt('NO', 9.8, 60.5, { kind: 'country', count: 3 }),
  placeAt('Reykjavík', -21.9, 64.1, { open: 0 }),
  placeAt('Quad9', 0, 0, { kind: 'anycast', count: 4 }),
];

describe('scene', () => {
  let scene: Scene;
  const update = (part: Partial<View> = {}, now = 0): void => {
    const camera = cameraFor(part);
    scene.update(camera, part.zoom ?? 0, INSETS, now);
  };
  beforeEach(() => {
    scene = new Scene(true);
    scene.setOwnPlace(OWN);
    scene.setPlaces(PLACES, 0);
  });

  it('draws one arc per place, and none to an anycast operator', () => {
    update();
    expect(scene.marks).toHaveLength(6);
    expect(scene.arcs).toHaveLength(5);
  });

  it('draws no arc while the own place is unknown', () => {
    scene.setOwnPlace(null);
    update();
    expect(scene.arcs).toHaveLength(0);
    expect(scene.marks).toHaveLength(6);
    expect(scene.marks.find((mark) => mark.kind === 'anycast')!.y).toBeGreaterThan(600);
  });

  it('gives every mark its sign', () => {
    update();
    const sign = (key: string) => {
      const { kind, state } = scene.markOf(key)!;
      return `${kind} ${state}`;
    };
    expect(sign('Tokyo')).toBe('city known');
    expect(sign('Nairobi')).toBe('city fresh');
    expect(sign('NO')).toBe('country known');
    expect(sign('Reykjavík')).toBe('city closed');
    expect(sign('Quad9')).toBe('anycast known');
  });

  it('puts diamonds around the own place', () => {
    update();
    const own = scene.ownPixel(cameraFor())!;
    const diamond = scene.markOf('Quad9')!;
    expect(Math.hypot(diamond.x - own[0], diamond.y - own[1])).toBeCloseTo(30);
  });

  it('does not animate what was there at the start, but what comes later', () => {
    update();
    expect(scene.isMoving(1)).toBe(false);
    scene.setPlaces([...PLACES, placeAt('Lima', -77, -12)], 1000);
    update({}, 1000);
    expect(scene.markOf('Lima')!.firstBorn).toBe(1000);
    expect(scene.markOf('Tokyo')!.firstBorn).toBe(-Infinity);
    expect(scene.isMoving(1500)).toBe(true);
    expect(scene.isMoving(5000)).toBe(false);
  });

  it('lets the arc of a closed place fade and then drops it', () => {
    update();
    scene.setPlaces(PLACES.slice(1), 1000);
    update({}, 1000);
    expect(scene.arcs.filter((arc) => arc.died === 1000)).toHaveLength(1);
    expect(scene.isMoving(1000 + FADE_MS - 1)).toBe(true);
    update({}, 1000 + FADE_MS);
    expect(scene.arcs).toHaveLength(4);
  });

  it('moves nothing when motion is reduced', () => {
    scene.setMotion(false);
    update();
    scene.setPlaces([placeAt('Lima', -77, -12)], 1000);
    update({}, 1000);
    expect(scene.isMoving(1000)).toBe(false);
    expect(scene.arcs).toHaveLength(1);
    expect(scene.arcs[0]!.born).toBe(-Infinity);
  });

  it('steps through the marks by size and around', () => {
    update();
    const seen = Array.from({ length: 6 }, () => scene.step(1)!.keys[0]);
    expect(seen.slice(0, 3)).toEqual(['Tokyo', 'Quad9', 'NO']);
    expect(new Set(seen).size).toBe(6);
    expect(scene.step(1)!.keys[0]).toBe('Tokyo');
    expect(scene.step(-1)!.keys[0]).toBe(seen[5]);
  });

  it('marks a place that answers sooner than light could as contradicted', () => {
    scene.setPlaces(
      [
        placeAt('near', 139.7, 35.7, { minimumRttMs: 12 }),
        placeAt('honest', 139.7, -35.7, { minimumRttMs: 250 }),
        placeAt('unmeasured', 100, 0),
      ],
      0,
    );
    update();
    const contradicted = scene.marks.filter((mark) => mark.contradicted).map((mark) => mark.label);
    expect(contradicted).toEqual(['near']);
  });

  it('picks out what is hovered and weakens the rest', () => {
    update();
    scene.hovered = 'Lagos';
    scene.rebuildArcs(0);
    expect(scene.marks.filter((mark) => mark.strong).map((mark) => mark.label)).toEqual(['Lagos']);
    expect(scene.arcs.filter((arc) => arc.strong)).toHaveLength(1);
  });
});

describe.each([
  ['flat', {}],
  ['flat, zoomed', { zoom: 1.5 }],
  ['globe', { globe: 1 }],
  ['distance', { globe: 1, distance: 1, longitude: 8.5, latitude: 47.4 }],
] as [string, Partial<View>][])('hit: %s', (_, part) => {
  it('finds the mark whose edge is nearest at 50 points, as a plain search does', () => {
    const random = randomFrom(5);
    const places: MapPlace[] = Array.from({ length: 400 }, (__, i) =>
      placeAt(`p${i}`, random() * 360 - 180, random() * 150 - 70, { count: 1 + Math.floor(random() * 9) }),
    );
    const scene = new Scene(false);
    scene.setOwnPlace(OWN);
    scene.setPlaces(places, 0);
    const camera = cameraFor(part);
    scene.update(camera, part.zoom ?? 0, INSETS, 0);
    const shown = scene.marks.filter((mark) => mark.visible);
    expect(shown.length).toBeGreaterThan(20);
    let hits = 0;
    for (let i = 0; i < 50; i++) {
      const target = shown[Math.floor(random() * shown.length)]!;
      const [x, y] = [target.x + random() * 40 - 20, target.y + random() * 40 - 20];
      const distances = shown.map((mark) => Math.hypot(mark.x - x, mark.y - y) - mark.radius);
      const nearest = Math.min(...distances);
      const hit = scene.hit(camera, x, y);
      if (nearest < 7) {
        hits += 1;
        expect(hit).toMatchObject({ type: 'place', keys: shown[distances.indexOf(nearest)]!.keys });
      } else {
        expect(hit).toBeNull();
      }
    }
    expect(hits).toBeGreaterThan(10);
  });
});
