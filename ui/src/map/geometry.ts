// Reads the outlines made by tools/build-geo.mjs: shared arcs, the rings of every country, and the country table.
// Decoding, bounding, cutting and looking up; nothing here projects or draws. (Both renderers share all of it, which
// is why cutting is not a file of its own: it would become one more file to load.)
import { toVector, type Vector } from './greatcircle';
import { RADIANS } from './projection';

const MAGIC = 0x31474d54;

/** Radians per step of the file. */
const STEP = Math.PI / 32767;

/** Longer edges are split, so that parallels bend as they should on a globe; radians. */
const LONGEST_EDGE = 2 * RADIANS;

/** A closed line as longitude, latitude pairs in radians; longitude runs on across the antimeridian. */
export type Ring = Float64Array;

/** One part of a country. */
export interface Polygon {
  /** Outline first, then holes. */
  rings: Ring[];
  minimumLongitude: number;
  maximumLongitude: number;
  minimumLatitude: number;
  maximumLatitude: number;
  /** A cap that holds the polygon: its centre and the cosine and angle of its radius. */
  centre: Vector;
  radius: number;
}

/** One outline of the map; `code` is ISO 3166 alpha-2, null where there is none, then `name` says who it is. */
export interface Country {
  code: string | null;
  name: string | null;
  /** Where the name is written, degrees. */
  longitude: number;
  latitude: number;
  areaKm2: number;
  polygons: Polygon[];
}

/** A coastline or border between two junctions. */
export interface Arc {
  /** Longitude, latitude pairs in radians; longitude runs on. */
  points: Float64Array;
  border: boolean;
  centre: Vector;
  radius: number;
}

/** The decoded outlines. */
export interface World {
  arcs: Arc[];
  countries: Country[];
}

/** One row of the country table in the file. */
type TableRow = [code: string | null, name: string | null, longitude: number, latitude: number, areaKm2: number];

class VarintReader {
  private at: number;

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
  ) {
    this.at = start;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  signed(): number {
    const value = this.unsigned();
    return (value >>> 1) ^ -(value & 1);
  }
}

/** Decodes a geometry file; throws when it is of another format. */
export function decodeWorld(buffer: ArrayBuffer): World {
  const head = new DataView(buffer);
  if (buffer.byteLength < 12 || head.getUint32(0, true) !== MAGIC) {
    throw new Error('map geometry: unknown format');
  }
  const dataLength = head.getUint32(4, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, 12 + dataLength, head.getUint32(8, true)));
  const table = JSON.parse(text) as TableRow[];
  const reader = new VarintReader(new Uint8Array(buffer), 12);
  const arcs = readArcs(reader);
  const count = reader.unsigned();
  let last = 0;
  const readRing = (): Ring => {
    const pieces: { arc: Arc; backwards: boolean }[] = [];
    for (let left = reader.unsigned(); left > 0; left--) {
      last += reader.signed();
      pieces.push({ arc: arcs[last]!, backwards: reader.unsigned() === 1 });
    }
    return joinRing(pieces);
  };
  const countries: Country[] = [];
  for (let i = 0; i < count; i++) {
    const polygons: Polygon[] = [];
    for (let left = reader.unsigned(); left > 0; left--) {
      const rings: Ring[] = [];
      for (let ring = reader.unsigned(); ring > 0; ring--) rings.push(readRing());
      polygons.push(boundPolygon(rings));
    }
    const [code, name, longitude, latitude, areaKm2] = table[i]!;
    countries.push({ code, name, longitude, latitude, areaKm2, polygons });
  }
  return { arcs, countries };
}

function readArcs(reader: VarintReader): Arc[] {
  const lengths: number[] = [];
  for (let left = reader.unsigned(); left > 0; left--) lengths.push(reader.unsigned());
  let x = 0;
  let y = 0;
  return lengths.map((packed) => {
    const raw = new Float64Array((packed >> 1) * 2);
    for (let i = 0; i < raw.length; i += 2) {
      x += reader.signed();
      y += reader.signed();
      raw[i] = x * STEP;
      raw[i + 1] = y * STEP;
    }
    const points = splitLongEdges(unwrap(raw));
    return { points, border: (packed & 1) === 1, ...boundingCap(points) };
  });
}

