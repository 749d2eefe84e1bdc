// The bench's page: makes a map as the address says and hands it to the script that drives the browser.
import { createWorldMap, type Projection, type RendererKind, type ThemeName, type WorldMap } from '../../src/map';
import { heavyScene, HOME, pictureScene } from './cities';

declare global {
  interface Window {
    bench: {
      map: WorldMap;
      /** Milliseconds from navigation to the first frame with marks, and with land. */
      marksMs: number;
      landMs: number;
      violations: string[];
      addPlace(): void;
      removePlace(): void;
      pan(steps: number): Promise<number[]>;
    };
  }
}

const violations: string[] = [];
document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));

const query = new URLSearchParams(location.search);
const value = <T extends string>(name: string, fallback: T): T => (query.get(name) ?? fallback) as T;
const host = document.querySelector<HTMLElement>('#map')!;
const inset = query.has('panels') ? { left: 270, right: 328, top: 66, bottom: 112 } : undefined;

const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

const map = await createWorldMap(host, {
  renderer: value<RendererKind | 'auto'>('renderer', 'auto'),
  theme: value<ThemeName>('theme', 'dark'),
  projection: value<Projection>('projection', 'flat'),
  reducedMotion: !query.has('motion'),
  insets: inset,
  language: 'en',
});
const scene = query.has('heavy') ? { places: heavyScene(20_000, 5_000), countries: new Map() } : pictureScene();
if (!query.has('homeless')) map.setOwnPlace(HOME);
map.setPlaces(scene.places);
map.setCountryCounts(scene.countries);

window.bench = {
  map,
  marksMs: 0,
  landMs: 0,
  violations,
  addPlace() {
    scene.places.push({
      key: 'new',
      kind: 'city',
      latitude: -18.9,
      longitude: 47.5,
      label: 'Antananarivo',
      count: 1,
      fresh: 1,
      open: 1,
      accuracyKm: 50,
      dim: false,
    });
    map.setPlaces([...scene.places]);
  },
  removePlace() {
    scene.places = scene.places.filter((place) => place.key !== 'new');
    map.setPlaces([...scene.places]);
  },
  /** Pans to and fro and tells the script time of every frame. */
  async pan(steps) {
    const times: number[] = [];
    for (let i = 0; i < steps; i++) {
      map.panBy(Math.floor(i / 30) % 2 === 0 ? 4 : -4, i % 2);
      await nextFrame();
      await nextFrame();
      times.push(map.stats().lastScriptMs);
    }
    return times;
  },
};
while (map.stats().drawnMarkers === 0) await nextFrame();
await nextFrame();
window.bench.marksMs = performance.now();
while (!map.stats().land) await new Promise((resolve) => setTimeout(resolve, 5));
await nextFrame();
await nextFrame();
window.bench.landMs = performance.now();
document.body.dataset.ready = 'yes';
