// Land and arcs by WebGL2: no library, no texture from outside, one draw call per visible cell and one for all arcs.
import type { World } from './geometry';
import { DIMMED, type Frame, type LandRenderer } from './layer';
import { project, RADIANS, wrapAngle, type Camera } from './projection';
import type { Scene } from './scene';
import { SHADERS, type ProgramName } from './shaders';
import { tessellate, tessellateInSteps, VERTEX_FLOATS, type Cell, type Mesh } from './tessellate';
import { THEMES, type Colour, type Theme } from './theme';

/** Bytes of an arc's instance: start 3, normal 3, angle 1 (floats), colour 4 bytes, birth, death, width, strong. */
const ARC_BYTES = 48;
const ARC_SEGMENTS = 44;
/** Pixels per radius from which a few arcs get more segments. */
const ARC_FINE_FROM = 500;
const FLOAT = 4;

interface Program {
  program: WebGLProgram;
  uniforms: Map<string, WebGLUniformLocation>;
}

/** A cell on screen, the turn that brings its longitudes in, and whether it lies on the map's cut. */
type VisibleCell = [cell: Cell, shift: number, cut: 0 | 1];

/** Indices that are drawn by one call. */
interface Batch {
  first: number;
  count: number;
  shift: number;
  cut: 0 | 1;
}

/** The WebGL2 renderer; the constructor throws when a program does not link. */
export class WebGlRenderer implements LandRenderer {
  readonly kind = 'webgl2';
  private readonly programs = {} as Record<ProgramName, Program>;
  private readonly sphere: WebGLVertexArrayObject;
  private readonly sphereIndices: number;
  private readonly arcBuffer: WebGLBuffer;
  private readonly arcs: WebGLVertexArrayObject;
  private readonly palette: WebGLTexture;
  private mesh: Mesh | null = null;
  private land: WebGLVertexArrayObject | null = null;
  private lines: WebGLVertexArrayObject | null = null;
  private buffers: WebGLBuffer[] = [];
  private theme: Theme = THEMES.dark;
  private ratio = 1;
  private arcsKey = '';
  private arcCount = 0;
  private stopped = false;

