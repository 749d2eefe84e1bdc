// How groups become marks and arcs: size, sign, colour role, width; and where the diamonds of anycast operators stand.
import { byCount, groupLabel, type Group } from './cluster';
import { distanceKm, greatCircle, shortestRoundTripMs, type GreatCircle, type Vector } from './greatcircle';
import type { Camera } from './projection';
import type { Insets, MapPlace, OwnPlaceMark } from './types';

/** Which colour a mark has: something open and known, wholly new, or nothing open any more. */
export type MarkState = 'known' | 'fresh' | 'closed';

/** A mark as drawn; pixels are of the last update. */
export interface SceneMark {
  keys: string[];
  kind: 'city' | 'country' | 'anycast';
  state: MarkState;
  label: string;
  count: number;
  /** Share of new connections, 0 to 1. */
  freshShare: number;
  accuracyKm: number;
  /** Shortest measured round trip of the largest place, milliseconds. */
  minimumRttMs: number | null;
  longitude: number;
  latitude: number;
  vector: Vector;
  /** The way from the own place, made once. */
  circle: GreatCircle | null;
  radius: number;
  /** True when a measured round trip is shorter than light in fibre needs to the place: it cannot be there. */
  contradicted: boolean;
  dim: boolean;
  /** `performance.now()` of the first and of the latest arrival here; -Infinity for long ago. */
  firstBorn: number;
  lastBorn: number;
  x: number;
  y: number;
  /** Cosine of the angle from the view's centre. */
  facing: number;
  visible: boolean;
  /** False while another mark is picked out. */
  strong: boolean;
  /** True while this one is picked out. */
  picked: boolean;
}

/** An arc as drawn. Times are of `performance.now()`, -Infinity for long ago; `died` is Infinity while it lives. */
export interface SceneArc {
  circle: GreatCircle;
  state: MarkState;
  alpha: number;
  width: number;
  born: number;
  died: number;
  strong: boolean;
  /** The mark that fades together with a fading arc. */
  ghost: SceneMark | null;
}

/** At most so many anycast operators get a diamond of their own; the rest share the last one. */
const ANYCAST_AT_MOST = 24;

/** Left free in the row's lower right corner, where the page has its buttons, CSS pixels. */
const ROW_CORNER = 44;

/** Radius of the inner ring of diamonds around the own place, and the way from ring to ring, CSS pixels. */
export const ORBIT_RADIUS = 30;
const ORBIT_STEP = 21;
const ORBIT_SPACING = 21;

function markRadius(count: number): number {
  return Math.min(26, 3 + Math.sqrt(Math.max(0, count)) * 1.5);
}

function stateOf(count: number, fresh: number, open: number): MarkState {
  if (fresh > 0 && fresh >= count) return 'fresh';
  return open > 0 ? 'known' : 'closed';
}

/** The marks of all groups (largest first), then of the anycast operators. `born` tells when a place appeared. */
export function marksOf(
  groups: readonly Group[],
  places: readonly MapPlace[],
  born: (place: MapPlace) => number,
): SceneMark[] {
  const marks = groups.map((group) => {
    const kind = group.vague ? ('country' as const) : ('city' as const);
    const times = group.members.map(born);
    return {
      ...blankMark(group.members, kind, groupLabel(group)),
      state: stateOf(group.count, group.fresh, group.open),
      freshShare: group.count > 0 ? group.fresh / group.count : 0,
      count: group.count,
      accuracyKm: group.lead.accuracyKm,
      minimumRttMs: group.lead.minimumRttMs ?? null,
      longitude: group.lead.longitude,
      latitude: group.lead.latitude,
      vector: group.vector,
      radius: markRadius(group.count),
      dim: group.lead.dim,
      firstBorn: least(times),
      lastBorn: most(times),
    };
  });
  marks.sort((a, b) => b.count - a.count);
  return [...marks, ...anycastMarks(places, born)];
}

