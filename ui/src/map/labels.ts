// Decides which names are written where: greedy, most important first, nothing over anything else. Pure; measuring and
// painting are the overlay's.
import type { Country } from './geometry';
import type { SceneMark } from './marks';
import { project, type Camera } from './projection';
import type { Insets } from './types';

/** Height of a line of text, CSS pixels. */
const LINE = 14;

/** Country labels at most at once. */
const COUNTRIES_AT_MOST = 70;

/** A name beside a mark; offsets are from the mark's centre to the left end of the text's middle line. */
export interface PlaceLabel {
  mark: SceneMark;
  dx: number;
  dy: number;
  text: string;
  textWidth: number;
  number: string;
  /** End of the line that leads from the mark to a text further off. */
  leader: readonly [number, number] | null;
}

/** A country's name, centred on its point. */
export interface CountryLabel {
  country: Country;
  text: string;
}

/** The result of a layout. */
export interface Labels {
  places: PlaceLabel[];
  countries: CountryLabel[];
}

/** Occupied rectangles, found through a coarse grid. */
export class Boxes {
  private readonly cells = new Map<number, number[]>();
  private readonly boxes: number[] = [];
  private static readonly CELL = 64;

  add(x0: number, y0: number, x1: number, y1: number): void {
    const { CELL } = Boxes;
    const at = this.boxes.push(x0, y0, x1, y1) - 4;
    for (let j = Math.floor(y0 / CELL); j <= Math.floor(y1 / CELL); j++) {
      for (let i = Math.floor(x0 / CELL); i <= Math.floor(x1 / CELL); i++) {
        const list = this.cells.get(j * 4096 + i);
        if (list) list.push(at);
        else this.cells.set(j * 4096 + i, [at]);
      }
    }
  }

  isFree(x0: number, y0: number, x1: number, y1: number): boolean {
    const { boxes } = this;
    const { CELL } = Boxes;
    for (let j = Math.floor(y0 / CELL); j <= Math.floor(y1 / CELL); j++) {
      for (let i = Math.floor(x0 / CELL); i <= Math.floor(x1 / CELL); i++) {
        for (const at of this.cells.get(j * 4096 + i) ?? NONE) {
          if (x0 < boxes[at + 2]! && x1 > boxes[at]! && y0 < boxes[at + 3]! && y1 > boxes[at + 1]!) return false;
        }
      }
    }
    return true;
  }
}

const NONE: readonly number[] = [];

/** What a layout needs to know. */
export interface LabelInput {
  marks: readonly SceneMark[];
  countries: readonly Country[];
  camera: Camera;
  insets: Insets;
  zoom: number;
  /** Whether marks without a place stand in a row, which is nothing without their names. */
  inRow: boolean;
  /** Rectangles already taken: own place, ring labels; they are extended. */
  boxes: Boxes;
  countryName: (country: Country) => string;
  measure: (text: string, style: 'place' | 'number' | 'country') => number;
}

/** Lays out the names of places, then of countries in what room is left. */
export function layoutLabels(input: LabelInput): Labels {
  for (const mark of input.marks) {
    if (!mark.visible) continue;
    const r = mark.radius + 1;
    input.boxes.add(mark.x - r, mark.y - r, mark.x + r, mark.y + r);
  }
  const places = layoutPlaces(input);
  return { places, countries: layoutCountries(input) };
}

function importance(mark: SceneMark, inRow: boolean): number {
  const first = mark.picked ? 1e9 : inRow && mark.kind === 'anycast' ? 1e6 : 0;
  return first + mark.count * (mark.state === 'fresh' ? 12 : 1) * (mark.kind === 'anycast' ? 0.6 : 1);
}

