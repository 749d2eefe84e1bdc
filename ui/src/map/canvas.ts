// Land and arcs by Canvas 2D, the twin of webgl.ts for computers without a usable graphics processor. Outlines are
// projected once and then moved and scaled by a transform for as long as the projection allows.
import { ArcPainter } from './canvasarcs';
import type { World } from './geometry';
import { FINE_FROM, type Frame, type LandRenderer } from './layer';
import { addArc, addPolygon, projectorOf } from './outline';
import { planeShift, type Camera } from './projection';
import { css, THEMES, type Colour, type Theme } from './theme';

/** The outlines as paths for one projection. */
interface Paths {
  key: string;
  countries: (Path2D | null)[];
  coast: Path2D;
  border: Path2D;
}

/** The Canvas 2D renderer. */
export class CanvasRenderer implements LandRenderer {
  readonly kind = 'canvas';
  private readonly context: CanvasRenderingContext2D;
  private readonly arcs = new ArcPainter();
  private coarse: World | null = null;
  private fine: World | null = null;
  private paths: Paths | null = null;
  private theme: Theme = THEMES.dark;
  private colours: readonly Colour[] = [];
  private coloursVersion = 0;
  private ratio = 1;
  private drawnKey = '';

  constructor(
    private readonly canvas: HTMLCanvasElement,
    processorOnly: boolean,
  ) {
    const context = canvas.getContext('2d', { willReadFrequently: processorOnly });
    if (!context) throw new Error('no canvas context');
    this.context = context;
  }

  setWorld(world: World, fine: boolean): Promise<void> {
    if (fine) this.fine = world;
    else this.coarse = world;
    return Promise.resolve();
  }

  setColours(theme: Theme, countries: readonly Colour[]): void {
    this.theme = theme;
    this.colours = countries;
    this.coloursVersion += 1;
  }

  resize(width: number, height: number, ratio: number): void {
    this.ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.drawnKey = '';
  }

  draw(frame: Frame): void {
    const { camera } = frame;
    const fine = this.fine && !frame.moving && camera.scale * this.ratio > FINE_FROM;
    const world = fine ? this.fine : this.coarse;
    const shape = `${fine ? 'fine' : 'coarse'} ${projectionKey(camera)}`;
    const [x, y] = planeShift(camera);
    const key = `${shape} ${camera.scale} ${x} ${y} ${this.coloursVersion} ${world ? 1 : 0}`;
    if (key === this.drawnKey) return;
    this.drawnKey = key;
    if (world && this.paths?.key !== shape) this.paths = this.build(world, camera, shape);
    this.paint(camera, x, y);
  }

  private build(world: World, camera: Camera, key: string): Paths {
    const projector = projectorOf(camera);
    const countries = world.countries.map((country) => {
      const path = new Path2D();
      for (const polygon of country.polygons) addPolygon(path, projector, polygon);
      return path;
    });
    const coast = new Path2D();
    const border = new Path2D();
    for (const arc of world.arcs) addArc(arc.border ? border : coast, projector, arc);
    return { key, countries, coast, border };
  }

  private paint(camera: Camera, x: number, y: number): void {
    const { context, ratio, theme, paths } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const scale = camera.scale * ratio;
    context.setTransform(scale, 0, 0, scale, x * ratio, y * ratio);
    if (camera.morph > 0.4) this.paintSphere(camera);
    if (!paths) return;
    paths.countries.forEach((path, i) => {
      if (!path) return;
      context.fillStyle = css(this.colours[i] ?? theme.land);
      context.fill(path, 'evenodd');
    });
    context.lineWidth = 1 / camera.scale;
    context.lineJoin = 'round';
    context.strokeStyle = css(theme.border, 0.9);
    context.stroke(paths.border);
    context.strokeStyle = css(theme.coast, 0.9);
    context.stroke(paths.coast);
    if (camera.morph > 0.9 && camera.distance === 0 && camera.scale < camera.width * 2) this.paintShade();
  }

  /** The ocean of the globe, or the paper of the distance view. */
  private paintSphere(camera: Camera): void {
    const { context, theme } = this;
    const far = camera.distance;
    const radius = 1 + (Math.PI - 1) * far;
    const fill = context.createRadialGradient(0, 0, 0, 0, 0, radius);
    fill.addColorStop(0, css(theme.oceanCentre));
    fill.addColorStop(1, css(theme.oceanEdge));
    context.globalAlpha = Math.min(1, Math.max(0, (camera.morph - 0.4) * 2)) * (1 - 0.4 * far);
    context.fillStyle = fill;
    context.beginPath();
    context.arc(0, 0, radius, 0, 2 * Math.PI);
    context.fill();
    context.globalAlpha = 1;
  }

  /** Darkens the globe towards its limb, so that it looks round. */
  private paintShade(): void {
    const { context, theme } = this;
    const shade = context.createRadialGradient(0, 0, 0.66, 0, 0, 1);
    for (let i = 0; i <= 8; i++) {
      const radius = 0.66 + (0.34 * i) / 8;
      const z = Math.sqrt(Math.max(0, 1 - radius * radius)) / 0.75;
      const lit = z >= 1 ? 1 : z * z * (3 - 2 * z);
      shade.addColorStop(i / 8, `rgba(0,0,0,${(theme.shade * (1 - lit)).toFixed(3)})`);
    }
    context.save();
    context.globalCompositeOperation = 'source-atop';
    context.fillStyle = shade;
    context.beginPath();
    context.arc(0, 0, 1, 0, 2 * Math.PI);
    context.fill();
    context.restore();
  }

  drawArcs(context: CanvasRenderingContext2D, frame: Frame): void {
    this.arcs.draw(context, frame, projectionKey(frame.camera), this.ratio);
  }

  destroy(): void {
    this.canvas.width = 0;
    this.canvas.height = 0;
  }
}

/** Names the projection a path was made for: while it stays the same, moving and scaling the path is enough. */
function projectionKey(camera: Camera): string {
  if (camera.morph <= 0) return `flat ${camera.middle}`;
  const centre = `${camera.longitude} ${camera.latitude}`;
  if (camera.morph >= 1) {
    // A zoomed globe leaves out what is outside its window, so its paths are good for that window only.
    const near = camera.distance === 0 && camera.scale > camera.width / 2 ? ` ${camera.scale.toFixed(1)}` : '';
    return `round ${camera.distance} ${centre}${near}`;
  }
  return `mixed ${camera.morph} ${camera.distance} ${centre} ${camera.middle}`;
}
