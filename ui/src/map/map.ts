// The map as one object: two canvases, a camera, a scene, a renderer; draws only when something changed.
import { loadWorld } from './assets';
import { addCanvas, chooseRenderer, makeCanvasRenderer, type ChosenRenderer } from './choose';
import type { World } from './geometry';
import { listen } from './interaction';
import { FINE_FROM, type Frame, type LandRenderer } from './layer';
import { Navigator } from './navigator';
import { Overlay } from './overlay';
import { cameraOf, unproject, type Camera, type View } from './projection';
import { hitOf, Scene } from './scene';
import { countryColour, css, THEMES, type Theme } from './theme';
import type * as Api from './types';

/** The camera counts as moving until it stood still for so long, milliseconds. */
const SETTLE_MS = 140;

/** Finer than two device pixels per CSS pixel is not told apart, but costs. */
const RATIO_MOST = 2;

class MapView implements Api.WorldMap {
  onhover: Api.WorldMap['onhover'] = null;
  onselect: Api.WorldMap['onselect'] = null;
  onview: Api.WorldMap['onview'] = null;
  private land: LandRenderer;
  private landCanvas: HTMLCanvasElement;
  private readonly overlay: Overlay;
  private readonly scene: Scene;
  private readonly navigator: Navigator;
  private readonly view_: View;
  private theme: Theme;
  private motion: boolean;
  private counts = new Map<string, number>();
  private coarse: World | null = null;
  private fine: World | null = null;
  private requested = 0;
  private ratio = 1;
  /** Where the mouse is over the map, and what was last told about it. */
  private pointer: { x: number; y: number } | null = null;
  private hoverKey = '';
  private settleTimer: ReturnType<typeof setTimeout> | undefined;
  private lastView = '';
  /** True once the user or the page moved the camera; until then it keeps fitting the places. */
  private steered = false;
  private readonly counters: Api.MapStats = {
    frames: 0,
    lastScriptMs: 0,
    drawnArcs: 0,
    drawnMarkers: 0,
    land: false,
    fine: false,
  };
  private destroyed = false;
  private fineAsked = false;
  private readonly cleanUp: (() => void)[] = [];

  constructor(
    private readonly host: HTMLElement,
    options: Api.WorldMapOptions,
    chosen: ChosenRenderer,
  ) {
    this.land = chosen.land;
    this.landCanvas = chosen.canvas;
    this.theme = THEMES[options.theme];
    this.motion = !options.reducedMotion;
    this.scene = new Scene(this.motion);
    this.view_ = {
      longitude: 10,
      latitude: 12,
      middle: 10,
      zoom: 0,
      globe: 0,
      distance: 0,
      offsetX: 0,
      offsetY: 0,
      width: Math.max(1, host.clientWidth),
      height: Math.max(1, host.clientHeight),
      insets: { left: 0, right: 0, top: 0, bottom: 0, ...options.insets },
    };
    this.navigator = new Navigator(this.view_, options.projection, this.motion, () => this.request());
    if (getComputedStyle(host).position === 'static') host.style.position = 'relative';
    host.style.overflow = 'hidden';
    const surface = addCanvas(host);
    surface.style.touchAction = 'none';
    surface.style.cursor = 'grab';
    this.overlay = new Overlay(surface, chosen.processorOnly, options.language ?? navigator.language);
    this.paintOcean();
    this.resize();
    this.cleanUp.push(listen(surface, this.verbs(surface)));
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(host);
    this.cleanUp.push(() => observer.disconnect());
  }

  get renderer(): Api.RendererKind {
    return this.land.kind;
  }

  /** Goes on with Canvas 2D after the graphics processor took its context away. */
  async replaceRenderer(): Promise<void> {
    const canvas = addCanvas(this.host);
    const land = await makeCanvasRenderer(canvas, false);
    this.land.destroy();
    this.landCanvas.replaceWith(canvas);
    this.landCanvas = canvas;
    this.land = land;
    if (this.coarse) void this.land.setWorld(this.coarse, false);
    if (this.fine) void this.land.setWorld(this.fine, true);
    this.resize();
    this.paintCountries();
    this.request();
  }

  private verbs(surface: HTMLElement): Parameters<typeof listen>[1] {
    return {
      pan: (dx, dy) => this.panBy(dx, dy),
      zoom: (power, x, y) => {
        this.steered = true;
        this.navigator.zoomAt(power, x, y);
      },
      zoomStep: (power, x, y) => {
        this.steered = true;
        this.navigator.zoomStepAt(power, x, y);
      },
      hover: (x, y) => {
        this.pointer = { x, y };
        const hit = this.hoverAt(x, y);
        surface.style.cursor = hit?.type === 'place' ? 'pointer' : 'grab';
      },
      leave: () => {
        this.pointer = null;
        this.hoverKey = '';
        this.pick('hovered', null);
        this.onhover?.(null, 0, 0, false);
      },
      click: (x, y) => this.onselect?.(this.hit(x, y), x, y),
    };
  }

