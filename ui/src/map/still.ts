// A still picture of the flat map as SVG: for what is read and not moved. Loaded only with the views that show it, and
// drawn by itself, so that the map need not share its outlines' code.
import { loadWorld } from './assets';
import type { Polygon, World } from './geometry';
import { FLAT_HALF_HEIGHT, FLAT_HALF_WIDTH, flatWidth, flatY, RADIANS } from './projection';

/** Units of the picture per radius of the sphere. */
const SCALE = 100;
/** The meridian in the middle: the edge then lies between Asia and America, and cuts no country. */
const MIDDLE = 11 * RADIANS;
const WEST = MIDDLE - Math.PI;
const TURN = 2 * Math.PI;

/** The whole world, and where its countries are written. */
export interface StillWorld {
  readonly viewBox: string;
  /** The land of all countries, to be filled by the even-odd rule; Antarctica is none. */
  readonly land: string;
  /** Where the name of a country is written, by ISO 3166 alpha-2 code; undefined for one that is not drawn. */
  readonly places: ReadonlyMap<string, { x: number; y: number }>;
}

/** Radians on the picture. */
function onPicture(longitude: number, latitude: number): { x: number; y: number } {
  const inside = Math.max(WEST, Math.min(WEST + TURN, longitude));
  return { x: (inside - MIDDLE) * flatWidth(latitude) * SCALE, y: -flatY(latitude) * SCALE };
}

/** A tenth of a unit is exact enough. */
const written = (value: number) => String(Math.round(value * 10) / 10);

function pathOf({ rings, minimumLongitude }: Polygon): string {
  const shift = minimumLongitude < WEST ? TURN : 0;
  let path = '';
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      const { x, y } = onPicture(ring[i]! + shift, ring[i + 1]!);
      path += `${i === 0 ? 'M' : 'L'}${written(x)} ${written(y)}`;
    }
    path += 'Z';
  }
  return path;
}

/** Draws the world once. */
export function drawStill(world: World): StillWorld {
  const countries = world.countries.filter(({ code }) => code !== 'AQ');
  const land = countries.flatMap(({ polygons }) => polygons.map(pathOf)).join('');
  const places = new Map<string, { x: number; y: number }>();
  for (const { code, longitude, latitude } of countries) {
    if (code) places.set(code, onPicture(longitude * RADIANS, latitude * RADIANS));
  }
  const [width, height] = [FLAT_HALF_WIDTH * SCALE, FLAT_HALF_HEIGHT * SCALE];
  return { viewBox: `${-width} ${-height} ${2 * width} ${1.84 * height}`, land, places };
}

let drawn: Promise<StillWorld> | null = null;

/** The world as it is drawn for all; fetched and drawn once. */
export const stillWorld = (): Promise<StillWorld> => (drawn ??= loadWorld('lo').then(drawStill));
