// The canvas on top, the same for both renderers: rings and rim, accuracy circles, marks, the own place, and names in
// the system's fonts.
import { EARTH_RADIUS_KM, shortestRoundTripMs, smallCircle } from './greatcircle';
import type { Frame, LandRenderer } from './layer';
import { Boxes, layoutLabels, type Labels } from './labels';
import { paintMark, paintOrbit, paintOwnPlace, strokeCircleOnEarth } from './paint';
import { project } from './projection';
import { FADE_MS } from './scene';
import { css } from './theme';
import type { Country } from './geometry';
import type { Insets } from './types';

const FAMILY =
  'system-ui, -apple-system, "Segoe UI Variable Text", "Segoe UI", Roboto, "Adwaita Sans", "Noto Sans", Ubuntu, sans-serif';
const FONTS = {
  place: `600 11.5px ${FAMILY}`,
  number: `500 11.5px ${FAMILY}`,
  country: `600 9.5px ${FAMILY}`,
  ring: `500 10.5px ${FAMILY}`,
};
const COUNTRY_SPACING = '1.1px';

/** Rings of the distance view, kilometres. */
const RINGS_KM = [1000, 2500, 5000, 10_000, 15_000];

/** While the camera moves names keep their offsets and are laid out anew this often, milliseconds. */
const LAYOUT_EVERY_MS = 250;

/** Draws everything above land and arcs. */
export class Overlay {
  private readonly context: CanvasRenderingContext2D;
  private readonly widths = new Map<string, number>();
  private readonly names = new Map<Country, string>();
  private readonly numbers: Intl.NumberFormat;
  private readonly regions: Intl.DisplayNames;
  private labels: Labels = { places: [], countries: [] };
  private bySize: Country[] = [];
  private laidOut = { at: -Infinity, key: '' };
  private ratio = 1;

  constructor(
    readonly canvas: HTMLCanvasElement,
    processorOnly: boolean,
    private readonly language: string,
  ) {
    // On a software graphics driver a canvas kept there costs seconds a frame; this keeps it in plain memory.
    const context = canvas.getContext('2d', { willReadFrequently: processorOnly });
    if (!context) throw new Error('no canvas context');
    this.context = context;
    this.numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
    this.regions = new Intl.DisplayNames([language], { type: 'region', fallback: 'code' });
  }

  setCountries(countries: readonly Country[]): void {
    this.bySize = [...countries].sort((a, b) => b.areaKm2 - a.areaKm2);
    this.laidOut.key = '';
  }

  resize(width: number, height: number, ratio: number): void {
    this.ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.laidOut.key = '';
  }

  draw(frame: Frame, renderer: LandRenderer, insets: Insets, zoom: number): void {
    const { context, ratio } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.paintRim(frame);
    renderer.drawArcs?.(context, frame);
    const boxes = new Boxes();
    this.paintRings(frame, boxes);
    this.paintAccuracy(frame);
    this.paintMarks(frame, boxes);
    this.layout(frame, boxes, insets, zoom);
    this.paintCountryNames(frame);
    this.paintPlaceNames(frame, insets);
  }

  /** The globe's limb with a breath of air, or the edge of the distance view. */
  private paintRim({ camera, theme }: Frame): void {
    const { context } = this;
    if (camera.morph <= 0.5) return;
    const strength = (camera.morph - 0.5) * 2;
    const radius = camera.scale * (1 + (Math.PI - 1) * camera.distance);
    if (radius > 4000) return;
    context.beginPath();
    context.arc(camera.centreX, camera.centreY, radius, 0, 2 * Math.PI);
    context.lineWidth = 1;
    context.strokeStyle = css(theme.coast, 0.6 * strength);
    context.stroke();
    if (camera.distance > 0) return;
    const air = context.createRadialGradient(
      camera.centreX,
      camera.centreY,
      radius,
      camera.centreX,
      camera.centreY,
      radius * 1.07,
    );
    air.addColorStop(0, css(theme.known, (theme.dark ? 0.16 : 0.1) * strength));
    air.addColorStop(1, css(theme.known, 0));
    context.fillStyle = air;
    context.beginPath();
    context.arc(camera.centreX, camera.centreY, radius * 1.07, 0, 2 * Math.PI);
    context.arc(camera.centreX, camera.centreY, radius, 0, 2 * Math.PI, true);
    context.fill();
  }

  /** Rings around the own place with their distance and the shortest round trip. */
  private paintRings({ camera, theme, scene }: Frame, boxes: Boxes): void {
    if (camera.distance <= 0.02 || !scene.own) return;
    const { context } = this;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    let last = 0;
    for (const km of RINGS_KM) {
      const radius = (km / EARTH_RADIUS_KM) * camera.scale;
      context.beginPath();
      context.arc(camera.centreX, camera.centreY, radius, 0, 2 * Math.PI);
      context.setLineDash([2, 5]);
      context.lineWidth = 1;
      context.strokeStyle = css(theme.label, 0.55 * camera.distance);
      context.stroke();
      context.setLineDash([]);
      if (camera.distance < 0.98 || radius - last < 30) continue;
      last = radius;
      const text = `${this.numbers.format(km)} km, ${this.numbers.format(shortestRoundTripMs(km))} ms`;
      const y = camera.centreY + radius;
      const half = this.measure(text, 'ring') / 2;
      this.write(text, camera.centreX, y, FONTS.ring, css(theme.label), css(theme.oceanCentre, 0.95), 4);
      boxes.add(camera.centreX - half, y - 7, camera.centreX + half, y + 7);
    }
    context.textAlign = 'start';
  }

