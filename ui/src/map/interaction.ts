// Pointer, wheel and touch on the map, turned into a few plain verbs. Keys are the page's business.

/** What the pointer asks for; `x`, `y` are CSS pixels of the surface. */
export interface PointerVerbs {
  pan(dx: number, dy: number): void;
  /** Zoom by a power of two about a pixel. */
  zoom(power: number, x: number, y: number): void;
  /** A step of zoom, eased. */
  zoomStep(power: number, x: number, y: number): void;
  hover(x: number, y: number): void;
  leave(): void;
  click(x: number, y: number): void;
}

/** A pointer that moved less than this was a click, CSS pixels. */
const CLICK_SLACK = 4;

/** Zoom per wheel pixel, powers of two; a notch of 100 pixels is a fifth. */
const WHEEL = 0.0022;

/** Listens on a surface until the returned function is called. */
export function listen(surface: HTMLElement, verbs: PointerVerbs): () => void {
  const pointers = new Map<number, { x: number; y: number }>();
  let moved = 0;
  let pinched = false;
  const at = (event: MouseEvent): { x: number; y: number } => {
    const box = surface.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const down = (event: PointerEvent): void => {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    surface.setPointerCapture(event.pointerId);
    if (pointers.size === 0) [moved, pinched] = [0, false];
    pointers.set(event.pointerId, at(event));
  };

  const move = (event: PointerEvent): void => {
    const here = at(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === 'mouse') verbs.hover(here.x, here.y);
      return;
    }
    moved += Math.hypot(here.x - before.x, here.y - before.y);
    if (pointers.size === 1 && moved > CLICK_SLACK) {
      surface.style.cursor = 'grabbing';
      verbs.pan(here.x - before.x, here.y - before.y);
    } else if (pointers.size === 2) {
      pinched = true;
      const other = [...pointers].find(([id]) => id !== event.pointerId)![1];
      const apart = Math.hypot(here.x - other.x, here.y - other.y);
      const apartBefore = Math.hypot(before.x - other.x, before.y - other.y);
      verbs.pan((here.x - before.x) / 2, (here.y - before.y) / 2);
      if (apartBefore > 1 && apart > 1) {
        verbs.zoom(Math.log2(apart / apartBefore), (here.x + other.x) / 2, (here.y + other.y) / 2);
      }
    }
    pointers.set(event.pointerId, here);
  };

  const up = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    surface.style.cursor = 'grab';
    if (event.type === 'pointerup' && pointers.size === 0 && moved <= CLICK_SLACK && !pinched) {
      const { x, y } = at(event);
      verbs.click(x, y);
    }
  };

  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : event.deltaMode === 2 ? 300 : 1;
    // A pinch on a touchpad arrives as a wheel with the control key and small steps.
    const power = -event.deltaY * unit * WHEEL * (event.ctrlKey ? 5 : 1);
    const { x, y } = at(event);
    verbs.zoom(Math.max(-1, Math.min(1, power)), x, y);
  };

  const double = (event: MouseEvent): void => {
    const { x, y } = at(event);
    verbs.zoomStep(event.shiftKey ? -1 : 1, x, y);
  };

  const leave = (): void => {
    if (pointers.size === 0) verbs.leave();
  };

  const stop = new AbortController();
  const { signal } = stop;
  surface.addEventListener('pointerdown', down, { signal });
  surface.addEventListener('pointermove', move, { signal });
  surface.addEventListener('pointerup', up, { signal });
  surface.addEventListener('pointercancel', up, { signal });
  surface.addEventListener('pointerleave', leave, { signal });
  surface.addEventListener('wheel', wheel, { signal, passive: false });
  surface.addEventListener('dblclick', double, { signal });
  return () => stop.abort();
}
