// Moves the camera: fit, fly, pan, zoom at a point, change of projection; eased over time or at once.
import { flatLatitude, flatWidth, flatY, cameraOf, normaliseView, RADIANS } from './projection';
import { unproject, wrapAngle, wrapDegrees, type View } from './projection';
import type { GeoPoint, Projection } from './types';

/** Limits of the zoom, powers of two. */
const ZOOM_LEAST = -0.6;
const ZOOM_MOST = 6;

/** Numbers of a view that may be animated. */
type Target = Partial<
  Record<'longitude' | 'latitude' | 'middle' | 'zoom' | 'globe' | 'distance' | 'offsetX' | 'offsetY', number>
>;

interface Flight {
  from: View;
  to: Target;
  start: number;
  duration: number;
}

/** The camera's driver; `changed` is called whenever a frame is needed. */
export class Navigator {
  projection: Projection;
  private flight: Flight | null = null;

  constructor(
    readonly view: View,
    projection: Projection,
    private motion: boolean,
    private readonly changed: () => void,
  ) {
    this.projection = projection;
    view.globe = projection === 'flat' ? 0 : 1;
    view.distance = projection === 'distance' ? 1 : 0;
  }

  setMotion(motion: boolean): void {
    this.motion = motion;
  }

  get flying(): boolean {
    return this.flight !== null;
  }

  /** Moves to a target in `duration` milliseconds; at once when motion is reduced. */
  go(to: Target, duration: number): void {
    const { view } = this;
    if (!this.motion || duration <= 0) {
      this.flight = null;
      Object.assign(view, to);
      normaliseView(view);
    } else {
      const target = { ...to };
      if (to.longitude !== undefined) target.longitude = view.longitude + wrapDegrees(to.longitude - view.longitude);
      if (to.middle !== undefined) target.middle = view.middle + wrapDegrees(to.middle - view.middle);
      this.flight = { from: { ...view }, to: target, start: performance.now(), duration };
    }
    this.changed();
  }

  /** Advances a running flight; called once a frame. */
  advance(now: number): void {
    const { flight, view } = this;
    if (!flight) return;
    const t = Math.min(1, Math.max(0, (now - flight.start) / flight.duration));
    const eased = t < 0.5 ? 4 * t * t * t : 1 - (-2 * t + 2) ** 3 / 2;
    for (const key of Object.keys(flight.to) as (keyof Target)[]) {
      view[key] = flight.from[key] + (flight.to[key]! - flight.from[key]) * eased;
    }
    normaliseView(view);
    if (t >= 1) this.flight = null;
  }

  /** Moves the world by pixels. */
  panBy(dx: number, dy: number): void {
    const { view } = this;
    this.flight = null;
    if (view.distance > 0.5) {
      view.offsetX += dx;
      view.offsetY += dy;
      return this.changed();
    }
    const camera = cameraOf(view);
    if (camera.morph <= 0) {
      const latitude = flatLatitude(Math.max(-1.3, Math.min(1.3, camera.flatY + dy / camera.scale)));
      const delta = (camera.flatX - dx / camera.scale) / flatWidth(latitude);
      view.latitude = latitude / RADIANS;
      view.longitude = view.middle + delta / RADIANS;
    } else {
      view.longitude -= dx / camera.scale / RADIANS / Math.max(0.3, camera.cosLatitude);
      view.latitude += dy / camera.scale / RADIANS;
    }
    normaliseView(view);
    this.changed();
  }

  /** Zooms by a power of two keeping what is under the pixel. */
  zoomAt(power: number, x: number, y: number): void {
    const { view } = this;
    this.flight = null;
    const zoom = Math.max(ZOOM_LEAST, Math.min(ZOOM_MOST, view.zoom + power));
    const before = cameraOf(view);
    if (view.distance > 0.5) {
      const factor = 2 ** (zoom - view.zoom);
      view.offsetX += (x - before.centreX) * (1 - factor);
      view.offsetY += (y - before.centreY) * (1 - factor);
      view.zoom = zoom;
      return this.changed();
    }
    const held = unproject(before, x, y);
    view.zoom = zoom;
    if (held) this.bringUnder(held, x, y);
    normaliseView(view);
    this.changed();
  }

  /** The same, eased over a moment. */
  zoomStepAt(power: number, x: number, y: number): void {
    const before = { ...this.view };
    this.zoomAt(power, x, y);
    const { longitude, latitude, middle, zoom, offsetX, offsetY } = this.view;
    Object.assign(this.view, before);
    this.go({ longitude, latitude, middle, zoom, offsetX, offsetY }, 260);
  }

  /** Turns the view until a point of the Earth lies under a pixel. */
  private bringUnder(point: GeoPoint, x: number, y: number): void {
    const { view } = this;
    for (let i = 0; i < 4; i++) {
      const there = unproject(cameraOf(view), x, y);
      if (!there) return;
      view.longitude += wrapDegrees(point.longitude - there.longitude);
      view.latitude = Math.max(-85, Math.min(85, view.latitude + point.latitude - there.latitude));
      normaliseView(view);
    }
  }

