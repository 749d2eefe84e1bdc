// Where a country's name is written and where a connection known only by country is drawn: the point inside the
// largest part of the country that lies farthest from its outline (a coarse-to-fine grid search).

/** Signed distance from a point to a polygon's outline, positive inside; plane units. */
function signedDistance(x, y, rings) {
  let inside = false;
  let best = Infinity;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ax, ay] = ring[i];
      const [bx, by] = ring[j];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
      const dx = bx - ax;
      const dy = by - ay;
      const length = dx * dx + dy * dy;
      const t = length > 0 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
      best = Math.min(best, (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2);
    }
  }
  return (inside ? 1 : -1) * Math.sqrt(best);
}

/** Area of a ring on the sphere in square degrees (at the equator), by the equal-area cylinder. */
export function ringArea(ring) {
  const height = (p) => (Math.sin((p[1] * Math.PI) / 180) * 180) / Math.PI;
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    sum += (ring[i][0] - ring[j][0]) * (height(ring[i]) + height(ring[j]));
  }
  return Math.abs(sum) / 2;
}

/** Longitude and latitude of the label point of a polygon given as unwrapped rings. */
export function labelPoint(rings) {
  const ys = rings[0].map((p) => p[1]);
  const k = Math.cos((((Math.min(...ys) + Math.max(...ys)) / 2) * Math.PI) / 180);
  // Names are wider than high: squeezing the plane sideways prefers broad places over tall ones.
  const squeeze = k * 0.6;
  const plane = rings.map((ring) => ring.map(([x, y]) => [x * squeeze, y]));
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of plane[0]) {
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
  }
  let best = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, d: -Infinity };
  let [w, h] = [x1 - x0, y1 - y0];
  for (let round = 0; round < 4; round++) {
    const [cx, cy] = [best.x, best.y];
    for (let i = 0; i <= 16; i++) {
      for (let j = 0; j <= 16; j++) {
        const x = cx + (i / 16 - 0.5) * w;
        const y = cy + (j / 16 - 0.5) * h;
        const d = signedDistance(x, y, plane);
        if (d > best.d) best = { x, y, d };
      }
    }
    w /= 6;
    h /= 6;
  }
  return [best.x / squeeze, best.y];
}
