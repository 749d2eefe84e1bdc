// What is on the map and how it looks, apart from any drawing: places grouped for the present zoom, marks with their
// pixels, arcs with their times, what is hovered, focused and selected, and what lies under a pixel.
import { arcOf, ghostOf, markContradictions, marksOf, placeAnycast, type SceneArc, type SceneMark } from './marks';
import { groupPlaces, type Group } from './cluster';
import { countryAt, type World } from './geometry';
import { toVector, type Vector } from './greatcircle';
import { project, unproject, type Camera } from './projection';
import type { Hit, Insets, MapPlace, OwnPlaceMark, PlaceHit } from './types';

/** Marks nearer than this are drawn as one, CSS pixels. */
const GROUP_PIXELS = 17;

/** Pointer slack around a mark, CSS pixels. */
const HIT_SLACK = 7;

/** How far from its centre the own place is still pointed at, CSS pixels. */
const OWN_RADIUS = 11;

/** Times of the movements, milliseconds. */
export const DRAW_ON_MS = 900;
export const COMET_MS = 1250;
export const FADE_MS = 700;
export const PULSE_MS = 1600;

/** More newcomers than this at once: no comets run along the arcs. */
const COMETS_AT_MOST = 20;

/** The state of everything drawn above the land. */
export class Scene {
  places: MapPlace[] = [];
  own: OwnPlaceMark | null = null;
  ownVector: Vector | null = null;
  /** Groups first, largest first; then the anycast operators. */
  marks: SceneMark[] = [];
  arcs: SceneArc[] = [];
  /** Grows whenever `arcs` became others, so that a renderer knows when to rebuild. */
  arcsVersion = 0;
  /** Grows whenever the marks became others. */
  marksVersion = 0;
  /** Whether comets run along new arcs. */
  comets = true;
  world: World | null = null;
  hovered: string | null = null;
  focused: string | null = null;
  selected: string | null = null;
  /** `performance.now()` until which something moves by itself. */
  movingUntil = 0;
  private groups: Group[] = [];
  private groupedFor = '';
  private bornAt = new Map<string, number>();
  private drawn = new Map<string, SceneMark>();
  private ghosts: SceneArc[] = [];
  private first = true;
  private readonly out = new Float64Array(3);

  constructor(private motion: boolean) {}

  setMotion(motion: boolean): void {
    this.motion = motion;
    this.movingUntil = motion ? this.movingUntil : 0;
    this.groupedFor = '';
  }

  setOwnPlace(own: OwnPlaceMark | null): void {
    this.own = own;
    this.ownVector = own ? toVector(own.longitude, own.latitude) : null;
    this.groupedFor = '';
  }

  /** Takes the places as they are now; those not seen before are new from `now` on, unless they say otherwise. */
  setPlaces(places: MapPlace[], now: number): void {
    const births = new Map<string, number>();
    let newcomers = 0;
    for (const place of places) {
      const born = this.bornAt.get(place.key) ?? place.bornAt ?? (this.first ? -Infinity : now);
      births.set(place.key, born);
      if (now - born < PULSE_MS) {
        newcomers += 1;
        if (this.motion) this.movingUntil = Math.max(this.movingUntil, born + PULSE_MS);
      }
    }
    this.comets = newcomers <= COMETS_AT_MOST;
    this.bornAt = births;
    this.first &&= places.length === 0;
    this.places = places;
    this.groupedFor = '';
  }

  /** Groups anew when places or the zoom's half step changed. */
  private regroup(camera: Camera, zoom: number, now: number): void {
    const step = Math.round(zoom * 2) / 2;
    const base = camera.scale / 2 ** zoom;
    const key = `${step} ${base.toFixed(0)}`;
    if (key === this.groupedFor) return;
    const placesChanged = this.groupedFor === '';
    this.groupedFor = key;
    this.groups = groupPlaces(this.places, GROUP_PIXELS / (base * 2 ** step));
    const before = this.drawn;
    const born = (place: MapPlace) => (this.motion ? (this.bornAt.get(place.key) ?? -Infinity) : -Infinity);
    this.marks = marksOf(this.groups, this.places, born);
    if (this.own) markContradictions(this.marks, this.own);
    this.marksVersion += 1;
    this.drawn = new Map(this.marks.flatMap((mark) => mark.keys.map((k) => [k, mark])));
    if (placesChanged) this.leaveGhosts(before, now);
    this.rebuildArcs(now);
  }

