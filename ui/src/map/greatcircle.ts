// Great circles and small circles on the unit sphere; pure functions without any notion of a screen.
import { RADIANS, wrapDegrees } from './projection';
import type { GeoPoint } from './types';

/** Mean radius of the Earth, kilometres (IUGG). */
export const EARTH_RADIUS_KM = 6371.0088;

/** Kilometres of light in glass fibre there and back in one millisecond: 2/3 of 299,792 km/s, halved. */
const FIBRE_KM_PER_ROUND_TRIP_MS = 299_792.458 / 1.468 / 1000 / 2;

/** x, y, z with x towards 0°/0°, y towards 90° east, z towards the north pole. */
export type Vector = readonly [number, number, number];

/** The unit vector of a point in degrees. */
export function toVector(longitude: number, latitude: number): Vector {
  const c = Math.cos(latitude * RADIANS);
  return [c * Math.cos(longitude * RADIANS), c * Math.sin(longitude * RADIANS), Math.sin(latitude * RADIANS)];
}

/** A great circle from `start`: the point at angle t is `start·cos t + normal·sin t`, up to `angle` radians. */
export interface GreatCircle {
  start: Vector;
  normal: Vector;
  angle: number;
}

/** The shorter great circle between two unit vectors; for opposite points one of the many, over a pole's side. */
export function greatCircle(from: Vector, to: Vector): GreatCircle {
  const cosine = from[0] * to[0] + from[1] * to[1] + from[2] * to[2];
  let x = to[0] - from[0] * cosine;
  let y = to[1] - from[1] * cosine;
  let z = to[2] - from[2] * cosine;
  let length = Math.hypot(x, y, z);
  const angle = Math.atan2(length, cosine);
  if (length < 1e-9) {
    // Same or opposite point: leave eastwards, or anywhere from a pole.
    [x, y, z] = Math.hypot(from[0], from[1]) > 1e-9 ? [-from[1], from[0], 0] : [1, 0, 0];
    length = Math.hypot(x, y, z);
  }
  return { start: from, normal: [x / length, y / length, z / length], angle };
}

/** The point of a great circle at the share `t` (0 start, 1 end); written into `out`. */
export function pointOnCircle(circle: GreatCircle, t: number, out: Float64Array): void {
  const c = Math.cos(t * circle.angle);
  const s = Math.sin(t * circle.angle);
  for (let i = 0; i < 3; i++) out[i] = circle.start[i]! * c + circle.normal[i]! * s;
}

/** Angle between two unit vectors, radians, exact for small ones. */
export function angleBetween(a: Vector, b: Vector): number {
  const half = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2;
  return 2 * Math.asin(Math.min(1, half));
}

/** Distance along the sphere, kilometres. */
export function distanceKm(a: GeoPoint, b: GeoPoint): number {
  return angleBetween(toVector(a.longitude, a.latitude), toVector(b.longitude, b.latitude)) * EARTH_RADIUS_KM;
}

/** The least time a signal in fibre needs there and back over a distance in kilometres, milliseconds. */
export function shortestRoundTripMs(km: number): number {
  return km / FIBRE_KM_PER_ROUND_TRIP_MS;
}

/** `count` points in degrees, `radiusKm` away from a centre along the sphere, clockwise from north. */
export function smallCircle(centre: GeoPoint, radiusKm: number, count: number): [number, number][] {
  const angle = Math.min(radiusKm / EARTH_RADIUS_KM, Math.PI - 1e-6);
  const latitude = centre.latitude * RADIANS;
  const points: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    const bearing = (i / count) * 2 * Math.PI;
    const sine = Math.sin(latitude) * Math.cos(angle) + Math.cos(latitude) * Math.sin(angle) * Math.cos(bearing);
    const east = Math.atan2(
      Math.sin(bearing) * Math.sin(angle) * Math.cos(latitude),
      Math.cos(angle) - Math.sin(latitude) * sine,
    );
    const north = Math.asin(Math.max(-1, Math.min(1, sine)));
    points.push([wrapDegrees(centre.longitude + east / RADIANS), north / RADIANS]);
  }
  return points;
}
