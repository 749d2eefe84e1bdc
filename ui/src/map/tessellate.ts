// Turns outlines into triangles and line strips for the graphics processor. Polygons are cut along a 5-degree grid
// first, so that flat triangles follow the sphere; pieces are gathered in 20-degree cells, which are skipped when out
// of sight and placed on the right side of the map's cut one by one.
import earcut from 'earcut';
import { bridgeHoles, clipRing, isSeam, type Ring, type World } from './geometry';
import { flatWidth, flatY, RADIANS } from './projection';

const GRID = 5 * RADIANS;
const CELL_DEGREES = 20;
const COLUMNS = 360 / CELL_DEGREES;
const ROWS = 180 / CELL_DEGREES;

/** Floats per vertex: longitude, Equal Earth width and y, unit vector. */
export const VERTEX_FLOATS = 6;

/** A range of indices: first and count. */
export type IndexRange = readonly [first: number, count: number];

/** What one cell draws; centre in degrees. */
export interface Cell {
  longitude: number;
  latitude: number;
  triangles: IndexRange;
  coast: IndexRange;
  border: IndexRange;
}

/** Buffers ready for upload. Strips are separated by 0xFFFFFFFF. */
export interface Mesh {
  cells: Cell[];
  cellDegrees: number;
  vertices: Float32Array;
  /** Country number per vertex. */
  owner: Uint8Array;
  triangles: Uint32Array;
  lineVertices: Float32Array;
  lines: Uint32Array;
}

interface CellParts {
  vertices: number[];
  owner: number[];
  triangles: number[];
  strips: { coast: number[][]; border: number[][] };
}

/** Number of the cell that holds a point in radians. */
function cellOf(longitude: number, latitude: number): number {
  const turn = longitude / (2 * Math.PI) + 0.5;
  const column = Math.min(COLUMNS - 1, Math.floor((turn - Math.floor(turn)) * COLUMNS));
  const row = Math.max(0, Math.min(ROWS - 1, Math.floor((latitude / Math.PI + 0.5) * ROWS)));
  return row * COLUMNS + column;
}

/** Longitude of a cell's centre, radians. */
function cellLongitude(cell: number): number {
  return (((cell % COLUMNS) + 0.5) / COLUMNS - 0.5) * 2 * Math.PI;
}

/** Adds a vertex; longitude must already be near the cell. */
function pushVertex(out: number[], longitude: number, latitude: number): void {
  const c = Math.cos(latitude);
  out.push(longitude, flatWidth(latitude), flatY(latitude));
  out.push(c * Math.cos(longitude), c * Math.sin(longitude), Math.sin(latitude));
}

/** Cuts a ring into pieces of the grid by halving and hands each to `emit`. */
function cutToGrid(ring: Ring, axis: 0 | 1, low: number, high: number, emit: (piece: Ring) => void): void {
  if (ring.length < 6) return;
  if (high - low <= 1) {
    if (axis === 0) cutRows(ring, emit);
    else emit(ring);
    return;
  }
  const middle = Math.floor((low + high) / 2);
  cutToGrid(clipRing(ring, axis, middle * GRID, false), axis, low, middle, emit);
  cutToGrid(clipRing(ring, axis, middle * GRID, true), axis, middle, high, emit);
}

function gridRange(ring: Ring, axis: 0 | 1): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = axis; i < ring.length; i += 2) {
    low = Math.min(low, ring[i]!);
    high = Math.max(high, ring[i]!);
  }
  return [Math.floor(low / GRID), Math.ceil(high / GRID)];
}

function cutRows(ring: Ring, emit: (piece: Ring) => void): void {
  const [low, high] = gridRange(ring, 1);
  cutToGrid(ring, 1, low, high, emit);
}

/** Triangulates one piece into its cell. */
function addPiece(cells: CellParts[], piece: Ring, country: number): void {
  const [column] = gridMiddle(piece, 0);
  const [row] = gridMiddle(piece, 1);
  const cell = cellOf(column, row);
  const parts = cells[cell]!;
  const reference = cellLongitude(cell);
  const shift = 2 * Math.PI * Math.round((column - reference) / (2 * Math.PI));
  const base = parts.owner.length;
  for (let i = 0; i < piece.length; i += 2) {
    pushVertex(parts.vertices, piece[i]! - shift, piece[i + 1]!);
    parts.owner.push(country);
  }
  for (const index of earcut(piece)) parts.triangles.push(base + index);
}

function gridMiddle(piece: Ring, axis: 0 | 1): [number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = axis; i < piece.length; i += 2) {
    low = Math.min(low, piece[i]!);
    high = Math.max(high, piece[i]!);
  }
  return [(low + high) / 2];
}

