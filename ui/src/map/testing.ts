// Small helpers shared by the map's tests: repeatable random numbers, views and places.
import { cameraOf, type Camera, type View } from './projection';
import type { MapPlace } from './types';

/** Numbers below 1 that are the same on every run (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A view of 1000 by 700 pixels without panels. */
export function viewOf(part: Partial<View> = {}): View {
  return {
    longitude: 10,
    latitude: 20,
    middle: 10,
    zoom: 0,
    globe: 0,
    distance: 0,
    offsetX: 0,
    offsetY: 0,
    width: 1000,
    height: 700,
    insets: { left: 0, right: 0, top: 0, bottom: 0 },
    ...part,
  };
}

/** The camera of such a view. */
export function cameraFor(part: Partial<View> = {}): Camera {
  return cameraOf(viewOf(part));
}

/** A city with one open connection. */
export function placeAt(key: string, longitude: number, latitude: number, part: Partial<MapPlace> = {}): MapPlace {
  const base = { key, kind: 'city' as const, label: key, count: 1, fresh: 0, open: 1, accuracyKm: 20, dim: false };
  return { ...base, longitude, latitude, ...part };
}
