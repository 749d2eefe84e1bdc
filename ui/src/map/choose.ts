// Chooses the renderer and loads only that one's code: WebGL2 where a graphics processor stands behind it, Canvas 2D
// where there is none, where it is only imitated by the processor, or where it fails.
import type { LandRenderer } from './layer';
import type { RendererKind } from './types';

/** Names of graphics drivers that draw on the processor; the Canvas renderer is faster there. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render|swrast/i;

/** A renderer with its canvas. */
export interface ChosenRenderer {
  land: LandRenderer;
  canvas: HTMLCanvasElement;
  /** True where a graphics driver draws on the processor. */
  processorOnly: boolean;
}

/** Adds a canvas that fills the host. */
export function addCanvas(host: HTMLElement): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  Object.assign(canvas.style, { position: 'absolute', left: '0', top: '0', width: '100%', height: '100%' });
  canvas.setAttribute('aria-hidden', 'true');
  host.append(canvas);
  return canvas;
}

function openWebGl(canvas: HTMLCanvasElement): { gl: WebGL2RenderingContext; software: boolean } | null {
  const gl = canvas.getContext('webgl2', { antialias: true, depth: false, powerPreference: 'low-power' });
  if (!gl) return null;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return { gl, software: SOFTWARE.test(name) };
}

/** Makes the Canvas renderer on a canvas that has no context yet. */
export async function makeCanvasRenderer(canvas: HTMLCanvasElement, processorOnly: boolean): Promise<LandRenderer> {
  const { CanvasRenderer } = await import('./canvas');
  return new CanvasRenderer(canvas, processorOnly);
}

/** Makes the renderer that was wanted or that fits; `onlost` is called when its context is taken away. */
export async function chooseRenderer(
  host: HTMLElement,
  wanted: RendererKind | 'auto',
  onlost: () => void,
): Promise<ChosenRenderer> {
  const canvas = addCanvas(host);
  const opened = wanted === 'canvas' ? null : openWebGl(canvas);
  const processorOnly = opened?.software ?? false;
  if (opened && (wanted === 'webgl2' || !processorOnly)) {
    try {
      const { WebGlRenderer } = await import('./webgl');
      return { land: new WebGlRenderer(canvas, opened.gl, onlost), canvas, processorOnly };
    } catch (error) {
      console.warn('map: WebGL2 is not usable, drawing with Canvas 2D instead', error);
    }
  }
  if (!opened) return { land: await makeCanvasRenderer(canvas, false), canvas, processorOnly };
  // A canvas keeps its first kind of context for good.
  opened.gl.getExtension('WEBGL_lose_context')?.loseContext();
  const second = addCanvas(host);
  canvas.replaceWith(second);
  return { land: await makeCanvasRenderer(second, processorOnly), canvas: second, processorOnly };
}