/** Cuts an arc into strips, one per cell it passes. */
function addArc(cells: CellParts[], points: Float64Array, kind: 'coast' | 'border'): void {
  let current = -1;
  let strip: number[] = [];
  for (let i = 2; i < points.length; i += 2) {
    const [x0, y0, x1, y1] = [points[i - 2]!, points[i - 1]!, points[i]!, points[i + 1]!];
    if (isSeam(x0, y0, x1, y1)) {
      current = -1;
      continue;
    }
    const cell = cellOf((x0 + x1) / 2, (y0 + y1) / 2);
    const reference = cellLongitude(cell);
    const shift = 2 * Math.PI * Math.round(((x0 + x1) / 2 - reference) / (2 * Math.PI));
    if (cell !== current) {
      current = cell;
      strip = [];
      cells[cell]!.strips[kind].push(strip);
      pushVertex(strip, x0 - shift, y0);
    }
    pushVertex(strip, x1 - shift, y1);
  }
}

/** Puts the cells one behind the other into common buffers. */
function assemble(cells: CellParts[]): Mesh {
  const total = (measure: (parts: CellParts) => number) => cells.reduce((sum, c) => sum + measure(c), 0);
  const strips = (c: CellParts) => [...c.strips.coast, ...c.strips.border];
  const linePoints = total((c) => strips(c).reduce((sum, s) => sum + s.length / VERTEX_FLOATS, 0));
  const mesh: Mesh = {
    cells: [],
    cellDegrees: CELL_DEGREES,
    vertices: new Float32Array(total((c) => c.vertices.length)),
    owner: new Uint8Array(total((c) => c.owner.length)),
    triangles: new Uint32Array(total((c) => c.triangles.length)),
    lineVertices: new Float32Array(linePoints * VERTEX_FLOATS),
    lines: new Uint32Array(linePoints + total((c) => strips(c).length)),
  };
  let [vertex, triangle, linePoint, lineIndex] = [0, 0, 0, 0];
  const addStrips = (list: number[][]): IndexRange => {
    const first = lineIndex;
    for (const strip of list) {
      mesh.lineVertices.set(strip, linePoint * VERTEX_FLOATS);
      for (let i = strip.length / VERTEX_FLOATS; i > 0; i--) mesh.lines[lineIndex++] = linePoint++;
      mesh.lines[lineIndex++] = 0xffffffff;
    }
    return [first, lineIndex - first];
  };
  const used = cells.flatMap((parts, number) =>
    parts.triangles.length > 0 || strips(parts).length > 0 ? [{ parts, number }] : [],
  );
  // All triangles, then all coasts, then all borders: neighbouring cells can share a draw call.
  const coasts = used.map(({ parts }) => addStrips(parts.strips.coast));
  const borders = used.map(({ parts }) => addStrips(parts.strips.border));
  used.forEach(({ parts, number }, i) => {
    mesh.vertices.set(parts.vertices, vertex * VERTEX_FLOATS);
    mesh.owner.set(parts.owner, vertex);
    for (let k = 0; k < parts.triangles.length; k++) mesh.triangles[triangle + k] = vertex + parts.triangles[k]!;
    mesh.cells.push({
      longitude: cellLongitude(number) / RADIANS,
      latitude: (Math.floor(number / COLUMNS) + 0.5) * CELL_DEGREES - 90,
      triangles: [triangle, parts.triangles.length],
      coast: coasts[i]!,
      border: borders[i]!,
    });
    vertex += parts.owner.length;
    triangle += parts.triangles.length;
  });
  return mesh;
}

/**
 * The mesh of a world in steps: each `next()` treats one country, the last returns the mesh. Lets the fine outlines be
 * prepared between frames.
 */
export function* tessellateInSteps(world: World): Generator<void, Mesh> {
  const cells: CellParts[] = Array.from({ length: COLUMNS * ROWS }, () => ({
    vertices: [],
    owner: [],
    triangles: [],
    strips: { coast: [], border: [] },
  }));
  for (const [number, country] of world.countries.entries()) {
    for (const polygon of country.polygons) {
      const ring = bridgeHoles(polygon.rings);
      const [low, high] = gridRange(ring, 0);
      cutToGrid(ring, 0, low, high, (piece) => addPiece(cells, piece, number));
    }
    yield;
  }
  for (const arc of world.arcs) addArc(cells, arc.points, arc.border ? 'border' : 'coast');
  yield;
  return assemble(cells);
}

/** The whole mesh at once. */
export function tessellate(world: World): Mesh {
  const steps = tessellateInSteps(world);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