  /** The dashed true-radius circle of what is picked out. */
  private paintAccuracy({ camera, theme, scene }: Frame): void {
    const { context } = this;
    for (const mark of scene.active()) {
      if (mark.kind === 'anycast' || mark.accuracyKm <= 0 || !mark.visible) continue;
      strokeCircleOnEarth(context, camera, smallCircle(mark, mark.accuracyKm, 72));
      context.fillStyle = css(theme.text, 0.06);
      context.fill();
      context.setLineDash([3, 3]);
      context.lineWidth = 1;
      context.strokeStyle = css(theme.text, 0.45);
      context.stroke();
      context.setLineDash([]);
    }
  }

  private paintMarks(frame: Frame, boxes: Boxes): void {
    const { context } = this;
    const { scene, camera, theme } = frame;
    const own = scene.ownPixel(camera);
    const anycast = scene.marks.some((mark) => mark.kind === 'anycast');
    if (own && anycast) paintOrbit(context, theme, own, scene.marks);
    for (const arc of scene.arcs) {
      if (!arc.ghost || !project(camera, arc.ghost.longitude, arc.ghost.latitude, this.point)) continue;
      const left = 1 - Math.min(1, (frame.now - arc.died) / FADE_MS);
      [arc.ghost.x, arc.ghost.y] = [this.point[0]!, this.point[1]!];
      paintMark(context, frame, arc.ghost, left);
    }
    // Large first, so that small ones stay visible on top; new ones over all, and what is picked out last.
    const order = (state: string): number => (state === 'closed' ? 0 : state === 'known' ? 1 : 2);
    for (const layer of [0, 1, 2]) {
      for (const mark of scene.marks) {
        if (mark.visible && !mark.picked && order(mark.state) === layer) paintMark(context, frame, mark, 1);
      }
    }
    if (own) {
      paintOwnPlace(context, frame, own);
      boxes.add(own[0] - 12, own[1] - 12, own[0] + 12, own[1] + 12);
    }
    for (const mark of scene.marks) if (mark.visible && mark.picked) paintMark(context, frame, mark, 1);
  }

  private readonly point = new Float64Array(3);

  /** Lays names out again when something changed; while the camera moves only now and then. */
  private layout(frame: Frame, boxes: Boxes, insets: Insets, zoom: number): void {
    const { camera, scene, now } = frame;
    const content = `${scene.marksVersion} ${scene.hovered} ${scene.focused} ${scene.selected}`;
    const place = `${camera.scale} ${camera.centreX} ${camera.centreY} ${camera.longitude} ${camera.latitude}`;
    const key = `${content} ${place} ${camera.morph} ${camera.distance} ${JSON.stringify(insets)}`;
    if (key === this.laidOut.key) return;
    const sameContent = this.laidOut.key.startsWith(`${content} `);
    if (frame.moving && sameContent && now - this.laidOut.at < LAYOUT_EVERY_MS) return;
    this.laidOut = { at: now, key };
    this.labels = layoutLabels({
      marks: scene.marks,
      countries: this.bySize,
      camera,
      insets,
      zoom,
      boxes,
      inRow: scene.own === null,
      countryName: (country) => this.countryName(country),
      measure: (text, style) => this.measure(text, style),
    });
  }

  private countryName(country: Country): string {
    const known = this.names.get(country);
    if (known) return known;
    const name = country.code ? (this.regions.of(country.code) ?? country.code) : country.name!;
    const upper = name.toLocaleUpperCase(this.language);
    this.names.set(country, upper);
    return upper;
  }

  private measure(text: string, style: keyof typeof FONTS): number {
    const key = `${style} ${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      if (this.widths.size > 5000) this.widths.clear();
      this.context.font = FONTS[style];
      width = this.context.measureText(text).width + (style === 'country' ? 1.1 * text.length : 0);
      this.widths.set(key, width);
    }
    return width;
  }

  private write(
    text: string,
    x: number,
    y: number,
    font: string,
    colour: string,
    halo: string,
    haloWidth: number,
  ): void {
    const { context } = this;
    context.font = font;
    context.lineWidth = haloWidth;
    context.strokeStyle = halo;
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  }

  private paintCountryNames({ camera, theme }: Frame): void {
    const { context } = this;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.font = FONTS.country;
    context.letterSpacing = COUNTRY_SPACING;
    context.fillStyle = css(theme.label, theme.dark ? 0.85 : 0.95);
    for (const { country, text } of this.labels.countries) {
      if (!project(camera, country.longitude, country.latitude, this.point)) continue;
      context.fillText(text, this.point[0]!, this.point[1]!);
    }
    context.letterSpacing = '0px';
    context.textAlign = 'start';
  }

  private paintPlaceNames(frame: Frame, insets: Insets): void {
    const { context } = this;
    const { theme, camera } = frame;
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    const halo = css(theme.oceanEdge, 0.85);
    for (const { mark, dx, dy, text, textWidth, number, leader } of this.labels.places) {
      if (!mark.visible) continue;
      const [x, y] = [mark.x + dx, mark.y + dy];
      if (x > camera.width - insets.right || x + textWidth < insets.left) continue;
      if (leader) {
        const length = Math.hypot(leader[0], leader[1]);
        const from = (mark.radius + 2) / length;
        context.beginPath();
        context.moveTo(mark.x + leader[0] * from, mark.y + leader[1] * from);
        context.lineTo(mark.x + leader[0], mark.y + leader[1]);
        context.lineWidth = 1;
        context.strokeStyle = css(theme.textQuiet, 0.55);
        context.stroke();
      }
      const colour = mark.state === 'fresh' ? theme.fresh : mark.state === 'closed' ? theme.textQuiet : theme.text;
      this.write(text, x, y, FONTS.place, css(colour), halo, 3.4);
      this.write(number, x + textWidth + 6, y, FONTS.number, css(theme.textQuiet), halo, 3.4);
    }
  }
}
