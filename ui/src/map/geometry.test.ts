// The outlines as made by tools/build-geo.mjs: decoding, cutting, triangles, and which country is where.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { bridgeHoles, clipRing, signedArea, countryAt, decodeWorld, type World } from './geometry';
import { RADIANS } from './projection';
import { tessellate, VERTEX_FLOATS, type Mesh } from './tessellate';

function load(name: string): World {
  const bytes = readFileSync(new URL(`../../generated/${name}.bin`, import.meta.url));
  return decodeWorld(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
}

/** Signed area of the mesh's triangles in square radians of longitude and latitude, per country. */
function meshAreas(mesh: Mesh): Map<number, number> {
  const areas = new Map<number, number>();
  const { triangles, vertices, owner } = mesh;
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = [triangles[i]!, triangles[i + 1]!, triangles[i + 2]!];
    const x = (k: number) => vertices[k * VERTEX_FLOATS]!;
    const y = (k: number) => Math.asin(Math.max(-1, Math.min(1, vertices[k * VERTEX_FLOATS + 5]!)));
    const area = Math.abs((x(b) - x(a)) * (y(c) - y(a)) - (x(c) - x(a)) * (y(b) - y(a))) / 2;
    areas.set(owner[a]!, (areas.get(owner[a]!) ?? 0) + area);
  }
  return areas;
}

describe.each(['lo', 'hi'])('outlines %s', (name) => {
  let world: World;
  beforeAll(() => {
    world = load(name);
  });

  it('holds every outline with a code or a name of its own', () => {
    expect(world.countries).toHaveLength(241);
    for (const country of world.countries) {
      expect(country.code ?? country.name).toBeTruthy();
      expect(country.polygons.length).toBeGreaterThan(0);
    }
    const codes = world.countries.flatMap((c) => c.code ?? []);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each([
    ['FR', 2.35, 48.6],
    ['US', -100, 40],
    ['US', -150, 65],
    ['RU', 100, 60],
    ['RU', -175, 66.5],
    ['AQ', 0, -85],
    ['AQ', 178, -85],
    ['LS', 28.2, -29.6],
    ['ZA', 25, -30],
    ['NZ', 170, -44.5],
    ['BR', -50, -10],
  ])('finds %s at %f, %f', (code, longitude, latitude) => {
    expect(countryAt(world, longitude, latitude)?.code).toBe(code);
    expect(countryAt(world, longitude + 360, latitude)?.code).toBe(code);
  });

  it.each([
    [-30, 0],
    [-150, 20],
    [179.5, 0],
    [0, 89],
  ])('finds water at %f, %f', (longitude, latitude) => {
    expect(countryAt(world, longitude, latitude)).toBeNull();
  });

  it('writes each name inside its country, or next to it for specks', () => {
    const off = world.countries.filter((c) => c.areaKm2 > 3000 && countryAt(world, c.longitude, c.latitude) !== c);
    expect(off.map((c) => c.code)).toEqual([]);
  });

  it('triangulates every country to its own area', () => {
    const areas = meshAreas(tessellate(world));
    world.countries.forEach((country, i) => {
      let area = 0;
      for (const { rings } of country.polygons) area += Math.abs(signedArea(bridgeHoles(rings)));
      // Monaco is a mere line in the coarse outlines, hence the absolute allowance of about 40 km².
      const difference = Math.abs((areas.get(i) ?? 0) - area);
      expect(difference, country.code ?? country.name!).toBeLessThan(area * 0.02 + 1e-6);
    });
  });

  it('keeps the triangles inside a grid square', () => {
    const { triangles, vertices } = tessellate(world);
    let widest = 0;
    for (let i = 0; i < triangles.length; i += 3) {
      const xs = [0, 1, 2].map((k) => vertices[triangles[i + k]! * VERTEX_FLOATS]!);
      widest = Math.max(widest, Math.max(...xs) - Math.min(...xs));
    }
    expect(widest).toBeLessThanOrEqual(5 * RADIANS + 1e-5);
  });
});

describe('clipRing', () => {
  const square = Float64Array.from([0, 0, 2, 0, 2, 2, 0, 2]);

  it('cuts a square in halves of the same area', () => {
    for (const axis of [0, 1] as const) {
      const low = clipRing(square, axis, 0.5, false);
      const high = clipRing(square, axis, 0.5, true);
      expect(signedArea(low)).toBeCloseTo(1);
      expect(signedArea(high)).toBeCloseTo(3);
    }
  });

  it('gives nothing on the far side', () => {
    expect(clipRing(square, 0, 5, true)).toHaveLength(0);
  });
});

it('refuses another file', () => {
  expect(() => decodeWorld(new ArrayBuffer(64))).toThrow(/unknown format/);
});