  /** `onlost` is called when the context is gone. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly gl: WebGL2RenderingContext,
    private readonly onlost: () => void,
  ) {
    canvas.addEventListener('webglcontextlost', this.lost);
    this.compile();
    [this.sphere, this.sphereIndices] = this.makeSphere();
    this.arcBuffer = gl.createBuffer();
    this.arcs = this.makeArcs();
    this.palette = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.palette);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  private readonly lost = (event: Event): void => {
    event.preventDefault();
    if (!this.stopped) this.onlost();
  };

  /** Compiles all programs first and asks for results last, so that the driver may work on them side by side. */
  private compile(): void {
    const { gl } = this;
    for (const [name, sources] of Object.entries(SHADERS)) {
      const program = gl.createProgram();
      [gl.VERTEX_SHADER, gl.FRAGMENT_SHADER].forEach((type, i) => {
        const shader = gl.createShader(type)!;
        gl.shaderSource(shader, sources[i]!);
        gl.compileShader(shader);
        gl.attachShader(program, shader);
      });
      gl.linkProgram(program);
      this.programs[name as ProgramName] = { program, uniforms: new Map() };
    }
    for (const [name, { program, uniforms }] of Object.entries(this.programs)) {
      if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
        throw new Error(`map shader ${name}: ${gl.getProgramInfoLog(program) ?? 'not linked'}`);
      }
      const count = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) as number;
      for (let i = 0; i < count; i++) {
        const { name: uniform } = gl.getActiveUniform(program, i)!;
        uniforms.set(uniform, gl.getUniformLocation(program, uniform)!);
      }
    }
  }

  private upload(target: number, data: ArrayBufferView): WebGLBuffer {
    const buffer = this.gl.createBuffer();
    this.gl.bindBuffer(target, buffer);
    this.gl.bufferData(target, data, this.gl.STATIC_DRAW);
    return buffer;
  }

  /** Rings around the view's centre, for the ocean of the globe and the paper of the distance view. */
  private makeSphere(): [WebGLVertexArrayObject, number] {
    const { gl } = this;
    const [columns, rows] = [96, 32];
    const points: number[] = [];
    const indices: number[] = [];
    for (let j = 0; j <= rows; j++) {
      // Exactly half way lies the globe's limb; the last ring stops short of the far point, which has no bearing.
      const angle = (j / rows) * Math.PI * 0.9995;
      for (let i = 0; i <= columns; i++) points.push(angle, (i / columns) * 2 * Math.PI);
    }
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const a = j * (columns + 1) + i;
        indices.push(a, a + 1, a + columns + 1, a + 1, a + columns + 2, a + columns + 1);
      }
    }
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    this.upload(gl.ARRAY_BUFFER, Float32Array.from(points));
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    this.upload(gl.ELEMENT_ARRAY_BUFFER, Uint16Array.from(indices));
    gl.bindVertexArray(null);
    return [array, indices.length];
  }

  private makeArcs(): WebGLVertexArrayObject {
    const { gl } = this;
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.arcBuffer);
    const attributes = [
      [0, 3, gl.FLOAT, 0],
      [1, 4, gl.FLOAT, 12],
      [2, 4, gl.UNSIGNED_BYTE, 28],
      [3, 4, gl.FLOAT, 32],
    ] as const;
    for (const [location, size, type, offset] of attributes) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, size, type, type === gl.UNSIGNED_BYTE, ARC_BYTES, offset);
      gl.vertexAttribDivisor(location, 1);
    }
    gl.bindVertexArray(null);
    return array;
  }

  async setWorld(world: World, fine: boolean): Promise<void> {
    if (!fine) {
      this.setMesh(tessellate(world));
      return;
    }
    // Fine outlines are prepared in slices between frames.
    const steps = tessellateInSteps(world);
    while (!this.stopped) {
      await new Promise((resolve) => setTimeout(resolve, 8));
      const until = performance.now() + 5;
      while (performance.now() < until) {
        const step = steps.next();
        if (!step.done) continue;
        if (!this.stopped) this.setMesh(step.value);
        return;
      }
    }
  }

  private setMesh(mesh: Mesh): void {
    const { gl } = this;
    for (const buffer of this.buffers) gl.deleteBuffer(buffer);
    if (this.land) gl.deleteVertexArray(this.land);
    if (this.lines) gl.deleteVertexArray(this.lines);
    this.mesh = mesh;
    const pointers = (): void => {
      for (const location of [0, 1]) {
        gl.enableVertexAttribArray(location);
        gl.vertexAttribPointer(location, 3, gl.FLOAT, false, VERTEX_FLOATS * FLOAT, location * 3 * FLOAT);
      }
    };
    this.land = gl.createVertexArray();
    gl.bindVertexArray(this.land);
    const vertices = this.upload(gl.ARRAY_BUFFER, mesh.vertices);
    pointers();
    const owner = this.upload(gl.ARRAY_BUFFER, mesh.owner);
    gl.enableVertexAttribArray(2);
    gl.vertexAttribIPointer(2, 1, gl.UNSIGNED_BYTE, 0, 0);
    const triangles = this.upload(gl.ELEMENT_ARRAY_BUFFER, mesh.triangles);
    this.lines = gl.createVertexArray();
    gl.bindVertexArray(this.lines);
    const points = this.upload(gl.ARRAY_BUFFER, mesh.lineVertices);
    pointers();
    const strips = this.upload(gl.ELEMENT_ARRAY_BUFFER, mesh.lines);
    gl.bindVertexArray(null);
    this.buffers = [vertices, owner, triangles, points, strips];
  }

  setColours(theme: Theme, countries: readonly Colour[]): void {
    const { gl } = this;
    this.theme = theme;
    this.arcsKey = '';
    const pixels = new Uint8Array(256 * 4).fill(255);
    countries.forEach((colour, i) => pixels.set([...colour.map(Math.round), 255], i * 4));
    gl.bindTexture(gl.TEXTURE_2D, this.palette);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  }

  resize(width: number, height: number, ratio: number): void {
    this.ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
  }

  /** Writes the instances of all arcs when they changed. */
  private updateArcs(scene: Scene): void {
    const key = `${scene.arcsVersion}`;
    if (key === this.arcsKey) return;
    this.arcsKey = key;
    const { gl, theme } = this;
    const data = new ArrayBuffer(scene.arcs.length * ARC_BYTES);
    const floats = new Float32Array(data);
    const bytes = new Uint8Array(data);
    scene.arcs.forEach((arc, i) => {
      const at = i * (ARC_BYTES / FLOAT);
      floats.set(arc.circle.start, at);
      floats.set(arc.circle.normal, at + 3);
      floats[at + 6] = arc.circle.angle;
      bytes.set([...theme[arc.state], arc.alpha * 255], i * ARC_BYTES + 28);
      floats[at + 8] = arc.born === -Infinity ? -1e6 : arc.born / 1000;
      floats[at + 9] = arc.died === Infinity ? 0 : arc.died / 1000;
      floats[at + 10] = arc.width;
      floats[at + 11] = arc.strong ? 1 : 0;
    });
    gl.bindBuffer(gl.ARRAY_BUFFER, this.arcBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
    this.arcCount = scene.arcs.length;
  }

  /** Cells on screen; those on the cut twice, once at either edge. */
  private visibleCells(camera: Camera): VisibleCell[] {
    const out: VisibleCell[] = [];
    const point = new Float64Array(3);
    const reach = (this.mesh!.cellDegrees / 2) * RADIANS;
    const horizon = Math.cos((Math.PI / 2) * (2 - camera.morph) + reach * 1.5);
    for (const cell of this.mesh!.cells) {
      const delta = wrapAngle(cell.longitude * RADIANS - camera.middle);
      if (camera.morph > 0.5 && camera.distance === 0) {
        project(camera, cell.longitude, cell.latitude, point);
        if (point[2]! < horizon) continue;
      }
      const cut = camera.morph < 1 && Math.abs(delta) + reach * 1.3 > Math.PI;
      if (camera.scale > 500 && camera.distance === 0 && !cut && !this.onScreen(camera, cell, point)) continue;
      const shift = delta - cell.longitude * RADIANS;
      out.push([cell, shift, cut ? 1 : 0]);
      if (cut) out.push([cell, shift - Math.sign(delta) * 2 * Math.PI, 1]);
    }
    return out;
  }

  /** Whether the box around a cell's corners, edges and centre touches the window. */
  private onScreen(camera: Camera, cell: Cell, point: Float64Array): boolean {
    const reach = this.mesh!.cellDegrees / 2;
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < 9; i++) {
      const latitude = Math.max(-89.9, Math.min(89.9, cell.latitude + (Math.floor(i / 3) - 1) * reach));
      project(camera, cell.longitude + ((i % 3) - 1) * reach * 0.999, latitude, point);
      [x0, x1] = [Math.min(x0, point[0]!), Math.max(x1, point[0]!)];
      [y0, y1] = [Math.min(y0, point[1]!), Math.max(y1, point[1]!)];
    }
    const margin = camera.scale * 0.03 + 4;
    return x1 > -margin && x0 < camera.width + margin && y1 > -margin && y0 < camera.height + margin;
  }

  /** Makes a program current and sets the camera; returns a setter for its other uniforms. */
  private use(name: ProgramName, frame: Frame): (uniform: string, ...values: number[]) => void {
    const { gl, ratio, canvas } = this;
    const { program, uniforms } = this.programs[name];
    const { camera } = frame;
    gl.useProgram(program);
    const set = (uniform: string, ...values: number[]): void => {
      const location = uniforms.get(uniform);
      if (!location) return;
      if (values.length === 1) gl.uniform1f(location, values[0]!);
      else if (values.length === 2) gl.uniform2f(location, values[0]!, values[1]!);
      else if (values.length === 3) gl.uniform3f(location, values[0]!, values[1]!, values[2]!);
      else gl.uniform4f(location, values[0]!, values[1]!, values[2]!, values[3]!);
    };
    const [w, h] = [canvas.width / ratio, canvas.height / ratio];
    set('uCentre', camera.longitude, camera.middle);
    set('uTurn', camera.cosLatitude, camera.sinLatitude, camera.flatX, camera.flatY);
    set(
      'uScale',
      (camera.scale * 2) / w,
      (camera.scale * 2) / h,
      (camera.centreX / w) * 2 - 1,
      1 - (camera.centreY / h) * 2,
    );
    set('uMorph', camera.morph);
    set('uFar', camera.distance);
    set('uClip', camera.cosClip);
    set('uPixel', 2 / w, 2 / h);
    set('uNow', frame.now / 1000);
    return set;
  }

  draw(frame: Frame): void {
    const { gl, canvas } = this;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (frame.camera.morph > 0.4) this.drawSphere(frame);
    if (this.mesh) this.drawLand(frame);
    this.updateArcs(frame.scene);
    if (this.arcCount > 0) this.drawArcStrips(frame);
    gl.bindVertexArray(null);
  }

  private drawArcStrips(frame: Frame): void {
    const { gl, arcCount } = this;
    const { camera, scene } = frame;
    const segments = camera.scale > ARC_FINE_FROM && arcCount < 400 ? 2.5 * ARC_SEGMENTS : ARC_SEGMENTS;
    const set = this.use('arc', frame);
    set('uSegments', segments);
    set('uDimmed', DIMMED);
    set('uMotion', frame.motion ? 1 : 0);
    set('uComets', scene.comets ? 1 : 0);
    gl.bindVertexArray(this.arcs);
    for (const second of camera.morph < 1 ? [0, 1] : [0]) {
      set('uSecond', second);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, (segments + 1) * 2, arcCount);
    }
  }

  private drawSphere(frame: Frame): void {
    const set = this.use('sphere', frame);
    const unit = (colour: Colour): number[] => colour.map((value) => value / 255);
    set('uInner', ...unit(this.theme.oceanCentre));
    set('uOuter', ...unit(this.theme.oceanEdge));
    this.gl.bindVertexArray(this.sphere);
    this.gl.drawElements(this.gl.TRIANGLES, this.sphereIndices, this.gl.UNSIGNED_SHORT, 0);
  }

  private drawLand(frame: Frame): void {
    const { gl, theme } = this;
    const visible = this.visibleCells(frame.camera);
    let set = this.use('land', frame);
    const run = (mode: number, batches: Batch[]): void => {
      for (const { first, count, shift, cut } of batches) {
        set('uShift', shift);
        set('uCut', cut);
        gl.drawElements(mode, count, gl.UNSIGNED_INT, first * FLOAT);
      }
    };
    set('uShade', theme.shade);
    gl.bindTexture(gl.TEXTURE_2D, this.palette);
    gl.bindVertexArray(this.land);
    run(gl.TRIANGLES, batchesOf(visible, 'triangles'));
    set = this.use('line', frame);
    gl.bindVertexArray(this.lines);
    for (const kind of ['border', 'coast'] as const) {
      set('uColour', ...theme[kind].map((value) => value / 255), 0.9);
      run(gl.LINE_STRIP, batchesOf(visible, kind));
    }
  }

  destroy(): void {
    this.stopped = true;
    this.canvas.removeEventListener('webglcontextlost', this.lost);
    this.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
}

/** Puts cells that lie one behind the other and need the same turn into one call. */
function batchesOf(visible: readonly VisibleCell[], part: 'triangles' | 'coast' | 'border'): Batch[] {
  const batches: Batch[] = [];
  for (const [cell, shift, cut] of visible) {
    const [first, count] = cell[part];
    if (count === 0) continue;
    const last = batches.at(-1);
    const joins = last && last.first + last.count === first && last.cut === cut;
    if (joins && Math.abs(last.shift - shift) < 1e-9) last.count += count;
    else batches.push({ first, count, shift, cut });
  }
  return batches;
}
