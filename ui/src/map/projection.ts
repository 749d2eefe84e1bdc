// The camera and its projections as pure functions: degrees to pixels and back. The shaders of the WebGL2 renderer
// (shaders.ts) repeat the forward formulas; everything else - picking, labels, the Canvas renderer - calls these.
import type { GeoPoint, Insets } from './types';

/** Radians per degree. */
export const RADIANS = Math.PI / 180;

// Equal Earth: Šavrič, Patterson, Jenny 2018, doi:10.1080/13658816.2018.1504949, equations 1 to 9.
const A1 = 1.340264;
const A2 = -0.081106;
const A3 = 0.000893;
const A4 = 0.003796;
const M = Math.sqrt(3) / 2;

/** Half width and half height of the Equal Earth map in units of the sphere's radius. */
export const FLAT_HALF_WIDTH = 2.70663;
export const FLAT_HALF_HEIGHT = 1.31736;

/** Zoom (power of two) where the flat map starts to become a local view, and where it has become one. */
const LOCAL_FROM = 2.2;
const LOCAL_TO = 3.6;

/** How far the view's centre may move away from the middle meridian before the flat map turns, degrees. */
const MIDDLE_SLACK = 45;

/** Where one looks and through which window; the only state of the camera. Angles in degrees, sizes in CSS pixels. */
export interface View {
  longitude: number;
  latitude: number;
  /** Meridian in the middle of the flat map; follows the view when it goes too far away. */
  middle: number;
  /** Power of two over the size that fits the window. */
  zoom: number;
  /** 0 flat, 1 globe or distance; between while changing. */
  globe: number;
  /** 1 for the distance view, then `globe` is 1 too. */
  distance: number;
  /** Shift of the distance view, whose centre is fixed on the Earth. */
  offsetX: number;
  offsetY: number;
  width: number;
  height: number;
  insets: Insets;
}

/** What a frame needs, derived from a view. Angles in radians. */
export interface Camera {
  /** Pixels per radius of the sphere. */
  scale: number;
  /** 0 flat, 1 orthographic. */
  morph: number;
  /** 0 none, 1 azimuthal equidistant. */
  distance: number;
  /** Pixel where the view's centre is drawn. */
  centreX: number;
  centreY: number;
  longitude: number;
  latitude: number;
  cosLatitude: number;
  sinLatitude: number;
  middle: number;
  /** The view's centre on the flat map. */
  flatX: number;
  flatY: number;
  /** Points with a smaller cosine of the distance from the centre are hidden. */
  cosClip: number;
  width: number;
  height: number;
}

/** Equal Earth's y for a latitude in radians. */
export function flatY(latitude: number): number {
  const t = Math.asin(M * Math.sin(latitude));
  const t2 = t * t;
  const t6 = t2 * t2 * t2;
  return t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2));
}

/** Equal Earth's x per radian of longitude at a latitude in radians. */
export function flatWidth(latitude: number): number {
  const t = Math.asin(M * Math.sin(latitude));
  const t2 = t * t;
  const t6 = t2 * t2 * t2;
  return Math.cos(t) / (M * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)));
}

/** The latitude in radians for an Equal Earth y (Newton); y beyond the map gives the pole. */
export function flatLatitude(y: number): number {
  if (Math.abs(y) >= FLAT_HALF_HEIGHT) return (Math.sign(y) * Math.PI) / 2;
  let t = y / A1;
  for (let i = 0; i < 12; i++) {
    const t2 = t * t;
    const t6 = t2 * t2 * t2;
    const step = (t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2)) - y) / (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2));
    t -= step;
    if (Math.abs(step) < 1e-12) break;
  }
  return Math.asin(Math.max(-1, Math.min(1, Math.sin(t) / M)));
}

/** The same angle within half a turn of zero, radians. */
export function wrapAngle(angle: number): number {
  return angle - 2 * Math.PI * Math.floor((angle + Math.PI) / (2 * Math.PI));
}

/** The same angle within 180 of zero, degrees. */
export function wrapDegrees(angle: number): number {
  return angle - 360 * Math.floor((angle + 180) / 360);
}

