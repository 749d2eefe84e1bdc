// Places for the bench and for pictures: some sixty cities around the world, and a generator for thousands.
import type { MapPlace } from '../../src/map';

/** Name, latitude, longitude, connections, new ones. */
const CITIES: [string, number, number, number, number?][] = [
  ['Frankfurt', 50.11, 8.68, 31, 1],
  ['Amsterdam', 52.37, 4.9, 11],
  ['Paris', 48.86, 2.35, 15],
  ['London', 51.51, -0.13, 12],
  ['Dublin', 53.35, -6.26, 4],
  ['Stockholm', 59.33, 18.07, 5],
  ['Helsinki', 60.17, 24.94, 5, 2],
  ['Warsaw', 52.23, 21.01, 2],
  ['Vienna', 48.21, 16.37, 3],
  ['Milan', 45.46, 9.19, 3],
  ['Madrid', 40.42, -3.7, 2],
  ['Lisbon', 38.72, -9.14, 1],
  ['Athens', 37.98, 23.73, 1],
  ['Istanbul', 41.01, 28.98, 2],
  ['Bucharest', 44.43, 26.1, 1],
  ['Kyiv', 50.45, 30.52, 1],
  ['Reykjavík', 64.15, -21.94, 0],
  ['Ashburn', 39.04, -77.49, 17],
  ['New York', 40.71, -74.01, 6],
  ['Montreal', 45.5, -73.57, 4],
  ['Toronto', 43.65, -79.38, 2],
  ['Chicago', 41.88, -87.63, 3],
  ['Dallas', 32.78, -96.8, 2],
  ['Miami', 25.76, -80.19, 4],
  ['Seattle', 47.61, -122.33, 3],
  ['San Jose', 37.34, -121.89, 9],
  ['Los Angeles', 34.05, -118.24, 3],
  ['Mexico City', 19.43, -99.13, 1],
  ['Bogotá', 4.71, -74.07, 1],
  ['Lima', -12.05, -77.04, 1],
  ['Santiago', -33.45, -70.67, 1, 1],
  ['Buenos Aires', -34.6, -58.38, 1],
  ['São Paulo', -23.55, -46.63, 5],
  ['Fortaleza', -3.73, -38.52, 2],
  ['Lagos', 6.52, 3.38, 1],
  ['Accra', 5.6, -0.19, 1],
  ['Nairobi', -1.29, 36.82, 2, 2],
  ['Johannesburg', -26.2, 28.05, 3],
  ['Cape Town', -33.92, 18.42, 1],
  ['Cairo', 30.04, 31.24, 1],
  ['Tel Aviv', 32.08, 34.78, 2],
  ['Dubai', 25.2, 55.27, 3],
  ['Mumbai', 19.08, 72.88, 5],
  ['Chennai', 13.08, 80.27, 2],
  ['Delhi', 28.61, 77.21, 1],
  ['Singapore', 1.35, 103.82, 8],
  ['Kuala Lumpur', 3.14, 101.69, 1],
  ['Jakarta', -6.21, 106.85, 2],
  ['Bangkok', 13.76, 100.5, 1],
  ['Hong Kong', 22.32, 114.17, 3],
  ['Taipei', 25.03, 121.57, 2],
  ['Seoul', 37.57, 126.98, 3],
  ['Tokyo', 35.68, 139.69, 7],
  ['Osaka', 34.69, 135.5, 2],
  ['Sydney', -33.87, 151.21, 4],
  ['Perth', -31.95, 115.86, 1],
  ['Auckland', -36.85, 174.76, 1],
  ['Honolulu', 21.31, -157.86, 1],
  ['Suva', -18.14, 178.44, 1],
  ['Anchorage', 61.22, -149.9, 1],
];

/** The own place in pictures. */
export const HOME = { latitude: 47.37, longitude: 8.54, accuracyKm: 25, label: 'Zürich' };

function place(key: string, label: string, latitude: number, longitude: number, count: number): MapPlace {
  return { key, kind: 'city', latitude, longitude, label, count, fresh: 0, open: count, accuracyKm: 40, dim: false };
}

/** A lively but readable world: cities, one place known by country, anycast operators, one closed place. */
export function pictureScene(): { places: MapPlace[]; countries: Map<string, number> } {
  const places = CITIES.map(([name, latitude, longitude, count, fresh]) => ({
    ...place(name, name, latitude, longitude, Math.max(1, count)),
    fresh: fresh ?? 0,
    open: count,
  }));
  places.push({ ...place('NO', 'Norway', 60.45, 9.78, 3), kind: 'country', accuracyKm: 500 });
  places.push({ ...place('KZ', 'Kazakhstan', 48.2, 67.3, 1), kind: 'country', accuracyKm: 1000 });
  for (const [name, count] of [
    ['Cloudflare', 24],
    ['Google DNS', 6],
    ['Quad9', 2],
  ] as const) {
    places.push({ ...place(name, name, 0, 0, count), kind: 'anycast' });
  }
  const countries = new Map([
    ['US', 53],
    ['DE', 31],
    ['FR', 15],
    ['GB', 12],
    ['NL', 11],
    ['JP', 9],
    ['IN', 8],
    ['SG', 8],
    ['BR', 7],
    ['CA', 6],
    ['SE', 5],
    ['FI', 5],
    ['AU', 5],
    ['ZA', 4],
    ['KE', 2],
    ['CL', 1],
    ['AR', 1],
    ['NO', 3],
  ]);
  return { places, countries };
}

/** A small generator of numbers below 1 that is the same everywhere (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `count` known places gathered around the cities, with `connections` spread over them. */
export function heavyScene(count: number, connections: number): MapPlace[] {
  const random = randomFrom(7);
  const spread = (): number => (random() + random() + random() - 1.5) * 12;
  const places = Array.from({ length: count }, (_, i) => {
    const city = CITIES[Math.floor(random() * CITIES.length)]!;
    const latitude = Math.max(-60, Math.min(75, city[1] + spread()));
    return { ...place(`p${i}`, `Place ${i}`, latitude, city[2] + spread() * 1.5, 0), open: 0 };
  });
  for (let i = 0; i < connections; i++) {
    const chosen = places[Math.floor(random() ** 2 * count)]!;
    chosen.count += 1;
    chosen.open += 1;
  }
  return places;
}