  /** Zooms about the centre of the free area, eased. */
  zoomBy(factor: number): void {
    const zoom = Math.max(ZOOM_LEAST, Math.min(ZOOM_MOST, this.view.zoom + Math.log2(factor)));
    const scale = 2 ** (zoom - this.view.zoom);
    const target: Target = { zoom };
    if (this.view.distance > 0.5) {
      target.offsetX = this.view.offsetX * scale;
      target.offsetY = this.view.offsetY * scale;
    }
    this.go(target, 220);
  }

  /** Flies to a point. */
  flyTo(point: GeoPoint, zoom: number | undefined): void {
    const to: Target = { zoom: Math.max(ZOOM_LEAST, Math.min(ZOOM_MOST, zoom ?? this.view.zoom)) };
    if (this.projection !== 'distance') {
      // Seen as a whole the world turns, so that the map's cut is far from what one looks at.
      const turn = to.zoom! < 1.5 ? { middle: point.longitude } : {};
      this.go({ ...to, ...turn, longitude: point.longitude, latitude: point.latitude }, 700);
      return;
    }
    // The distance view keeps its centre on the Earth, so the paper is moved instead.
    const camera = cameraOf({ ...this.view, zoom: to.zoom!, offsetX: 0, offsetY: 0 });
    const bearing = azimuthal(camera.longitude, camera.latitude, point);
    this.go({ ...to, offsetX: -bearing[0] * camera.scale, offsetY: bearing[1] * camera.scale }, 700);
  }

  /** Changes the projection; `own` is the distance view's centre. */
  setProjection(projection: Projection, points: readonly GeoPoint[], own: GeoPoint | null): void {
    this.projection = projection;
    this.fit(points, own, 800);
  }

  /** Shows all points as large as they fit. */
  fit(points: readonly GeoPoint[], own: GeoPoint | null, duration: number): void {
    if (this.projection === 'flat') {
      this.go({ ...this.fitFlat(points, own), globe: 0, distance: 0, offsetX: 0, offsetY: 0 }, duration);
      return;
    }
    const centre = own ?? { longitude: this.view.longitude, latitude: 20 };
    const still = { globe: 1, offsetX: 0, offsetY: 0, longitude: centre.longitude, middle: centre.longitude };
    if (this.projection === 'distance') {
      this.go({ ...still, distance: 1, zoom: 0, latitude: centre.latitude }, duration);
    } else {
      const latitude = Math.max(-40, Math.min(40, centre.latitude * 0.7));
      this.go({ ...still, distance: 0, zoom: -0.04, latitude }, duration);
    }
  }

  /** Middle meridian, centre and zoom of the flat map that show all points best. */
  private fitFlat(points: readonly GeoPoint[], own: GeoPoint | null): Target {
    const all = own ? [...points, own] : points;
    const home = own?.longitude ?? 10;
    if (points.length === 0) return { longitude: home, middle: home, latitude: 12, zoom: 0 };
    const { view } = this;
    const sample = all.length > 2000 ? all.filter((_, i) => i % Math.ceil(all.length / 2000) === 0) : all;
    const flat = sample.map((p) => [p.longitude, flatWidth(p.latitude * RADIANS), flatY(p.latitude * RADIANS)]);
    let best = { cost: Infinity, width: 1, middle: home };
    for (let turn = -80; turn <= 80; turn += 2) {
      let width = 0.05;
      for (const p of flat) width = Math.max(width, Math.abs(wrapAngle((p[0]! - home - turn) * RADIANS) * p[1]!));
      const cost = width + Math.abs(turn) * 0.0004;
      if (cost < best.cost) best = { cost, width, middle: home + turn };
    }
    const low = Math.min(...flat.map((p) => p[2]!));
    const high = Math.max(...flat.map((p) => p[2]!));
    const width = (view.width - view.insets.left - view.insets.right) / 2 - 46;
    const height = (view.height - view.insets.top - view.insets.bottom) / 2 - 34;
    const scale = Math.min(width / best.width, height / ((high - low) / 2 + 0.12), 2600);
    const base = cameraOf({ ...view, zoom: 0, globe: 0, distance: 0 }).scale;
    const latitude = flatLatitude((low + high) / 2 + 0.06) / RADIANS;
    const zoom = Math.max(-0.3, Math.min(3, Math.log2(scale / base)));
    return { longitude: best.middle, middle: best.middle, latitude: Math.max(-60, Math.min(75, latitude)), zoom };
  }
}

/** True distance and direction from a centre (radians) to a point, x east and y north in radians. */
function azimuthal(longitude: number, latitude: number, point: GeoPoint): [number, number] {
  const delta = point.longitude * RADIANS - longitude;
  const there = point.latitude * RADIANS;
  const x = Math.cos(there) * Math.sin(delta);
  const y = Math.cos(latitude) * Math.sin(there) - Math.sin(latitude) * Math.cos(there) * Math.cos(delta);
  const z = Math.sin(latitude) * Math.sin(there) + Math.cos(latitude) * Math.cos(there) * Math.cos(delta);
  const sine = Math.hypot(x, y);
  const stretch = sine > 1e-9 ? Math.atan2(sine, z) / sine : 1;
  return [x * stretch, y * stretch];
}