function smoothstep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** Brings a view into its limits: longitude wrapped, latitude off the poles, the middle meridian near enough. */
export function normaliseView(view: View): void {
  view.longitude = wrapDegrees(view.longitude);
  view.latitude = Math.max(-85, Math.min(85, view.latitude));
  const away = wrapDegrees(view.longitude - view.middle);
  if (away > MIDDLE_SLACK) view.middle = wrapDegrees(view.longitude - MIDDLE_SLACK);
  else if (away < -MIDDLE_SLACK) view.middle = wrapDegrees(view.longitude + MIDDLE_SLACK);
}

/** Derives the camera of a view. */
export function cameraOf(view: View): Camera {
  const { insets } = view;
  const width = Math.max(50, view.width - insets.left - insets.right);
  const height = Math.max(50, view.height - insets.top - insets.bottom);
  const morph = Math.max(view.globe, smoothstep(LOCAL_FROM, LOCAL_TO, view.zoom));
  const flat = Math.max(Math.min(width / (2 * FLAT_HALF_WIDTH), (height / (2 * FLAT_HALF_HEIGHT)) * 1.25), 40);
  const globe = Math.max(Math.min(width, height) * 0.46, 40);
  const far = Math.max((Math.min(width, height) * 0.485) / Math.PI, 12);
  const fits = flat * (globe / flat) ** view.globe * (far / globe) ** view.distance;
  const longitude = view.longitude * RADIANS;
  const latitude = view.latitude * RADIANS;
  const middle = view.middle * RADIANS;
  return {
    scale: fits * 2 ** view.zoom,
    morph,
    distance: view.distance,
    centreX: insets.left + width / 2 + view.offsetX,
    centreY: insets.top + height / 2 + view.offsetY,
    longitude,
    latitude,
    cosLatitude: Math.cos(latitude),
    sinLatitude: Math.sin(latitude),
    middle,
    flatX: wrapAngle(longitude - middle) * flatWidth(latitude),
    flatY: flatY(latitude),
    cosClip: -1.001 + morph * 1.001 - view.distance * 0.992,
    width: view.width,
    height: view.height,
  };
}

/**
 * Projects radians onto the plane in units of the radius, y up. While the view is purely flat the plane's origin is the
 * middle meridian on the equator (so that panning is a shift, see {@link planeShift}); otherwise the view's centre.
 * Writes x, y and the cosine of the angle from the view's centre; false when the point is hidden.
 */
export function toPlane(camera: Camera, longitude: number, latitude: number, out: Float64Array): boolean {
  const { morph } = camera;
  if (morph <= 0) {
    out[0] = wrapAngle(longitude - camera.middle) * flatWidth(latitude);
    out[1] = flatY(latitude);
    out[2] = 1;
    return true;
  }
  const delta = longitude - camera.longitude;
  const cosLatitude = Math.cos(latitude);
  const sinLatitude = Math.sin(latitude);
  const along = cosLatitude * Math.cos(delta);
  let x = cosLatitude * Math.sin(delta);
  let y = camera.cosLatitude * sinLatitude - camera.sinLatitude * along;
  const z = camera.sinLatitude * sinLatitude + camera.cosLatitude * along;
  if (camera.distance > 0) {
    const stretch = equidistantStretch(z, camera.distance);
    x *= stretch;
    y *= stretch;
  }
  if (morph < 1) {
    const fx = wrapAngle(longitude - camera.middle) * flatWidth(latitude) - camera.flatX;
    const fy = flatY(latitude) - camera.flatY;
    x = fx + (x - fx) * morph;
    y = fy + (y - fy) * morph;
  }
  out[0] = x;
  out[1] = y;
  out[2] = z;
  return z > camera.cosClip;
}

/** By how much an orthographic point moves outwards to lie at its true distance; `share` 0 leaves it. */
export function equidistantStretch(cosine: number, share: number): number {
  const angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
  return 1 + (angle / Math.max(1e-3, Math.sin(angle)) - 1) * share;
}

/** Pixels of the plane's origin; see {@link toPlane}. */
export function planeShift(camera: Camera): [number, number] {
  if (camera.morph > 0) return [camera.centreX, camera.centreY];
  return [camera.centreX - camera.flatX * camera.scale, camera.centreY + camera.flatY * camera.scale];
}

