// Cuts closed lines along meridians and parallels. Parts that fall apart stay joined by edges along the cut, which do
// no harm when the result is filled.
import type { Ring } from './geometry';

/** The part of `ring` on one side of a line: coordinate `axis` (0 longitude, 1 latitude) at least or at most `at`. */
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
