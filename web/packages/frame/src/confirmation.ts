// The confirmation window: where a browser cannot vouch for what the visitor sees in the frame, a window of our own origin
// asks. The frame makes a nonce, the host page opens the window with it (the frame's sandbox opens none), and the window
// tells the host's frames the nonce, readable for documents of our origin only. Host and nonce are not trusted: what counts is
// that a document of our origin said it, which says it only when it is a window by itself and was clicked in, and what it asked.
import { isNonce } from './messages.js';
import type { Question } from './switch_gate.js';

export const kConfirmWithinMs = 120_000; // reading the text takes a minute
export const kButtonAfterMs = 800; // a second click of a double click, meant for the frame, must not hit the window
const kType = 'confirmed';

export function newNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Confirmation {
  #nonce: string | null = null;
  #question: Question = 'consent';
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #origin: string;
  readonly #onConfirmed: () => void;
  readonly #onLapsed: () => void;

  constructor(origin: string, onConfirmed: () => void, onLapsed: () => void) {
    this.#origin = origin;
    this.#onConfirmed = onConfirmed;
    this.#onLapsed = onLapsed;
  }

  // The nonce that the window has to say. A second call asks again for the same one.
  ask(question: Question): string {
    this.#question = question;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.forget();
      this.#onLapsed();
    }, kConfirmWithinMs);
    this.#nonce ??= newNonce();
    return this.#nonce;
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#nonce = null;
  }

  // Any message of any window.
  onMessage(event: { origin: string; data: unknown }): void {
    if (event.origin !== this.#origin || this.#nonce === null) return;
    const { type, nonce, question } = (event.data ?? {}) as { type?: unknown; nonce?: unknown; question?: unknown };
    if (type !== kType || nonce !== this.#nonce || question !== this.#question) return;
    this.forget();
    this.#onConfirmed();
  }
}

// In the window: tells every frame of the page that opened it. False: nobody is there to be told.
export function confirmTo(opener: Window | null, nonce: string, question: Question, origin: string): boolean {
  if (!opener || !isNonce(nonce) || opener.length === 0) return false;
  for (let i = 0; i < opener.length; ++i) opener[i]?.postMessage({ type: kType, nonce, question }, origin);
  return true;
}