function anycastMarks(places: readonly MapPlace[], born: (place: MapPlace) => number): SceneMark[] {
  const list = places.filter((place) => place.kind === 'anycast').sort(byCount);
  const single = list.length > ANYCAST_AT_MOST ? ANYCAST_AT_MOST - 1 : list.length;
  const shares = list.slice(0, single).map((place) => [place]);
  if (list.length > single) shares.push(list.slice(single));
  return shares.map((members) => {
    const sum = (read: (place: MapPlace) => number) => members.reduce((total, place) => total + read(place), 0);
    const count = sum((place) => place.count);
    const fresh = sum((place) => place.fresh);
    const label = members.length > 1 ? `${members.length} more operators` : members[0]!.label;
    return {
      ...blankMark(members, 'anycast', label),
      state: stateOf(
        count,
        fresh,
        sum((place) => place.open),
      ),
      freshShare: count > 0 ? fresh / count : 0,
      count,
      radius: Math.min(9, 4.5 + Math.sqrt(count) * 0.7),
      dim: members.every((place) => place.dim),
      firstBorn: least(members.map(born)),
      lastBorn: most(members.map(born)),
    };
  });
}

function blankMark(members: MapPlace[], kind: SceneMark['kind'], label: string): SceneMark {
  return {
    keys: members.map((place) => place.key),
    kind,
    state: 'known',
    label,
    count: 0,
    freshShare: 0,
    accuracyKm: 0,
    minimumRttMs: null,
    longitude: 0,
    latitude: 0,
    vector: [1, 0, 0],
    circle: null,
    radius: 0,
    contradicted: false,
    dim: false,
    firstBorn: -Infinity,
    lastBorn: -Infinity,
    x: 0,
    y: 0,
    facing: 1,
    visible: false,
    strong: true,
    picked: false,
  };
}

function least(values: number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function most(values: number[]): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}

/**
 * Puts the diamonds on rings around the own place, the first one below right and on clockwise; without an own place in
 * sight in a row at the lower edge of the free area.
 */
export function placeAnycast(marks: SceneMark[], own: [number, number] | null, camera: Camera, insets: Insets): void {
  if (!own) {
    const free = camera.width - insets.left - insets.right - ROW_CORNER;
    const spacing = Math.min(130, free / marks.length);
    const y = camera.height - insets.bottom - 26;
    // Each mark stands at the left of its share, with room for its name on the right.
    const from = insets.left + 14 + (free - marks.length * spacing) / 2;
    marks.forEach((mark, i) => put(mark, from + i * spacing, y));
    return;
  }
  let ring = 0;
  let taken = 0;
  marks.forEach((mark) => {
    const radius = ORBIT_RADIUS + ring * ORBIT_STEP;
    const room = Math.floor((2 * Math.PI * radius) / ORBIT_SPACING);
    const angle = Math.PI * 0.3 + (taken / room) * 2 * Math.PI;
    put(mark, own[0] + radius * Math.cos(angle), own[1] + radius * Math.sin(angle));
    taken += 1;
    if (taken >= room) [ring, taken] = [ring + 1, 0];
  });
}

function put(mark: SceneMark, x: number, y: number): void {
  mark.x = x;
  mark.y = y;
  mark.visible = true;
}

/** Finds the marks that answer sooner than light in fibre could, allowing for how vague both places are. */
export function markContradictions(marks: SceneMark[], own: OwnPlaceMark): void {
  for (const mark of marks) {
    if (mark.kind === 'anycast' || mark.minimumRttMs === null) continue;
    const least = distanceKm(own, mark) - own.accuracyKm - mark.accuracyKm;
    mark.contradicted = mark.minimumRttMs < shortestRoundTripMs(least);
  }
}

/** The arc from the own place to a mark; null where none is drawn. */
export function arcOf(mark: SceneMark, own: Vector): SceneArc | null {
  if (mark.kind === 'anycast') return null;
  const thin = mark.state === 'closed' ? 0.9 : Math.min(2.6, 0.9 + Math.log2(mark.count + 1) * 0.33);
  return {
    circle: (mark.circle ??= greatCircle(own, mark.vector)),
    state: mark.state,
    alpha: mark.dim ? 0.1 : mark.picked ? 1 : mark.state === 'fresh' ? 0.95 : mark.state === 'closed' ? 0.45 : 0.62,
    width: mark.picked ? 2.6 : thin,
    born: mark.firstBorn,
    died: Infinity,
    strong: mark.strong,
    ghost: null,
  };
}

/** The fading arc of a mark that is gone. */
export function ghostOf(mark: SceneMark, own: Vector | null, now: number): SceneArc | null {
  const arc = own && arcOf(mark, own);
  return arc && { ...arc, died: now, strong: true, ghost: mark };
}
