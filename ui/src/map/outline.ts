// Projects outlines into paths for the Canvas renderer, with what each projection needs: the flat map's cut, the
// globe's horizon, and the far side of the distance view. Paths are in units of the radius, y down.
import { clipRing, isSeam, polygonHolds, type Arc, type Polygon, type Ring } from './geometry';
import { flatWidth, flatY, RADIANS, wrapAngle, equidistantStretch, type Camera } from './projection';

/** Where paths go; a `Path2D` is one. */
export interface PathSink {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  closePath(): void;
  arc(x: number, y: number, radius: number, start: number, end: number): void;
}

/** Floats per point: longitude, Equal Earth width and y, unit vector. */
const FLOATS = 6;
const prepared = new WeakMap<Float64Array, Float64Array>();

/** The trigonometry of a line's points, done once. */
function prepare(points: Float64Array): Float64Array {
  const known = prepared.get(points);
  if (known) return known;
  const out = new Float64Array((points.length / 2) * FLOATS);
  for (let i = 0, k = 0; i < points.length; i += 2, k += FLOATS) {
    const longitude = points[i]!;
    const latitude = points[i + 1]!;
    const c = Math.cos(latitude);
    out[k] = longitude;
    out[k + 1] = flatWidth(latitude);
    out[k + 2] = flatY(latitude);
    out[k + 3] = c * Math.cos(longitude);
    out[k + 4] = c * Math.sin(longitude);
    out[k + 5] = Math.sin(latitude);
  }
  prepared.set(points, out);
  return out;
}

/** A camera with what the loops need. */
export interface Projector {
  camera: Camera;
  cosLongitude: number;
  sinLongitude: number;
  /** The view's centre as a unit vector. */
  eye: readonly [number, number, number];
}

/** Prepares a camera for {@link addPolygon} and {@link addArc}. */
export function projectorOf(camera: Camera): Projector {
  const cosLongitude = Math.cos(camera.longitude);
  const sinLongitude = Math.sin(camera.longitude);
  const c = camera.cosLatitude;
  return { camera, cosLongitude, sinLongitude, eye: [c * cosLongitude, c * sinLongitude, camera.sinLatitude] };
}

/** True when a cap on the sphere is wholly behind the horizon, or outside the window of a zoomed view. */
export function isOutOfSight(projector: Projector, centre: readonly number[], radius: number): boolean {
  const { camera, eye } = projector;
  if (camera.morph <= 0 || camera.distance > 0) return false;
  const cosine = centre[0]! * eye[0] + centre[1]! * eye[1] + centre[2]! * eye[2];
  const away = Math.acos(Math.max(-1, Math.min(1, cosine))) - radius;
  const horizon = Math.acos(Math.max(-1, camera.cosClip));
  const corner = Math.hypot(
    Math.max(camera.centreX, camera.width - camera.centreX),
    Math.max(camera.centreY, camera.height - camera.centreY),
  );
  const window = corner / camera.scale < 0.9 ? Math.asin(corner / camera.scale) * 1.1 : Math.PI;
  return away > Math.min(horizon, window);
}

const point = new Float64Array(3);

/** Projects point `k` of prepared data; `longitude` may have been shifted by whole turns. */
function place(projector: Projector, data: Float64Array, k: number, delta: number): void {
  const { camera, cosLongitude, sinLongitude } = projector;
  const { morph } = camera;
  const along = data[k + 3]! * cosLongitude + data[k + 4]! * sinLongitude;
  let x = data[k + 4]! * cosLongitude - data[k + 3]! * sinLongitude;
  let y = camera.cosLatitude * data[k + 5]! - camera.sinLatitude * along;
  const z = camera.sinLatitude * data[k + 5]! + camera.cosLatitude * along;
  if (camera.distance > 0) {
    const stretch = equidistantStretch(z, camera.distance);
    x *= stretch;
    y *= stretch;
  } else if (z < 0) {
    // Behind the horizon: slide along it, so that the visible part is closed by the limb.
    const length = Math.hypot(x, y) || 1;
    x /= length;
    y /= length;
  }
  if (morph < 1) {
    const fx = delta * data[k + 1]! - camera.flatX;
    const fy = data[k + 2]! - camera.flatY;
    x = fx + (x - fx) * morph;
    y = fy + (y - fy) * morph;
  }
  point[0] = x;
  point[1] = y;
  point[2] = z;
}

/** Adds a country's part to a path that is to be filled by the even-odd rule. */
export function addPolygon(path: PathSink, projector: Projector, polygon: Polygon): void {
  const { camera } = projector;
  if (camera.morph <= 0) {
    for (const ring of polygon.rings) addFlatRing(path, camera, polygon, ring);
    return;
  }
  if (isOutOfSight(projector, polygon.centre, polygon.radius)) return;
  for (const ring of polygon.rings) addRoundRing(path, projector, polygon, ring);
}

