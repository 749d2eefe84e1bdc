// Draws the arcs with Canvas 2D, each with a stroke of its own: one path with all of them is several times slower,
// because translucent overlaps within one path have to be resolved.
import { pointOnCircle, type GreatCircle } from './greatcircle';
import { DIMMED, type Frame } from './layer';
import type { SceneArc } from './marks';
import { planeShift, toPlane, type Camera } from './projection';
import { COMET_MS, DRAW_ON_MS, FADE_MS } from './scene';
import { css } from './theme';

/** Above so many arcs their strength is even along the way: a gradient each would cost too much. */
const GRADIENTS_AT_MOST = 150;

/** Pixels per radius from which arcs are drawn in shorter pieces. */
const FINE_FROM = 500;

/** Share of strength at the own place, and the share of the way after which an arc is at full strength. */
const FAINT = 0.42;
const FULL_FROM = 0.22;

/** A step sideways that only the map's cut can make, in radii. */
const EDGE_JUMP = 2.2;

interface CachedPath {
  key: string;
  path: Path2D;
  /** Ends in the plane, for the gradient. */
  ends: [number, number, number, number];
  gradients: Map<string, CanvasGradient>;
}

/** Paths of arcs, kept while the projection stays. */
export class ArcPainter {
  private readonly cache = new WeakMap<GreatCircle, CachedPath>();

  /** Draws all arcs; `key` names the projection the paths are good for. */
  draw(context: CanvasRenderingContext2D, frame: Frame, key: string, ratio: number): void {
    const { scene, camera, theme, now } = frame;
    if (scene.arcs.length === 0) return;
    const [x, y] = planeShift(camera);
    const scale = camera.scale * ratio;
    context.save();
    context.setTransform(scale, 0, 0, scale, x * ratio, y * ratio);
    context.lineCap = 'round';
    context.lineJoin = 'round';
    const fine = camera.scale > FINE_FROM;
    const pathKey = fine ? `${key} fine` : key;
    const faded = scene.arcs.length <= GRADIENTS_AT_MOST;
    for (const arc of scene.arcs) {
      const age = now - arc.born;
      const growing = frame.motion && age < COMET_MS;
      const left = arc.died === Infinity ? 1 : 1 - Math.min(1, (now - arc.died) / FADE_MS);
      if (left <= 0) continue;
      context.globalAlpha = left * (arc.strong ? 1 : DIMMED);
      context.lineWidth = arc.width / camera.scale;
      const colour = css(theme[arc.state], arc.alpha);
      if (growing && age < DRAW_ON_MS) {
        context.strokeStyle = colour;
        context.stroke(tracePath(arc.circle, camera, 0, Math.max(0, age / DRAW_ON_MS)).path);
      } else {
        const cached = this.path(arc.circle, camera, pathKey);
        context.strokeStyle = faded ? gradientOf(context, cached, arc, colour, theme[arc.state]) : colour;
        context.stroke(cached.path);
      }
      if (growing && scene.comets) {
        const head = age / COMET_MS;
        context.strokeStyle = css(theme[arc.state], 0.9);
        context.lineWidth = (arc.width + 0.6) / camera.scale;
        context.stroke(tracePath(arc.circle, camera, Math.max(0, head - 0.1), Math.min(head, age / DRAW_ON_MS)).path);
      }
    }
    context.restore();
  }

  private path(circle: GreatCircle, camera: Camera, key: string): CachedPath {
    const known = this.cache.get(circle);
    if (known?.key === key) return known;
    const made = { key, gradients: new Map<string, CanvasGradient>(), ...tracePath(circle, camera, 0, 1) };
    this.cache.set(circle, made);
    return made;
  }
}

function gradientOf(
  context: CanvasRenderingContext2D,
  cached: CachedPath,
  arc: SceneArc,
  colour: string,
  base: readonly [number, number, number],
): CanvasGradient {
  const known = cached.gradients.get(colour);
  if (known) return known;
  const [x0, y0, x1, y1] = cached.ends;
  const gradient = context.createLinearGradient(x0, y0, x1, y1);
  gradient.addColorStop(0, css(base, arc.alpha * FAINT));
  gradient.addColorStop(FULL_FROM, colour);
  cached.gradients.set(colour, gradient);
  return gradient;
}

const vector = new Float64Array(3);
const plane = new Float64Array(3);

/** The path of a great circle between two shares of its way, broken at the map's cut and behind the horizon. */
export function tracePath(
  circle: GreatCircle,
  camera: Camera,
  from: number,
  to: number,
): { path: Path2D; ends: [number, number, number, number] } {
  const path = new Path2D();
  const ends: [number, number, number, number] = [0, 0, 0, 0];
  const perRadian = camera.scale > FINE_FROM ? 50 : 16;
  const parts = Math.max(4, Math.min(120, Math.ceil(circle.angle * perRadian * (to - from))));
  let down = false;
  let before = 0;
  for (let i = 0; i <= parts; i++) {
    const t = from + ((to - from) * i) / parts;
    const visible = placeOnArc(circle, camera, t);
    const [x, y] = [plane[0]!, -plane[1]!];
    if (i === 0) [ends[0], ends[1]] = [x, y];
    [ends[2], ends[3]] = [x, y];
    const jumped = camera.morph < 1 && Math.abs(x - before) > EDGE_JUMP;
    if (visible && down && jumped) crossCut(path, circle, camera, t - (to - from) / parts, t);
    if (visible && down) path.lineTo(x, y);
    else if (visible) path.moveTo(x, y);
    down = visible;
    before = x;
  }
  return { path, ends };
}

/** Draws up to the map's cut and goes on at the other edge; the crossing lies between the two shares. */
function crossCut(path: Path2D, circle: GreatCircle, camera: Camera, from: number, to: number): void {
  let [low, high] = [from, to];
  placeOnArc(circle, camera, low);
  const start = plane[0]!;
  for (let i = 0; i < 10; i++) {
    const middle = (low + high) / 2;
    placeOnArc(circle, camera, middle);
    if (Math.abs(plane[0]! - start) > EDGE_JUMP) high = middle;
    else low = middle;
  }
  placeOnArc(circle, camera, low);
  path.lineTo(plane[0]!, -plane[1]!);
  placeOnArc(circle, camera, high);
  path.moveTo(plane[0]!, -plane[1]!);
}

/** Projects the point at share `t`; on the globe arcs rise above the ground, so that they are seen over the horizon. */
function placeOnArc(circle: GreatCircle, camera: Camera, t: number): boolean {
  pointOnCircle(circle, t, vector);
  const longitude = Math.atan2(vector[1]!, vector[0]!);
  const visible = toPlane(camera, longitude, Math.asin(Math.max(-1, Math.min(1, vector[2]!))), plane);
  if (camera.morph <= 0 || camera.distance >= 1) return visible;
  const w = circle.angle;
  const height = (0.03 + ((0.17 * w) / Math.PI) * Math.min(1, w * 2.5)) * 4 * t * (1 - t);
  const lift = 1 + height * camera.morph * (1 - camera.distance);
  plane[0]! *= lift;
  plane[1]! *= lift;
  return visible || (camera.morph > 0.5 && Math.hypot(plane[0]!, plane[1]!) > 1);
}
