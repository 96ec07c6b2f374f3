// Gestures: what hands and keys do on a canvas: drag and two fingers move and zoom, a wheel zooms where it points, a press without a drag
// picks; arrows, plus, minus and nought do the same from the keyboard. Places are CSS pixels of the canvas.

export interface Doings {
  pan(byX: number, byY: number): void;
  zoom(factor: number, x?: number, y?: number): void;
  point(x: number | null, y: number): void; // null: the pointer has left
  press(x: number, y: number): void;
  fit(): void;
}

const kDragPixels = 4; // less is a press
const kKeyPixels = 60;
const kArrows: Record<string, readonly [number, number]> = {
  ArrowLeft: [kKeyPixels, 0],
  ArrowRight: [-kKeyPixels, 0],
  ArrowUp: [0, kKeyPixels],
  ArrowDown: [0, -kKeyPixels],
};

export class Gestures {
  readonly #doings: Doings;
  readonly #pointers = new Map<number, { x: number; y: number }>();
  #moved = 0;

  constructor(canvas: HTMLCanvasElement, doings: Doings) {
    this.#doings = doings;
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      this.#moved = 0;
    });
    canvas.addEventListener('pointermove', (event) => this.#onMove(event));
    canvas.addEventListener('pointerup', (event) => {
      const was = this.#pointers.delete(event.pointerId);
      if (was && this.#moved < kDragPixels) doings.press(event.offsetX, event.offsetY);
    });
    canvas.addEventListener('pointercancel', (event) => this.#pointers.delete(event.pointerId));
    canvas.addEventListener('pointerleave', () => doings.point(null, 0));
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
        doings.zoom(Math.exp(Math.max(-60, Math.min(60, -event.deltaY * lines)) / 240), event.offsetX, event.offsetY);
      },
      { passive: false },
    );
    canvas.addEventListener('keydown', (event) => this.#onKey(event));
  }

  #onMove({ pointerId, offsetX: x, offsetY: y }: PointerEvent): void {
    const before = this.#pointers.get(pointerId);
    if (!before) {
      this.#doings.point(x, y);
      return;
    }
    const other = [...this.#pointers].find(([id]) => id !== pointerId)?.[1];
    if (other) {
      const apart = Math.hypot(before.x - other.x, before.y - other.y);
      if (apart > 0) this.#doings.zoom(Math.hypot(x - other.x, y - other.y) / apart, other.x, other.y);
      this.#moved = kDragPixels;
    } else {
      this.#moved += Math.hypot(x - before.x, y - before.y);
      if (this.#moved >= kDragPixels) this.#doings.pan(x - before.x, y - before.y);
    }
    this.#pointers.set(pointerId, { x, y });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = kArrows[event.key];
    if (arrow) this.#doings.pan(...arrow);
    else if (event.key === '+' || event.key === '=') this.#doings.zoom(1.3);
    else if (event.key === '-') this.#doings.zoom(1 / 1.3);
    else if (event.key === '0') this.#doings.fit();
    else return;
    event.preventDefault();
  }
}