/** Makes longitude run on where it jumps across the antimeridian; in place. */
function unwrap(points: Float64Array): Float64Array {
  for (let i = 2; i < points.length; i += 2) {
    points[i]! += 2 * Math.PI * Math.round((points[i - 2]! - points[i]!) / (2 * Math.PI));
  }
  return points;
}

function splitLongEdges(points: Float64Array): Float64Array {
  const out: number[] = [points[0]!, points[1]!];
  let split = false;
  for (let i = 2; i < points.length; i += 2) {
    const [x0, y0, x1, y1] = [points[i - 2]!, points[i - 1]!, points[i]!, points[i + 1]!];
    const parts = Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) / LONGEST_EDGE);
    for (let k = 1; k < parts; k++) out.push(x0 + ((x1 - x0) * k) / parts, y0 + ((y1 - y0) * k) / parts);
    split ||= parts > 1;
    out.push(x1, y1);
  }
  return split ? Float64Array.from(out) : points;
}

/** Joins arcs end to end into a ring without its repeated last point. A ring around a pole is closed over the pole. */
function joinRing(pieces: { arc: Arc; backwards: boolean }[]): Ring {
  const out: number[] = [];
  for (const { arc, backwards } of pieces) {
    const n = arc.points.length / 2;
    const skip = out.length > 0 ? 1 : 0;
    let turn = 0;
    for (let k = skip; k < n; k++) {
      const i = (backwards ? n - 1 - k : k) * 2;
      if (k === skip && out.length > 0) {
        turn = 2 * Math.PI * Math.round((out[out.length - 2]! - arc.points[i]!) / (2 * Math.PI));
      }
      out.push(arc.points[i]! + turn, arc.points[i + 1]!);
    }
  }
  const around = out[out.length - 2]! - out[0]!;
  if (Math.abs(around) < Math.PI) {
    out.length -= 2;
  } else {
    const pole = (Math.sign(out[1]!) * Math.PI) / 2;
    out.push(out[out.length - 2]!, pole, out[0]!, pole);
  }
  return Float64Array.from(out);
}

/** The bounding box and bounding cap of a polygon. */
function boundPolygon(rings: Ring[]): Polygon {
  const outline = rings[0]!;
  const box = { x0: Infinity, x1: -Infinity, y0: Infinity, y1: -Infinity };
  for (let i = 0; i < outline.length; i += 2) {
    box.x0 = Math.min(box.x0, outline[i]!);
    box.x1 = Math.max(box.x1, outline[i]!);
    box.y0 = Math.min(box.y0, outline[i + 1]!);
    box.y1 = Math.max(box.y1, outline[i + 1]!);
  }
  return {
    rings,
    minimumLongitude: box.x0,
    maximumLongitude: box.x1,
    minimumLatitude: box.y0,
    maximumLatitude: box.y1,
    ...boundingCap(outline),
  };
}

function boundingCap(points: Float64Array): { centre: Vector; radius: number } {
  let [x, y, z] = [0, 0, 0];
  const vectors: Vector[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const v = toVector(points[i]! / RADIANS, points[i + 1]! / RADIANS);
    vectors.push(v);
    [x, y, z] = [x + v[0], y + v[1], z + v[2]];
  }
  const length = Math.hypot(x, y, z) || 1;
  const centre: Vector = [x / length, y / length, z / length];
  let cosine = 1;
  for (const v of vectors) cosine = Math.min(cosine, v[0] * centre[0] + v[1] * centre[1] + v[2] * centre[2]);
  return { centre, radius: Math.acos(Math.max(-1, cosine)) + LONGEST_EDGE / 2 };
}

/** True where a line runs along the antimeridian or the pole only because the data were cut there; not drawn. */
export function isSeam(x0: number, y0: number, x1: number, y1: number): boolean {
  const edge = Math.PI - 2 * STEP;
  if (Math.abs(x0) >= edge && Math.abs(x1) >= edge && Math.abs(Math.abs(x0) - Math.abs(x1)) < STEP) return true;
  const pole = -89.9 * RADIANS;
  return y0 < pole && y1 < pole;
}

