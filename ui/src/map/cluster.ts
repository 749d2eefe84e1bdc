// Groups places that would be drawn over each other. Distance is measured on the sphere, so that the groups do not
// depend on projection, centre or the map's cut and stay the same while the map is moved.
import { toVector, type Vector } from './greatcircle';
import { RADIANS } from './projection';
import type { MapPlace } from './types';

/** Places drawn as one mark; stands where its largest place is. */
export interface Group {
  /** Key of the largest place. */
  key: string;
  lead: MapPlace;
  /** All places, the largest first. */
  members: MapPlace[];
  count: number;
  fresh: number;
  open: number;
  vector: Vector;
  /** True when every member is known only by country. */
  vague: boolean;
}

/** Largest first; equal ones by key, so that the order never depends on the order of arrival. */
export function byCount(a: MapPlace, b: MapPlace): number {
  return b.count - a.count || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/** A grid of cells about `size` radians wide on the sphere that holds the groups made so far. */
class SphereGrid {
  private readonly cells = new Map<number, Group[]>();

  constructor(private readonly size: number) {}

  /** Number of cells around the band of latitude `band`. */
  private around(band: number): number {
    const low = band * this.size - Math.PI / 2;
    const widest = Math.max(Math.cos(low), Math.cos(low + this.size), 0);
    return Math.max(1, Math.floor((2 * Math.PI * widest) / this.size));
  }

  private key(band: number, column: number): number {
    return band * 0x200000 + column;
  }

  add(group: Group, longitude: number, latitude: number): void {
    const band = Math.floor((latitude + Math.PI / 2) / this.size);
    const around = this.around(band);
    const turn = longitude / (2 * Math.PI) + 0.5;
    const key = this.key(band, Math.min(around - 1, Math.floor((turn - Math.floor(turn)) * around)));
    const cell = this.cells.get(key);
    if (cell) cell.push(group);
    else this.cells.set(key, [group]);
  }

  /** The nearest group within `size` radians that `accept`s, or null. */
  nearest(vector: Vector, longitude: number, latitude: number, dim: boolean): Group | null {
    const middle = Math.floor((latitude + Math.PI / 2) / this.size);
    let best: Group | null = null;
    let bestSquare = (2 * Math.sin(this.size / 2)) ** 2;
    const turn = longitude / (2 * Math.PI) + 0.5;
    for (let band = Math.max(0, middle - 1); band <= middle + 1; band++) {
      const around = this.around(band);
      const cosine = Math.cos(Math.min(Math.PI / 2, Math.abs(latitude) + this.size));
      const reach = Math.min(0.5, this.size / (2 * Math.PI * Math.max(cosine, 1e-6)));
      const first = Math.floor((turn - reach) * around);
      const last = Math.min(first + around - 1, Math.floor((turn + reach) * around));
      for (let column = first; column <= last; column++) {
        const cell = this.cells.get(this.key(band, ((column % around) + around) % around));
        if (!cell) continue;
        for (const group of cell) {
          if (group.lead.dim !== dim) continue;
          const square =
            (group.vector[0] - vector[0]) ** 2 +
            (group.vector[1] - vector[1]) ** 2 +
            (group.vector[2] - vector[2]) ** 2;
          if (square < bestSquare) {
            best = group;
            bestSquare = square;
          }
        }
      }
    }
    return best;
  }
}

/**
 * Groups places nearer than `radians` to a larger one. Anycast operators have no place and are left out. Dimmed places
 * never join undimmed ones. The result is ordered by the size of the leads, largest first.
 */
export function groupPlaces(places: readonly MapPlace[], radians: number): Group[] {
  const groups: Group[] = [];
  const grid = new SphereGrid(Math.max(radians, 1e-5));
  for (const place of places.filter((p) => p.kind !== 'anycast').sort(byCount)) {
    const vector = toVector(place.longitude, place.latitude);
    const longitude = place.longitude * RADIANS;
    const latitude = place.latitude * RADIANS;
    const host = grid.nearest(vector, longitude, latitude, place.dim);
    if (host) {
      host.members.push(place);
      host.count += place.count;
      host.fresh += place.fresh;
      host.open += place.open;
      host.vague &&= place.kind === 'country';
      continue;
    }
    const group: Group = {
      key: place.key,
      lead: place,
      members: [place],
      count: place.count,
      fresh: place.fresh,
      open: place.open,
      vector,
      vague: place.kind === 'country',
    };
    groups.push(group);
    grid.add(group, longitude, latitude);
  }
  return groups;
}

/** What is written beside a group: "Frankfurt", or "Frankfurt +2". */
export function groupLabel(group: Group): string {
  return group.members.length > 1 ? `${group.lead.label} +${group.members.length - 1}` : group.lead.label;
}
