// The still picture holds all land within its frame, and every country at its place.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeWorld } from './geometry';
import { drawStill } from './still';

const bytes = readFileSync(new URL('../../generated/lo.bin', import.meta.url));
const still = drawStill(
  decodeWorld(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer),
);
const [left, top, width, height] = still.viewBox.split(' ').map(Number) as [number, number, number, number];

test('all land lies within the frame', () => {
  const points = still.land.match(/-?[\d.]+ -?[\d.]+/g)!.map((pair) => pair.split(' ').map(Number) as [number, number]);
  expect(points.length).toBeGreaterThan(3000);
  const outside = points.filter(([x, y]) => x < left || x > left + width || y < top || y > top + height);
  expect(outside).toEqual([]);
});

test('no line runs from one edge to the other', () => {
  const lengths = still.land.split('M').flatMap((ring) => {
    const points = (ring.match(/-?[\d.]+ -?[\d.]+/g) ?? []).map((pair) => pair.split(' ').map(Number));
    return points.slice(1).map(([x, y], i) => Math.hypot(x! - points[i]![0]!, y! - points[i]![1]!));
  });
  expect(Math.max(...lengths)).toBeLessThan(50);
});

test('countries lie where they are on the Earth', () => {
  const at = (code: string) => still.places.get(code)!;
  expect(at('US').x).toBeLessThan(at('FR').x);
  expect(at('FR').x).toBeLessThan(at('JP').x);
  expect(at('NO').y).toBeLessThan(at('KE').y);
  expect(at('KE').y).toBeLessThan(at('ZA').y);
  for (const code of ['SG', 'MT', 'LU', 'HK']) expect(still.places.has(code), code).toBe(true);
});
