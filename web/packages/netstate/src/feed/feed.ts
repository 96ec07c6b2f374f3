// Feed: keeps the page in touch with netstate. The browser's EventSource asks again by itself after an interruption and names the last
// version it has; where it gives up, or is silent for too long, another one is opened, which begins with a snapshot.
//
//   Opening ──first word──▶ Live ──5 s without a word──▶ Stale ──a word──▶ Live
//      ▲                      └──────────── 30 s ──────────┴──▶ opened anew
//      └── after a wait, when the server refuses; 401 asks for the token (Locked)
import { type Delta, jsonOf, parseDelta, parseSnapshot, type Snapshot } from './messages.js';

export const kStaleMs = 5_000; // netstate says something every two seconds
export const kReopenMs = 30_000; // a line that says nothing for so long is dead
export const kFirstWaitMs = 1_000;
export const kLongestWaitMs = 30_000;

export type FeedState = 'opening' | 'live' | 'stale' | 'locked';

export interface Source {
  readonly readyState: number; // 2: given up
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
  close(): void;
}

export interface Surroundings {
  open(): Source;
  // Whether netstate asks for a token.
  isLocked(): Promise<boolean>;
  now(): number;
}

export interface Hearer {
  onSnapshot(snapshot: Snapshot): void;
  // False: something is missing before it, and all has to be said again.
  onDelta(delta: Delta): boolean;
  onState(state: FeedState): void;
}

export class Feed {
  state: FeedState = 'opening';
  readonly #around: Surroundings;
  readonly #hearer: Hearer;
  #source: Source | null = null;
  #heardAt = 0;
  #openAt: number | null = null;
  #waitMs = kFirstWaitMs;

  constructor(around: Surroundings, hearer: Hearer) {
    this.#around = around;
    this.#hearer = hearer;
  }

  open(): void {
    this.#source?.close();
    const source = this.#around.open();
    this.#source = source;
    this.#openAt = null;
    this.#heardAt = this.#around.now();
    const hear = (type: string, take: (value: unknown) => boolean) =>
      source.addEventListener(type, ({ data }) => {
        if (source !== this.#source) return;
        if (take(type === 'tick' ? null : jsonOf(String(data)))) this.#onWord();
        else this.#later(); // says what we do not understand: begin again with a snapshot
      });
    hear('snapshot', (value) => {
      const snapshot = parseSnapshot(value);
      if (snapshot) this.#hearer.onSnapshot(snapshot);
      return snapshot !== null;
    });
    hear('delta', (value) => {
      const delta = parseDelta(value);
      return delta !== null && this.#hearer.onDelta(delta);
    });
    hear('tick', () => true);
    source.addEventListener('error', () => {
      if (source === this.#source && source.readyState === 2) this.#later();
    });
  }

  // To be called a few times a second.
  onClock(): void {
    const now = this.#around.now();
    if (this.#openAt !== null && now >= this.#openAt) this.open();
    const silence = now - this.#heardAt;
    if (this.state === 'live' && silence > kStaleMs) this.#enter('stale');
    if (this.#openAt === null && this.state !== 'locked' && silence > kReopenMs) this.#later();
  }

  // The token was given.
  unlock(): void {
    this.#waitMs = kFirstWaitMs;
    this.#enter('opening');
    this.open();
  }

  #onWord(): void {
    this.#heardAt = this.#around.now();
    this.#waitMs = kFirstWaitMs;
    this.#enter('live');
  }

  #later(): void {
    this.#source?.close();
    this.#source = null;
    const now = this.#around.now();
    this.#openAt = now + this.#waitMs;
    this.#heardAt = Math.min(this.#heardAt, now);
    this.#waitMs = Math.min(this.#waitMs * 2, kLongestWaitMs);
    void this.#around.isLocked().then((locked) => {
      if (!locked || this.#source !== null) return;
      this.#openAt = null;
      this.#enter('locked');
    });
  }

  #enter(state: FeedState): void {
    if (state === this.state) return;
    this.state = state;
    this.#hearer.onState(state);
  }
}
