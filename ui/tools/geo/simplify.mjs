// Line simplification after Visvalingam and Whyatt: the point whose triangle with its neighbours is smallest goes
// first. Works on shared arcs, so that neighbours keep one common border. End points always stay.

/** Area of a triangle in square degrees, the longitude shrunk by the cosine of the latitude. */
function triangleArea(a, b, c) {
  const k = Math.cos((b[1] * Math.PI) / 180);
  return Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) * 0.5 * k;
}

/** A binary min-heap of `[weight, index]`; stale entries are left in and skipped by the caller. */
class Heap {
  items = [];

  push(entry) {
    const heap = this.items;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent][0] <= entry[0]) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = entry;
  }

  pop() {
    const heap = this.items;
    const top = heap[0];
    const last = heap.pop();
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1][0] < heap[child][0]) child += 1;
      if (heap[child][0] >= last[0]) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

/** Removes points whose effective area is below `tolerance` (square degrees), keeping at least `minimum` points. */
export function simplifyArc(points, tolerance, minimum) {
  const n = points.length;
  if (n <= minimum) return points;
  const previous = Int32Array.from({ length: n }, (_, i) => i - 1);
  const next = Int32Array.from({ length: n }, (_, i) => i + 1);
  const weight = new Float64Array(n).fill(Infinity);
  const gone = new Uint8Array(n);
  const heap = new Heap();
  const weigh = (i) => triangleArea(points[previous[i]], points[i], points[next[i]]);
  for (let i = 1; i < n - 1; i++) {
    weight[i] = weigh(i);
    heap.push([weight[i], i]);
  }
  let left = n;
  while (heap.items.length > 0 && left > minimum) {
    const [w, i] = heap.pop();
    if (gone[i] || w !== weight[i]) continue;
    if (w >= tolerance) break;
    gone[i] = 1;
    left -= 1;
    next[previous[i]] = next[i];
    previous[next[i]] = previous[i];
    for (const j of [previous[i], next[i]]) {
      if (j <= 0 || j >= n - 1) continue;
      weight[j] = Math.max(w, weigh(j)); // effective areas never fall, or detail would vanish out of order
      heap.push([weight[j], j]);
    }
  }
  return points.filter((_, i) => !gone[i]);
}