/** A ring on the flat map, at every turn where it shows, cut at the map's edge. */
function addFlatRing(path: PathSink, camera: Camera, polygon: Polygon, ring: Ring): void {
  const west = camera.middle - Math.PI;
  const first = Math.floor((west - polygon.maximumLongitude) / (2 * Math.PI)) + 1;
  for (let turn = first; polygon.minimumLongitude + turn * 2 * Math.PI < west + 2 * Math.PI; turn++) {
    const shift = turn * 2 * Math.PI;
    const inside = polygon.minimumLongitude + shift >= west && polygon.maximumLongitude + shift <= west + 2 * Math.PI;
    if (inside) {
      const data = prepare(ring);
      for (let k = 0; k < data.length; k += FLOATS) {
        const x = (data[k]! + shift - camera.middle) * data[k + 1]!;
        if (k === 0) path.moveTo(x, -data[k + 2]!);
        else path.lineTo(x, -data[k + 2]!);
      }
      if (data.length > 0) path.closePath();
    } else {
      const west2 = clipRing(ring, 0, west - shift, true);
      addCutRing(path, clipRing(west2, 0, west - shift + 2 * Math.PI, false), shift - camera.middle);
    }
  }
}

/** A ring that was cut at the map's edge; the edge is a curve and gets points of its own. */
function addCutRing(path: PathSink, ring: Ring, shift: number): void {
  const n = ring.length;
  if (n < 6) return;
  for (let i = 0; i < n; i += 2) {
    const x = ring[i]!;
    const y = ring[i + 1]!;
    if (i === 0) {
      path.moveTo((x + shift) * flatWidth(y), -flatY(y));
    }
    const nextX = ring[(i + 2) % n]!;
    const nextY = ring[(i + 3) % n]!;
    const parts = Math.max(1, Math.ceil(Math.abs(nextY - y) / (2 * RADIANS)));
    for (let part = 1; part <= parts; part++) {
      const latitude = y + ((nextY - y) * part) / parts;
      const longitude = x + ((nextX - x) * part) / parts;
      path.lineTo((longitude + shift) * flatWidth(latitude), -flatY(latitude));
    }
  }
  path.closePath();
}

/** A ring on the globe, in the distance view, or on the way between projections. */
function addRoundRing(path: PathSink, projector: Projector, polygon: Polygon, ring: Ring): void {
  const { camera } = projector;
  const data = prepare(ring);
  const middle = (polygon.minimumLongitude + polygon.maximumLongitude) / 2;
  const shift = wrapAngle(middle - camera.middle) - middle;
  const far = camera.distance > 0;
  let turned = 0;
  let [fromX, fromY, fromZ] = [0, 0, 1];
  const n = data.length / FLOATS;
  for (let i = 0; i <= n; i++) {
    const k = (i % n) * FLOATS;
    place(projector, data, k, data[k]! + shift);
    const [x, y, z] = [point[0]!, point[1]!, point[2]!];
    if (i === 0) {
      path.moveTo(x, -y);
    } else {
      const bend = Math.atan2(fromX * y - fromY * x, fromX * x + fromY * y);
      turned += bend;
      const curved = far ? Math.min(z, fromZ) < -0.5 : Math.max(z, fromZ) < 0.02;
      if (curved && Math.abs(bend) > 0.06) addCurve(path, fromX, fromY, bend, Math.hypot(x, y));
      path.lineTo(x, -y);
    }
    [fromX, fromY, fromZ] = [x, y, z];
  }
  path.closePath();
  if (!far || Math.abs(turned) < 3) return;
  const holdsCentre = polygonHolds(polygon, camera.longitude / RADIANS, camera.latitude / RADIANS);
  if (holdsCentre) return;
  // The point opposite to the centre lies inside: the land is everything outside of the line.
  path.moveTo(Math.PI, 0);
  path.arc(0, 0, Math.PI, 0, 2 * Math.PI);
}

/** Goes around the centre from one point towards another instead of straight across. */
function addCurve(path: PathSink, x: number, y: number, bend: number, radiusTo: number): void {
  const radius = Math.hypot(x, y);
  const bearing = Math.atan2(y, x);
  const parts = Math.ceil(Math.abs(bend) / 0.05);
  for (let i = 1; i < parts; i++) {
    const r = radius + ((radiusTo - radius) * i) / parts;
    const b = bearing + (bend * i) / parts;
    path.lineTo(r * Math.cos(b), -r * Math.sin(b));
  }
}

/** Adds a coastline or border to a path that is to be stroked. */
export function addArc(path: PathSink, projector: Projector, arc: Arc): void {
  const { camera } = projector;
  if (isOutOfSight(projector, arc.centre, arc.radius)) return;
  const data = prepare(arc.points);
  let down = false;
  let before = 0;
  for (let k = 0; k < data.length; k += FLOATS) {
    const delta = wrapAngle(data[k]! - camera.middle);
    const i = (k / FLOATS) * 2;
    const seam = k > 0 && isSeam(arc.points[i - 2]!, arc.points[i - 1]!, arc.points[i]!, arc.points[i + 1]!);
    if (camera.morph <= 0) {
      point[0] = delta * data[k + 1]!;
      point[1] = data[k + 2]!;
    } else {
      place(projector, data, k, delta);
      if (point[2]! < camera.cosClip) {
        down = false;
        continue;
      }
    }
    const jumped = camera.morph < 1 && Math.abs(delta - before) > Math.PI;
    if (down && !seam && !jumped) path.lineTo(point[0]!, -point[1]!);
    else path.moveTo(point[0]!, -point[1]!);
    down = true;
    before = delta;
  }
}