/** Projects degrees to CSS pixels; writes x, y and the cosine as {@link toPlane} does; false when hidden. */
export function project(camera: Camera, longitude: number, latitude: number, out: Float64Array): boolean {
  const visible = toPlane(camera, longitude * RADIANS, latitude * RADIANS, out);
  const [x, y] = planeShift(camera);
  out[0] = x + out[0]! * camera.scale;
  out[1] = y - out[1]! * camera.scale;
  return visible;
}

/** The point of the Earth under a pixel, or null where there is none. */
export function unproject(camera: Camera, x: number, y: number): GeoPoint | null {
  const px = (x - camera.centreX) / camera.scale;
  const py = (camera.centreY - y) / camera.scale;
  if (camera.morph <= 0) return unprojectFlat(camera, px, py);
  if (camera.distance > 0 && camera.distance < 1) return null;
  if (camera.morph >= 1) return unprojectAzimuthal(camera, px, py);
  return unprojectMixed(camera, x, y, px, py);
}

function unprojectFlat(camera: Camera, px: number, py: number): GeoPoint | null {
  const y = py + camera.flatY;
  if (Math.abs(y) > FLAT_HALF_HEIGHT) return null;
  const latitude = flatLatitude(y);
  const delta = (px + camera.flatX) / flatWidth(latitude);
  if (Math.abs(delta) > Math.PI) return null;
  return { longitude: wrapDegrees((camera.middle + delta) / RADIANS), latitude: latitude / RADIANS };
}

function unprojectAzimuthal(camera: Camera, px: number, py: number): GeoPoint | null {
  const radius = Math.hypot(px, py);
  if (radius > (camera.distance > 0 ? Math.PI : 1)) return null;
  const sine = camera.distance > 0 ? Math.sin(radius) : radius;
  const z = camera.distance > 0 ? Math.cos(radius) : Math.sqrt(1 - radius * radius);
  const gx = radius > 1e-9 ? (px * sine) / radius : 0;
  const gy = radius > 1e-9 ? (py * sine) / radius : 0;
  const latitude = Math.asin(Math.max(-1, Math.min(1, z * camera.sinLatitude + gy * camera.cosLatitude)));
  const longitude = camera.longitude + Math.atan2(gx, z * camera.cosLatitude - gy * camera.sinLatitude);
  return { longitude: wrapDegrees(longitude / RADIANS), latitude: latitude / RADIANS };
}

/** Newton with a numeric Jacobian on the forward function, for the moments between two projections. */
function unprojectMixed(camera: Camera, x: number, y: number, px: number, py: number): GeoPoint | null {
  const start = unprojectAzimuthal(camera, px, py) ?? {
    longitude: (camera.longitude + px) / RADIANS,
    latitude: (camera.latitude + py) / RADIANS,
  };
  let longitude = start.longitude;
  let latitude = Math.max(-88, Math.min(88, start.latitude));
  const at = new Float64Array(3);
  const east = new Float64Array(3);
  const north = new Float64Array(3);
  const step = 0.001;
  for (let i = 0; i < 20; i++) {
    project(camera, longitude, latitude, at);
    const ex = x - at[0]!;
    const ey = y - at[1]!;
    if (Math.abs(ex) + Math.abs(ey) < 0.01) return { longitude: wrapDegrees(longitude), latitude };
    project(camera, longitude + step, latitude, east);
    project(camera, longitude, latitude + step, north);
    const a = (east[0]! - at[0]!) / step;
    const b = (north[0]! - at[0]!) / step;
    const c = (east[1]! - at[1]!) / step;
    const d = (north[1]! - at[1]!) / step;
    const determinant = a * d - b * c;
    if (Math.abs(determinant) < 1e-9) return null;
    longitude += Math.max(-20, Math.min(20, (ex * d - ey * b) / determinant));
    latitude += Math.max(-20, Math.min(20, (a * ey - c * ex) / determinant));
    latitude = Math.max(-89.9, Math.min(89.9, latitude));
  }
  return null;
}