  /** Finds what is under the pointer and tells it when it is something else than before. */
  private hoverAt(x: number, y: number): Api.Hit | null {
    const hit = this.hit(x, y);
    const own = this.scene.isOwnAt(this.camera(), x, y);
    const what = hit === null ? '' : hit.type === 'place' ? `p${hit.keys[0]}` : `c${hit.code}`;
    const key = own ? `own ${what}` : what;
    if (key !== this.hoverKey || hit?.type === 'country') this.onhover?.(hit, x, y, own);
    this.hoverKey = key;
    this.pick('hovered', hit?.type === 'place' ? hit.keys[0]! : null);
    return hit;
  }

  /** The map came to rest: something else may lie under the pointer that stayed where it was. */
  private settle(): void {
    this.request();
    if (this.pointer) this.hoverAt(this.pointer.x, this.pointer.y);
  }

  /** Sets one of the three ways of being picked out. */
  private pick(way: 'hovered' | 'focused' | 'selected', key: string | null): void {
    if (this.scene[way] === key) return;
    this.scene[way] = key;
    this.scene.rebuildArcs(performance.now());
    this.request();
  }

  setOwnPlace(place: Api.OwnPlaceMark | null): void {
    const before = this.scene.own;
    this.scene.setOwnPlace(place);
    this.request();
    const same = before?.latitude === place?.latitude && before?.longitude === place?.longitude;
    if (same) return;
    if (!this.steered || this.navigator.projection === 'distance') this.fitNow(0);
    this.request();
  }

  setPlaces(places: Api.MapPlace[]): void {
    const first = this.scene.places.length === 0;
    this.scene.setPlaces(places, performance.now());
    if (first && !this.steered) this.fitNow(0);
    this.request();
  }

  setCountryCounts(counts: Map<string, number>): void {
    this.counts = new Map(counts);
    this.paintCountries();
    this.request();
  }

  setTheme(theme: Api.ThemeName): void {
    this.theme = THEMES[theme];
    this.paintOcean();
    this.paintCountries();
    this.request();
  }

  private paintOcean(): void {
    const { oceanCentre, oceanEdge } = this.theme;
    this.host.style.background = `radial-gradient(ellipse at center, ${css(oceanCentre)}, ${css(oceanEdge)} 75%)`;
  }

  private paintCountries(): void {
    if (!this.coarse) return;
    let most = 1;
    for (const count of this.counts.values()) most = Math.max(most, count);
    const colours = this.coarse.countries.map(({ code }) =>
      countryColour(this.theme, (code !== null && this.counts.get(code)) || 0, most),
    );
    this.land.setColours(this.theme, colours);
  }

  setProjection(projection: Api.Projection): void {
    if (projection === this.navigator.projection) return;
    this.steered = false;
    this.navigator.setProjection(projection, this.fitPoints(), this.scene.own);
  }

  setReducedMotion(reduced: boolean): void {
    this.motion = !reduced;
    this.scene.setMotion(this.motion);
    this.navigator.setMotion(this.motion);
    this.request();
  }

  private fitPoints(): Api.GeoPoint[] {
    return this.scene.places.filter((place) => place.kind !== 'anycast' && !place.dim);
  }

  private fitNow(duration: number): void {
    this.navigator.fit(this.fitPoints(), this.scene.own, duration);
  }

  fit(): void {
    this.steered = false;
    this.fitNow(700);
  }

  flyTo(point: Api.GeoPoint, zoom?: number): void {
    this.steered = true;
    this.navigator.flyTo(point, zoom);
  }

  zoomBy(factor: number): void {
    this.steered = true;
    this.navigator.zoomBy(factor);
  }

  panBy(dx: number, dy: number): void {
    this.steered = true;
    this.navigator.panBy(dx, dy);
  }

  private camera(): Camera {
    return cameraOf(this.view_);
  }

  hit(x: number, y: number): Api.Hit | null {
    return this.scene.hit(this.camera(), x, y);
  }

  select(key: string | null): void {
    this.pick('selected', key);
  }

  step(direction: 1 | -1): Api.Hit | null {
    const mark = this.scene.step(direction);
    this.scene.rebuildArcs(performance.now());
    this.request();
    return mark && hitOf(mark);
  }

  blur(): void {
    this.pick('focused', null);
  }

  screenToGeo(x: number, y: number): Api.GeoPoint | null {
    return unproject(this.camera(), x, y);
  }

