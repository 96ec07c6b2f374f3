// Turning: when the globe draws its next picture, and how far it has turned by then. It draws only when it can be seen; for who
// wants no motion, only when something changed.

export const kFrameMs = 40; // 25 pictures a second are calm and cheap
const kDegreesPerMs = 0.006; // once around in a minute

export interface Looks {
  // The page is hidden, or the globe is out of view.
  hidden: boolean;
  still: boolean;
}

export class Turning {
  #drawnAt: number | null = null;
  #longitude: number;
  #stale = true;

  constructor(longitude: number) {
    this.#longitude = longitude;
  }

  get longitude(): number {
    return this.#longitude;
  }

  // What is shown has changed.
  onChange(): void {
    this.#stale = true;
  }

  // Whether pictures should be asked for at all.
  wants({ hidden, still }: Looks): boolean {
    return !hidden && (!still || this.#stale);
  }

  // Whether to draw now.
  onPicture(now: number, looks: Looks): boolean {
    if (!this.wants(looks)) {
      this.#drawnAt = null; // time that nobody saw does not turn the globe
      return false;
    }
    const passed = this.#drawnAt === null ? 0 : now - this.#drawnAt;
    if (!this.#stale && passed < kFrameMs && this.#drawnAt !== null) return false;
    if (!looks.still) this.#longitude = ((this.#longitude + passed * kDegreesPerMs + 180) % 360) - 180;
    this.#drawnAt = now;
    this.#stale = false;
    return true;
  }
}
