// The seam inside the map: what a renderer of land and arcs must do. Marks and labels are not its business.
import type { World } from './geometry';
import type { Camera } from './projection';
import type { Scene } from './scene';
import type { Colour, Theme } from './theme';
import type { RendererKind } from './types';

/** What one picture is made from. */
export interface Frame {
  camera: Camera;
  scene: Scene;
  theme: Theme;
  /** `performance.now()` of the frame. */
  now: number;
  /** True while the camera moves and another frame is certain to follow. */
  moving: boolean;
  /** False when movement is reduced: arcs are there at once. */
  motion: boolean;
}

/** Draws land and arcs. */
export interface LandRenderer {
  readonly kind: RendererKind;
  /** Takes coarse or fine outlines; resolves when they are ready to be drawn. */
  setWorld(world: World, fine: boolean): Promise<void>;
  /** Colours are per country in the order of the outlines. */
  setColours(theme: Theme, countries: readonly Colour[]): void;
  /** CSS pixels and device pixels per CSS pixel. */
  resize(width: number, height: number, ratio: number): void;
  draw(frame: Frame): void;
  /** Draws the arcs on the overlay, for a renderer that does not draw them on its own canvas. */
  drawArcs?(context: CanvasRenderingContext2D, frame: Frame): void;
  destroy(): void;
}

/** How strong arcs and marks are that are not picked out while others are. */
export const DIMMED = 0.22;

/** Device pixels per radius from which the coarse outlines show corners and the fine ones are loaded and drawn. */
export const FINE_FROM = 900;
