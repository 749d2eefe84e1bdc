// The binary form of the outlines that src/map/geometry.ts reads: shared arcs in 16-bit steps, written as zigzag
// varints of the differences, then the rings of every country as references to arcs, then the country table.

/** "TMG1", little endian. */
const MAGIC = 0x31474d54;

/** Steps per degree: 16 bits over the circle, 0.0055 degrees or 0.6 km. */
const STEPS = 32767 / 180;

class VarintWriter {
  bytes = [];

  unsigned(value) {
    let rest = value;
    while (rest > 127) {
      this.bytes.push((rest & 127) | 128);
      rest >>>= 7;
    }
    this.bytes.push(rest);
  }

  signed(value) {
    this.unsigned(((value << 1) ^ (value >> 31)) >>> 0);
  }
}

/** A point in whole steps; exactly ±180 stays where it is. */
const quantise = ([x, y]) => [Math.round(x * STEPS), Math.round(y * STEPS)];

/**
 * Packs the world.
 *
 * @param arcs `{ points: [lon, lat][], border: boolean }`
 * @param countries per country a list of polygons, each a list of rings, each a list of arc references (`~i` backwards)
 * @param table what becomes the country table, same order as `countries`
 */
export function pack(arcs, countries, table) {
  const out = new VarintWriter();
  out.unsigned(arcs.length);
  for (const arc of arcs) out.unsigned(arc.points.length * 2 + (arc.border ? 1 : 0));
  let [px, py] = [0, 0];
  for (const arc of arcs) {
    for (const point of arc.points) {
      const [x, y] = quantise(point);
      out.signed(x - px);
      out.signed(y - py);
      [px, py] = [x, y];
    }
  }
  out.unsigned(countries.length);
  let last = 0;
  for (const polygons of countries) {
    out.unsigned(polygons.length);
    for (const rings of polygons) {
      out.unsigned(rings.length);
      for (const references of rings) {
        out.unsigned(references.length);
        for (const reference of references) {
          const index = reference < 0 ? ~reference : reference;
          out.signed(index - last);
          out.unsigned(reference < 0 ? 1 : 0);
          last = index;
        }
      }
    }
  }
  const json = Buffer.from(JSON.stringify(table));
  const head = Buffer.from(Uint32Array.of(MAGIC, out.bytes.length, json.length).buffer);
  return Buffer.concat([head, Buffer.from(out.bytes), json]);
}
