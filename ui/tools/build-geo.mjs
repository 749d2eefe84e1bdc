// Makes the map's geometry from Natural Earth 1:50m (public domain, by way of the world-atlas package):
// generated/lo.bin for the first picture and generated/hi.bin for zooming in. The same input gives the same bytes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { ALPHA2, TERRITORIES } from './geo/iso.mjs';
import { labelPoint, ringArea } from './geo/label.mjs';
import { pack } from './geo/pack.mjs';
import { simplifyArc } from './geo/simplify.mjs';

/** Square degrees below which a bend is dropped, and below which an island is dropped, per level. */
const LEVELS = {
  lo: { bend: 0.008, island: 0.03 },
  hi: { bend: 0, island: 0 },
};

const here = dirname(fileURLToPath(import.meta.url));
const output = process.argv[2] ?? join(here, '..', 'generated');

/** Undoes TopoJSON's own delta coding: arcs as lists of degrees. */
function readArcs(topology) {
  const { scale, translate } = topology.transform;
  return topology.arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx, dy]) => {
      x += dx;
      y += dy;
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
    });
  });
}

/** A ring as unwrapped degrees (longitude runs on across 180), without the repeated last point. */
function readRing(arcs, references) {
  const ring = [];
  for (const reference of references) {
    const arc = reference < 0 ? [...arcs[~reference]].reverse() : arcs[reference];
    for (const [x, y] of arc.slice(ring.length > 0 ? 1 : 0)) {
      const before = ring.length > 0 ? ring[ring.length - 1][0] : x;
      ring.push([x + 360 * Math.round((before - x) / 360), y]);
    }
  }
  ring.pop();
  return ring;
}

/** The polygons of a geometry as lists of rings of arc references; a ring that is only the pole itself is left out. */
function polygonsOf(geometry, arcs) {
  const list = geometry.type === 'Polygon' ? [geometry.arcs] : (geometry.arcs ?? []);
  const isPole = (references) => readRing(arcs, references).every((p) => p[1] < -89.5);
  return list.map((rings) => rings.filter((ring) => !isPole(ring))).filter((rings) => rings.length > 0);
}

/** One row per outline: alpha-2 code or null, own name or null, label longitude and latitude, area in km². */
function tableRow(geometry, polygons, arcs) {
  const name = geometry.properties.name;
  const { code, name: ownName } = TERRITORIES.get(name) ?? { code: ALPHA2.get(geometry.id) ?? null, name: null };
  if (code === null && ownName === null) throw new Error(`no ISO code and no name for the outline "${name}"`);
  const parts = polygons.map((rings) => rings.map((ring) => readRing(arcs, ring)));
  const areas = parts.map((rings) => ringArea(rings[0]));
  const largest = parts[areas.indexOf(Math.max(...areas))];
  const [x, y] = name === 'Antarctica' ? [20, -80] : labelPoint(largest);
  const area = areas.reduce((sum, value) => sum + value, 0) * (40_030 / 360) ** 2;
  const wrapped = x - 360 * Math.round(x / 360);
  return [code, ownName, Number(wrapped.toFixed(2)), Number(y.toFixed(2)), Math.round(area)];
}

/** Drops small islands (never a country's largest part) and arcs that nobody uses any more; renumbers the rest. */
function level(arcs, uses, countries, { bend, island }) {
  const kept = countries.map((polygons) => {
    const areas = polygons.map((rings) => ringArea(readRing(arcs, rings[0])));
    const most = Math.max(...areas);
    return polygons.filter((_, i) => areas[i] >= island || areas[i] === most);
  });
  const number = new Map();
  const used = [];
  const renumber = (reference) => {
    const index = reference < 0 ? ~reference : reference;
    if (!number.has(index)) {
      number.set(index, used.length);
      const closed = String(arcs[index][0]) === String(arcs[index].at(-1));
      const points = bend > 0 ? simplifyArc(arcs[index], bend, closed ? 4 : 2) : arcs[index];
      used.push({ points, border: uses[index] > 1 });
    }
    return reference < 0 ? ~number.get(index) : number.get(index);
  };
  return { rings: kept.map((list) => list.map((rings) => rings.map((ring) => ring.map(renumber)))), used };
}

const require = createRequire(import.meta.url);
const topology = JSON.parse(readFileSync(require.resolve('world-atlas/countries-50m.json'), 'utf8'));
const geometries = topology.objects.countries.geometries;
const arcs = readArcs(topology);
const countries = geometries.map((geometry) => polygonsOf(geometry, arcs));
const uses = new Uint8Array(arcs.length);
for (const reference of countries.flat(3)) uses[reference < 0 ? ~reference : reference] += 1;
const table = geometries.map((geometry, i) => tableRow(geometry, countries[i], arcs));

mkdirSync(output, { recursive: true });
for (const [name, settings] of Object.entries(LEVELS)) {
  const { rings, used } = level(arcs, uses, countries, settings);
  const bytes = pack(used, rings, table);
  writeFileSync(join(output, `${name}.bin`), bytes);
  const points = used.reduce((sum, arc) => sum + arc.points.length, 0);
  const small = brotliCompressSync(bytes).length;
  console.log(`${name}.bin: ${points} points, ${bytes.length} bytes, ${small} with brotli`);
}