  view(): Api.ViewState {
    const { latitude, longitude, zoom } = this.view_;
    return { projection: this.navigator.projection, latitude, longitude, zoom };
  }

  setInsets(insets: Api.Insets): void {
    const before = this.view_.insets;
    const same = (['left', 'right', 'top', 'bottom'] as const).every((side) => before[side] === insets[side]);
    if (same) return;
    this.view_.insets = { ...insets };
    // A panel that opens moves the map aside; before the first picture there is nothing to move.
    if (!this.steered) this.fitNow(this.counters.drawnMarkers > 0 ? 300 : 0);
    this.request();
  }

  resize(): void {
    const { host, view_ } = this;
    const [width, height] = [Math.max(1, host.clientWidth), Math.max(1, host.clientHeight)];
    const ratio = Math.min(RATIO_MOST, window.devicePixelRatio || 1);
    this.ratio = ratio;
    view_.width = width;
    view_.height = height;
    for (const part of [this.land, this.overlay]) part.resize(width, height, ratio);
    if (!this.steered) this.fitNow(0);
    this.draw(performance.now());
  }

  stats(): Api.MapStats {
    return { ...this.counters };
  }

  /** Asks for one frame. */
  private request(): void {
    if (this.requested !== 0) return;
    this.requested = requestAnimationFrame((now) => {
      this.requested = 0;
      this.draw(now);
    });
  }

  private draw(now: number): void {
    const start = performance.now();
    const { view_, scene, navigator } = this;
    navigator.advance(now);
    const camera = this.camera();
    const viewKey = `${view_.longitude} ${view_.latitude} ${view_.zoom} ${view_.globe} ${view_.distance} ${view_.offsetX} ${view_.offsetY}`;
    const cameraMoved = viewKey !== this.lastView;
    this.lastView = viewKey;
    const frame: Frame = {
      camera,
      scene,
      theme: this.theme,
      now,
      moving: navigator.flying || cameraMoved,
      motion: this.motion,
    };
    scene.update(camera, view_.zoom, view_.insets, now);
    this.land.draw(frame);
    this.overlay.draw(frame, this.land, view_.insets, view_.zoom);
    this.counters.frames += 1;
    this.counters.drawnArcs = scene.arcs.length;
    this.counters.drawnMarkers = scene.marks.reduce((sum, mark) => sum + (mark.visible ? 1 : 0), 0);
    if (navigator.flying || scene.isMoving(now)) this.request();
    if (!this.fineAsked && this.coarse && camera.scale * this.ratio > FINE_FROM) void this.loadFine();
    if (cameraMoved) {
      clearTimeout(this.settleTimer);
      this.settleTimer = setTimeout(() => this.settle(), SETTLE_MS);
      this.onview?.(this.view());
    }
    this.counters.lastScriptMs = performance.now() - start;
  }

  /** Takes the coarse outlines when they are there. Places are drawn meanwhile. */
  async load(loading: Promise<World>): Promise<void> {
    try {
      this.coarse = await loading;
    } catch (error) {
      console.warn('map: the outlines could not be loaded', error);
      return;
    }
    if (this.destroyed) return;
    this.scene.world = this.coarse;
    await this.land.setWorld(this.coarse, false);
    this.overlay.setCountries(this.coarse.countries);
    this.paintCountries();
    this.counters.land = true;
    this.request();
  }

  /** Loads the fine outlines, once, when the map is first seen near enough to need them. */
  private async loadFine(): Promise<void> {
    this.fineAsked = true;
    try {
      this.fine = await loadWorld('hi');
    } catch (error) {
      console.warn('map: the fine outlines could not be loaded', error);
      return;
    }
    if (this.destroyed) return;
    await this.land.setWorld(this.fine, true);
    this.counters.fine = true;
    this.request();
  }

  destroy(): void {
    this.destroyed = true;
    for (const undo of this.cleanUp) undo();
    cancelAnimationFrame(this.requested);
    clearTimeout(this.settleTimer);
    this.land.destroy();
    this.landCanvas.remove();
    this.overlay.canvas.remove();
  }
}

/**
 * Makes a map inside a host element. The map takes places at once; land appears as soon as its outlines are loaded,
 * and a map without land (the file cannot be loaded) still shows places.
 */
export async function createWorldMap(host: HTMLElement, options: Api.WorldMapOptions): Promise<Api.WorldMap> {
  const loading = loadWorld('lo');
  loading.catch(() => undefined); // told by `load`, which may begin to wait only after it failed
  let map: MapView | null = null;
  const chosen = await chooseRenderer(host, options.renderer ?? 'auto', () => void map?.replaceRenderer());
  map = new MapView(host, options, chosen);
  void map.load(loading);
  return map;
}