  /** Lets the arcs of places that are gone fade. */
  private leaveGhosts(before: Map<string, SceneMark>, now: number): void {
    if (!this.motion) return;
    for (const mark of new Set(before.values())) {
      if (mark.kind === 'anycast' || mark.keys.some((key) => this.drawn.has(key))) continue;
      const ghost = ghostOf(mark, this.ownVector, now);
      if (!ghost) continue;
      this.ghosts.push(ghost);
      this.movingUntil = Math.max(this.movingUntil, now + FADE_MS);
    }
  }

  /** The marks that are picked out by pointer, keyboard or click. */
  active(): Set<SceneMark> {
    const marks = [this.hovered, this.focused, this.selected].map((key) => key && this.drawn.get(key));
    return new Set(marks.filter((mark): mark is SceneMark => Boolean(mark)));
  }

  /** The mark that holds a place, as drawn now. */
  markOf(key: string | null): SceneMark | null {
    return key === null ? null : (this.drawn.get(key) ?? null);
  }

  /** Makes the arcs again, for instance because another one is picked out. */
  rebuildArcs(now: number): void {
    const active = this.active();
    this.ghosts = this.ghosts.filter((ghost) => now - ghost.died < FADE_MS);
    this.arcs = [...this.ghosts];
    for (const mark of this.marks) {
      mark.strong = active.size === 0 || active.has(mark);
      mark.picked = active.has(mark);
      const arc = this.ownVector && arcOf(mark, this.ownVector);
      if (arc) this.arcs.push(arc);
    }
    this.arcsVersion += 1;
  }

  /** Brings groups and pixels up to date for a frame. */
  update(camera: Camera, zoom: number, insets: Insets, now: number): void {
    this.regroup(camera, zoom, now);
    if (this.ghosts.length > 0 && now - this.ghosts[0]!.died >= FADE_MS) this.rebuildArcs(now);
    const { out } = this;
    for (const mark of this.marks) {
      if (mark.kind === 'anycast') continue;
      mark.visible = project(camera, mark.longitude, mark.latitude, out);
      mark.x = out[0]!;
      mark.y = out[1]!;
      mark.facing = out[2]!;
      const r = mark.radius + 20;
      mark.visible &&= mark.x > -r && mark.y > -r && mark.x < camera.width + r && mark.y < camera.height + r;
    }
    const anycast = this.marks.filter((mark) => mark.kind === 'anycast');
    if (anycast.length > 0) placeAnycast(anycast, this.ownPixel(camera), camera, insets);
  }

  /** Where the own place is drawn, or null. */
  ownPixel(camera: Camera): [number, number] | null {
    if (!this.own || !project(camera, this.own.longitude, this.own.latitude, this.out)) return null;
    return [this.out[0]!, this.out[1]!];
  }

  /** Whether a pixel lies on the sign of the own place. */
  isOwnAt(camera: Camera, x: number, y: number): boolean {
    const own = this.ownPixel(camera);
    return own !== null && Math.hypot(own[0] - x, own[1] - y) <= OWN_RADIUS;
  }

  /** The mark under a pixel; the one whose edge is nearest. */
  markAt(x: number, y: number): SceneMark | null {
    let best: SceneMark | null = null;
    let nearest = HIT_SLACK;
    for (const mark of this.marks) {
      if (!mark.visible || mark.dim) continue;
      const distance = Math.hypot(mark.x - x, mark.y - y) - mark.radius;
      if (distance < nearest) {
        best = mark;
        nearest = distance;
      }
    }
    return best;
  }

  /** What lies under a pixel: a mark, else a country, else null. */
  hit(camera: Camera, x: number, y: number): Hit | null {
    const mark = this.markAt(x, y);
    if (mark) return hitOf(mark);
    const point = this.world && unproject(camera, x, y);
    const country = point && countryAt(this.world!, point.longitude, point.latitude);
    return country?.code ? { type: 'country', code: country.code } : null;
  }

  /** Moves the focus through the visible marks by size. */
  step(direction: 1 | -1): SceneMark | null {
    const list = this.marks.filter((mark) => mark.visible && !mark.dim).sort((a, b) => b.count - a.count);
    if (list.length === 0) return null;
    const at = list.findIndex((mark) => this.focused !== null && mark.keys.includes(this.focused));
    const next = at < 0 ? (direction > 0 ? 0 : list.length - 1) : (at + direction + list.length) % list.length;
    const mark = list[next]!;
    this.focused = mark.keys[0]!;
    return mark;
  }

  /** True while something moves by itself. */
  isMoving(now: number): boolean {
    return now < this.movingUntil;
  }
}

/** What the page is told about a mark. */
export function hitOf(mark: SceneMark): PlaceHit {
  return { type: 'place', keys: mark.keys, label: mark.label, count: mark.count, x: mark.x, y: mark.y };
}
