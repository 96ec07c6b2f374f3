// Camera: which part of the layout is on the canvas, and how large. Lengths of the canvas are CSS pixels.

export const kMinScale = 0.02;
export const kMaxScale = 8;

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface View {
  scale: number;
  x: number;
  y: number;
}

export class Camera {
  scale = 1;
  x = 0; // of the layout, in the middle of the canvas
  y = 0;
  width = 1;
  height = 1;

  toScreenX(x: number): number {
    return (x - this.x) * this.scale + this.width / 2;
  }
  toScreenY(y: number): number {
    return (y - this.y) * this.scale + this.height / 2;
  }
  toLayoutX(x: number): number {
    return (x - this.width / 2) / this.scale + this.x;
  }
  toLayoutY(y: number): number {
    return (y - this.height / 2) / this.scale + this.y;
  }

  // The part of the layout that is seen.
  seen(): Box {
    const [right, bottom] = [this.toLayoutX(this.width), this.toLayoutY(this.height)];
    return { left: this.toLayoutX(0), top: this.toLayoutY(0), right, bottom };
  }

  view(): View {
    return { scale: this.scale, x: this.x, y: this.y };
  }

  // How a picture that was drawn through `before` has to be moved to lie where it belongs now, as CSS.
  since(before: View): string {
    const [x, y] = [(before.x - this.x) * this.scale, (before.y - this.y) * this.scale];
    return `translate(${x.toFixed(2)}px, ${y.toFixed(2)}px) scale(${(this.scale / before.scale).toFixed(5)})`;
  }

  pan(byX: number, byY: number): void {
    this.x -= byX / this.scale;
    this.y -= byY / this.scale;
  }

  // What is under this point of the canvas stays there.
  zoom(factor: number, atX = this.width / 2, atY = this.height / 2): void {
    const scale = Math.min(kMaxScale, Math.max(kMinScale, this.scale * factor));
    const [x, y] = [this.toLayoutX(atX), this.toLayoutY(atY)];
    this.scale = scale;
    this.x = x - (atX - this.width / 2) / scale;
    this.y = y - (atY - this.height / 2) / scale;
  }

  // All of them, with a margin. Nothing at all leaves it where it is.
  fit(places: Float32Array): void {
    if (places.length === 0) return;
    const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (let at = 0; at + 1 < places.length; at += 2) {
      const [x, y] = [places[at] ?? 0, places[at + 1] ?? 0];
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
    this.x = (box.left + box.right) / 2;
    this.y = (box.top + box.bottom) / 2;
    const margin = 28;
    const wide = Math.max(1, this.width - 2 * margin) / Math.max(40, box.right - box.left);
    const high = Math.max(1, this.height - 2 * margin) / Math.max(40, box.bottom - box.top);
    this.scale = Math.min(3, Math.max(kMinScale, Math.min(wide, high)));
  }
}