/** The country at a point in degrees, or null over water. */
export function countryAt(world: World, longitude: number, latitude: number): Country | null {
  for (const country of world.countries) {
    if (country.polygons.some((polygon) => polygonHolds(polygon, longitude, latitude))) return country;
  }
  return null;
}

function ringHolds(ring: Ring, x: number, y: number): boolean {
  let inside = false;
  const n = ring.length;
  for (let i = 0, j = n - 2; i < n; j = i, i += 2) {
    const [xi, yi, xj, yj] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Whether a point in degrees lies in a polygon (holes are outside). */
export function polygonHolds(polygon: Polygon, longitude: number, latitude: number): boolean {
  const y = latitude * RADIANS;
  if (y < polygon.minimumLatitude || y > polygon.maximumLatitude) return false;
  let x = longitude * RADIANS;
  x += 2 * Math.PI * Math.ceil((polygon.minimumLongitude - x) / (2 * Math.PI));
  if (x > polygon.maximumLongitude) return false;
  let inside = false;
  for (const ring of polygon.rings) if (ringHolds(ring, x, y)) inside = !inside;
  return inside;
}

/**
 * The part of `ring` on one side of a line: coordinate `axis` (0 longitude, 1 latitude) at least or at most `at`. Parts
 * that fall apart stay joined by edges along the cut, which do no harm when the result is filled.
 */
export function clipRing(ring: Ring, axis: 0 | 1, at: number, keepAbove: boolean): Ring {
  const out: number[] = [];
  const n = ring.length;
  const sign = keepAbove ? 1 : -1;
  let px = ring[n - 2]!;
  let py = ring[n - 1]!;
  let before = sign * ((axis === 0 ? px : py) - at);
  for (let i = 0; i < n; i += 2) {
    const x = ring[i]!;
    const y = ring[i + 1]!;
    const here = sign * ((axis === 0 ? x : y) - at);
    if ((here > 0 && before < 0) || (here < 0 && before > 0)) {
      // The same two ends give the same point from either side, so that neighbours meet exactly.
      const t = before / (before - here);
      if (axis === 0) out.push(at, py + (y - py) * t);
      else out.push(px + (x - px) * t, at);
    }
    if (here >= 0) out.push(x, y);
    px = x;
    py = y;
    before = here;
  }
  return Float64Array.from(out);
}

/** Joins the holes of a polygon to its outline by bridges, giving one closed line with the same inside. */
export function bridgeHoles(rings: readonly Ring[]): Ring {
  let outline = rings[0]!;
  for (const hole of rings.slice(1)) {
    let best = { square: Infinity, at: 0, from: 0 };
    for (let i = 0; i < outline.length; i += 2) {
      for (let j = 0; j < hole.length; j += 2) {
        const square = (outline[i]! - hole[j]!) ** 2 + (outline[i + 1]! - hole[j + 1]!) ** 2;
        if (square < best.square) best = { square, at: i, from: j };
      }
    }
    const turned = orientation(hole) === orientation(outline) ? reversed(hole) : hole;
    const from = turned === hole ? best.from : hole.length - 2 - best.from;
    const joined: number[] = [];
    joined.push(...outline.subarray(0, best.at + 2));
    joined.push(...turned.subarray(from), ...turned.subarray(0, from + 2));
    joined.push(...outline.subarray(best.at));
    outline = Float64Array.from(joined);
  }
  return outline;
}

/** 1 counter-clockwise, -1 clockwise. */
function orientation(ring: Ring): number {
  return Math.sign(signedArea(ring));
}

/** Signed area of a ring in the plane of longitude and latitude, square radians. */
export function signedArea(ring: Ring): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    sum += ring[j]! * ring[i + 1]! - ring[i]! * ring[j + 1]!;
  }
  return sum / 2;
}

function reversed(ring: Ring): Ring {
  const out = new Float64Array(ring.length);
  for (let i = 0; i < ring.length; i += 2) {
    out[i] = ring[ring.length - 2 - i]!;
    out[i + 1] = ring[ring.length - 1 - i]!;
  }
  return out;
}