function layoutPlaces(input: LabelInput): PlaceLabel[] {
  const { marks, boxes, zoom } = input;
  const list = marks.filter((mark) => mark.visible && !mark.dim && mark.facing > -0.9);
  list.sort((a, b) => importance(b, input.inRow) - importance(a, input.inRow));
  const most = zoom > 1 ? 70 : 34;
  // The largest few may be written further off with a leader line; for all of them that would be a thicket.
  const large = list.map((mark) => mark.count).sort((a, b) => b - a)[4] ?? 0;
  const labels: PlaceLabel[] = [];
  for (const mark of list) {
    if (labels.length >= most) break;
    const number = String(mark.count);
    const textWidth = input.measure(mark.label, 'place');
    const width = textWidth + 6 + input.measure(number, 'number');
    const spot = findSpot(input, mark, width, mark.count >= large || mark.picked || mark.state === 'fresh');
    if (!spot) continue;
    const [dx, dy] = spot.offset;
    boxes.add(mark.x + dx - 3, mark.y + dy - LINE / 2, mark.x + dx + width + 3, mark.y + dy + LINE / 2);
    labels.push({ mark, dx, dy, text: mark.label, textWidth, number, leader: spot.leader });
  }
  return labels;
}

interface Spot {
  offset: [number, number];
  leader: [number, number] | null;
}

/** Directions of leader lines, tried in this order. */
const LEADERS: readonly (readonly [number, number])[] = [
  [0.87, -0.5],
  [-0.87, -0.5],
  [0.5, -0.87],
  [-0.5, -0.87],
  [0.87, 0.5],
  [-0.87, 0.5],
  [0, 1],
];

function findSpot(input: LabelInput, mark: SceneMark, width: number, mayLead: boolean): Spot | null {
  // Clear of the rings that say "new" and "selected".
  const r = mark.radius + (mark.picked ? 5 : mark.freshShare > 0 ? 3 : 0);
  const near: [number, number][] = [
    [r + 5, 0],
    [-(r + 5) - width, 0],
    [-width / 2, -r - 9],
    [-width / 2, r + 9],
    [r * 0.7 + 4, -r * 0.7 - 7],
    [r * 0.7 + 4, r * 0.7 + 7],
    [-width - r * 0.7 - 4, r * 0.7 + 7],
    [-width - r * 0.7 - 4, -r * 0.7 - 7],
  ];
  for (const offset of near) if (fits(input, mark, offset, width)) return { offset, leader: null };
  if (mayLead) {
    for (const away of [24, 38, 54, 70]) {
      for (const [ux, uy] of LEADERS) {
        const leader: [number, number] = [ux * (r + away), uy * (r + away)];
        const side = ux > 0.1 ? 3 : ux < -0.1 ? -width - 3 : -width / 2;
        const offset: [number, number] = [leader[0] + side, leader[1]];
        if (fits(input, mark, offset, width)) return { offset, leader };
      }
    }
  }
  return mark.picked ? { offset: [r + 9, 0], leader: null } : null;
}

function fits(input: LabelInput, mark: SceneMark, [dx, dy]: readonly [number, number], width: number): boolean {
  const { camera, insets, boxes } = input;
  const x = mark.x + dx;
  const y = mark.y + dy;
  if (x < insets.left + 2 || x + width > camera.width - insets.right - 2) return false;
  if (y < insets.top + 6 || y > camera.height - insets.bottom - 6) return false;
  return boxes.isFree(x - 3, y - LINE / 2, x + width + 3, y + LINE / 2);
}

function layoutCountries(input: LabelInput): CountryLabel[] {
  const { camera, insets, boxes, countries } = input;
  const out = new Float64Array(3);
  const labels: CountryLabel[] = [];
  // A good part of a hundred pixels wide at the least, so that names come in as their countries grow.
  const least = 0.45e6 * (330 / camera.scale) ** 2;
  const facing = camera.distance > 0 ? -0.75 : camera.morph > 0.5 ? 0.25 : -2;
  for (const country of countries) {
    if (labels.length >= COUNTRIES_AT_MOST) break;
    if (country.areaKm2 < least || country.code === 'AQ') continue;
    if (!project(camera, country.longitude, country.latitude, out) || out[2]! < facing) continue;
    const text = input.countryName(country);
    const half = input.measure(text, 'country') / 2;
    const [x, y] = [out[0]!, out[1]!];
    if (x < insets.left - half / 2 || x > camera.width - insets.right + half / 2) continue;
    if (y < 0 || y > camera.height) continue;
    if (!boxes.isFree(x - half - 3, y - 6, x + half + 3, y + 6)) continue;
    boxes.add(x - half - 3, y - 6, x + half + 3, y + 6);
    labels.push({ country, text });
  }
  return labels;
}
