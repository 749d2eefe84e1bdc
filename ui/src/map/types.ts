// The seam between the page and the map: plain data in, a small set of verbs, call-backs out.
// Nothing here knows how anything is drawn; both renderers and a possible third engine sit behind it.

/** How the sphere is laid out: the whole world, a globe, or true distance and direction from the own place. */
export type Projection = 'flat' | 'globe' | 'distance';

/** Which of the two renderers draws. */
export type RendererKind = 'webgl2' | 'canvas';

/** Colour set; the colours themselves are in `theme.ts`. */
export type ThemeName = 'dark' | 'light';

/** A point on the Earth in degrees, latitude north positive, longitude east positive. */
export interface GeoPoint {
  latitude: number;
  longitude: number;
}

/** Where this computer is believed to be. `accuracyKm` is the radius of the halo that is drawn around it. */
export interface OwnPlaceMark extends GeoPoint {
  accuracyKm: number;
  label: string | null;
}

/** One place (or one anycast operator) with the connections that go there. */
export interface MapPlace {
  /** Stable identity; the same key in the next call is the same place. */
  key: string;
  /** `country`: only the country is known (hollow ring). `anycast`: no place at all, a diamond without an arc. */
  kind: 'city' | 'country' | 'anycast';
  /** Degrees; not read for `anycast`. */
  latitude: number;
  longitude: number;
  label: string;
  /** Connections shown here. */
  count: number;
  /** How many of them are new. */
  fresh: number;
  /** How many of them are open; 0 draws the place as closed. */
  open: number;
  /** Radius within which the true place lies, kilometres; 0 when nothing is known about it. */
  accuracyKm: number;
  /** Drawn faintly because a filter or a selection elsewhere leaves it out. */
  dim: boolean;
  /** `performance.now()` of the moment it appeared; its arc is drawn on from then. */
  bornAt?: number;
  /** Shortest measured round trip, milliseconds, for the distance view. */
  minimumRttMs?: number | null;
}

/** What lies under a point of the screen. */
export type Hit = PlaceHit | { type: 'country'; code: string };

/** A drawn mark: one place or a group of near ones (`keys`, the largest first). */
export interface PlaceHit {
  type: 'place';
  keys: string[];
  /** As written on the map, "Frankfurt +2". */
  label: string;
  count: number;
  /** Centre of the mark in CSS pixels of the host, for placing a tip. */
  x: number;
  y: number;
}

/** Space on the host covered by panels, CSS pixels. */
export interface Insets {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Where the camera looks: degrees, and zoom as a power of two over "fits". */
export interface ViewState {
  projection: Projection;
  latitude: number;
  longitude: number;
  zoom: number;
}

/** Counters for tests and benches. */
export interface MapStats {
  /** Frames drawn since creation; does not move while nothing changes. */
  frames: number;
  /** Script time of the last frame, milliseconds. */
  lastScriptMs: number;
  drawnArcs: number;
  drawnMarkers: number;
  /** True when the outlines have been loaded. */
  land: boolean;
  /** True when the fine outlines have been loaded too. */
  fine: boolean;
}

/** The map as the page sees it. All coordinates `x`, `y` are CSS pixels from the host's top left corner. */
export interface WorldMap {
  readonly renderer: RendererKind;
  /** Null: unknown; then no arc is drawn. */
  setOwnPlace(place: OwnPlaceMark | null): void;
  setPlaces(places: MapPlace[]): void;
  /** Connections by ISO 3166 alpha-2 code, for the tint of the countries. */
  setCountryCounts(counts: Map<string, number>): void;
  setTheme(theme: ThemeName): void;
  setProjection(projection: Projection): void;
  setReducedMotion(reduced: boolean): void;
  /** Moves the camera so that all places are seen as well as possible. */
  fit(): void;
  flyTo(point: GeoPoint, zoom?: number): void;
  /** Multiplies the scale by `factor` about the centre of the free area. */
  zoomBy(factor: number): void;
  /** Moves the world under the window by pixels. */
  panBy(dx: number, dy: number): void;
  hit(x: number, y: number): Hit | null;
  /** Marks the place (or the group that holds it) as selected; null clears. Does not call `onselect`. */
  select(key: string | null): void;
  /** Moves the keyboard focus to the next (1) or previous (-1) mark by size. */
  step(direction: 1 | -1): Hit | null;
  /** Takes the keyboard focus ring away. */
  blur(): void;
  screenToGeo(x: number, y: number): GeoPoint | null;
  view(): ViewState;
  setInsets(insets: Insets): void;
  /** Reads the host's size again; called by itself through a ResizeObserver too. */
  resize(): void;
  destroy(): void;
  /**
   * Something else came under the pointer, because either of them moved; `x`, `y` are the pointer's place. `own` is true
   * over the own place, which may lie on top of a hit.
   */
  onhover: ((hit: Hit | null, x: number, y: number, own: boolean) => void) | null;
  /** The user clicked: a mark, a country, or nothing (null). */
  onselect: ((hit: Hit | null, x: number, y: number) => void) | null;
  /** The camera moved. */
  onview: ((view: ViewState) => void) | null;
  stats(): MapStats;
}

/** Settings that are known when the map is made. */
export interface WorldMapOptions {
  /** `auto` takes WebGL2 where a graphics processor stands behind it, else Canvas 2D. */
  renderer?: RendererKind | 'auto';
  theme: ThemeName;
  projection: Projection;
  reducedMotion: boolean;
  insets?: Insets;
  /** Language of country names, BCP 47; the browser's own when absent. */
  language?: string;
}
