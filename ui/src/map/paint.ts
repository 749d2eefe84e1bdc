// Paints single signs on a 2D canvas: marks by their kind and state, the own place with its halo, circles on the Earth.
import { EARTH_RADIUS_KM, smallCircle } from './greatcircle';
import { DIMMED, type Frame } from './layer';
import { ORBIT_RADIUS, type SceneMark } from './marks';
import { project, type Camera } from './projection';
import { PULSE_MS } from './scene';
import { css, type Theme } from './theme';

/** Smallest halo around the own place, CSS pixels. */
const HALO = 11;

const point = new Float64Array(3);

function strengthOf(frame: Frame, mark: SceneMark): number {
  const { camera } = frame;
  let strength = mark.dim ? 0.28 : mark.strong ? 1 : DIMMED;
  if (camera.morph > 0 && camera.distance === 0) {
    const t = Math.min(1, Math.max(0, mark.facing / 0.12));
    strength *= 1 + (t * t * (3 - 2 * t) - 1) * camera.morph;
  }
  return strength;
}

/** The outline of a mark as the current path, `grow` pixels larger. */
function traceShape(context: CanvasRenderingContext2D, mark: SceneMark, grow: number): void {
  const { x, y } = mark;
  context.beginPath();
  if (mark.kind !== 'anycast' && !mark.contradicted) {
    context.arc(x, y, mark.radius + grow, 0, 2 * Math.PI);
    return;
  }
  const r = mark.radius * 1.2 + grow * 1.4;
  context.moveTo(x, y - r);
  context.lineTo(x + r, y);
  context.lineTo(x, y + r);
  context.lineTo(x - r, y);
  context.closePath();
}

/** Paints a mark; `left` below 1 while it fades away. */
export function paintMark(context: CanvasRenderingContext2D, frame: Frame, mark: SceneMark, left: number): void {
  const { theme } = frame;
  const colour = theme[mark.state];
  context.globalAlpha = strengthOf(frame, mark) * left;
  traceShape(context, mark, 1.7);
  context.fillStyle = css(theme.oceanEdge, 0.85);
  context.fill();
  traceShape(context, mark, mark.kind === 'country' ? -1 : 0);
  if (mark.kind === 'country') {
    context.fillStyle = css(colour, 0.18);
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = css(colour);
    context.stroke();
  } else {
    context.fillStyle = css(colour);
    context.fill();
  }
  if (mark.freshShare > 0) paintFreshRing(context, theme, mark);
  context.globalAlpha = left;
  if (frame.motion) paintPulse(context, frame, mark);
  if (mark.picked) paintPickedRing(context, frame, mark);
  context.globalAlpha = 1;
}

/** The second sign of what is new: a whole ring, or an arc as long as the new share. */
function paintFreshRing(context: CanvasRenderingContext2D, theme: Theme, mark: SceneMark): void {
  const whole = mark.freshShare >= 1;
  if (whole) {
    traceShape(context, mark, 3);
  } else {
    const end = -Math.PI / 2 + Math.max(0.9, mark.freshShare * 2 * Math.PI);
    context.beginPath();
    context.arc(mark.x, mark.y, mark.radius + 3, -Math.PI / 2, end);
  }
  context.lineWidth = whole ? 1.3 : 2;
  context.strokeStyle = css(theme.fresh, 0.95);
  context.stroke();
}

/** The one ring that a newcomer sends out. */
function paintPulse(context: CanvasRenderingContext2D, frame: Frame, mark: SceneMark): void {
  const t = (frame.now - mark.lastBorn) / PULSE_MS;
  if (t < 0 || t >= 1) return;
  context.beginPath();
  context.arc(mark.x, mark.y, mark.radius + 2 + t * 20, 0, 2 * Math.PI);
  context.lineWidth = 1.6;
  context.strokeStyle = css(frame.theme[mark.state], 1 - t);
  context.stroke();
}

/** Hover has no ring; selection a thin one; the keyboard's focus a thick one with a dark edge. */
function paintPickedRing(context: CanvasRenderingContext2D, { scene, theme }: Frame, mark: SceneMark): void {
  const holds = (key: string | null): boolean => key !== null && mark.keys.includes(key);
  if (holds(scene.focused)) {
    traceShape(context, mark, 6);
    context.lineWidth = 5;
    context.strokeStyle = css(theme.oceanEdge);
    context.stroke();
    context.lineWidth = 2.4;
    context.strokeStyle = css(theme.focus);
    context.stroke();
  } else if (holds(scene.selected)) {
    traceShape(context, mark, 6);
    context.lineWidth = 1.6;
    context.strokeStyle = css(theme.text, 0.95);
    context.stroke();
  }
}

/** The own place: ring and dot over a halo as wide as its accuracy. */
export function paintOwnPlace(context: CanvasRenderingContext2D, frame: Frame, [x, y]: [number, number]): void {
  const { theme, scene, camera } = frame;
  const own = scene.own!;
  const wide = (own.accuracyKm / EARTH_RADIUS_KM) * camera.scale > HALO;
  if (wide) strokeCircleOnEarth(context, camera, smallCircle(own, own.accuracyKm, 72));
  else {
    context.beginPath();
    context.arc(x, y, HALO, 0, 2 * Math.PI);
  }
  context.fillStyle = css(theme.home, wide ? 0.09 : 0.18);
  context.fill();
  if (wide) {
    context.lineWidth = 1;
    context.strokeStyle = css(theme.home, 0.35);
    context.stroke();
  }
  context.beginPath();
  context.arc(x, y, 6, 0, 2 * Math.PI);
  context.fillStyle = css(theme.oceanEdge);
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = css(theme.home);
  context.stroke();
  context.beginPath();
  context.arc(x, y, 2.4, 0, 2 * Math.PI);
  context.fillStyle = css(theme.home);
  context.fill();
}

/** The dotted ring that ties the anycast diamonds to the own place: no place of their own, served from near. */
export function paintOrbit(
  context: CanvasRenderingContext2D,
  theme: Theme,
  [x, y]: [number, number],
  marks: readonly SceneMark[],
): void {
  const radii = new Set<number>([ORBIT_RADIUS]);
  for (const mark of marks) if (mark.kind === 'anycast') radii.add(Math.round(Math.hypot(mark.x - x, mark.y - y)));
  context.setLineDash([1.5, 4]);
  context.lineWidth = 1;
  context.strokeStyle = css(theme.home, 0.5);
  for (const radius of radii) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }
  context.setLineDash([]);
}

/** Makes the points (degrees) the current closed path, as far as they are in sight. */
export function strokeCircleOnEarth(
  context: CanvasRenderingContext2D,
  camera: Camera,
  points: readonly (readonly [number, number])[],
): void {
  context.beginPath();
  let before: number | null = null;
  for (const [longitude, latitude] of points) {
    if (!project(camera, longitude, latitude, point)) {
      before = null;
      continue;
    }
    const jumped = before !== null && Math.abs(point[0]! - before) > camera.scale * 1.5;
    if (before === null || jumped) context.moveTo(point[0]!, point[1]!);
    else context.lineTo(point[0]!, point[1]!);
    before = point[0]!;
  }
  if (before !== null) context.closePath();
}
