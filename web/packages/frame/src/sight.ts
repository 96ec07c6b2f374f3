// Sight: whether the visitor could see what he clicks, as far as this browser can say. Chromium's IntersectionObserver of
// the second version vouches that nothing of the host page lies over an element, nor fades or bends it; other browsers
// cannot tell, and then a window of ours has to ask.
import type { Gesture } from './switch_gate.js';

// Long enough that what was covered cannot be uncovered under a click that is already on its way.
export const kSeenForMs = 500;
const kObserverDelayMs = 100; // the least that browsers allow for trackVisibility

interface VisibilityInit extends IntersectionObserverInit {
  delay: number;
  trackVisibility: boolean;
}

export class Sight {
  // Since when nothing lay over it, and whether all of it is in view.
  readonly #since = new Map<Element, number>();
  readonly #whole = new Set<Element>();
  readonly #observer: IntersectionObserver | null = null;

  constructor() {
    if (!('isVisible' in IntersectionObserverEntry.prototype)) return;
    const init: VisibilityInit = { threshold: [0, 1], delay: kObserverDelayMs, trackVisibility: true };
    this.#observer = new IntersectionObserver((entries) => this.#note(entries), init);
  }

  // Whether it can ever say that something was seen.
  get vouches(): boolean {
    return window.top === window || this.#observer !== null;
  }

  watch(element: Element): void {
    this.#observer?.observe(element);
  }

  forget(element: Element): void {
    this.#observer?.unobserve(element);
    this.#since.delete(element);
    this.#whole.delete(element);
  }

  // Of a click on an element that is watched, and what had to be read before it, if anything: of that, what is in view must
  // be free. In a page of our own, nobody else can draw over it.
  gesture(event: Event, element: Element, text: Element | null): Gesture {
    const trusted = event.isTrusted && (navigator.userActivation?.isActive ?? true);
    if (window.top === window) return { trusted, seen: 'visible' };
    if (!this.#observer) return { trusted, seen: 'unknown' };
    this.#note(this.#observer.takeRecords());
    const seen = this.#wasSeen(element) && this.#whole.has(element) && (text === null || this.#wasSeen(text));
    return { trusted, seen: seen ? 'visible' : 'covered' };
  }

  #wasSeen(element: Element): boolean {
    const since = this.#since.get(element);
    return since !== undefined && performance.now() - since >= kSeenForMs;
  }

  #note(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const { target, intersectionRatio } = entry;
      if (intersectionRatio === 1) this.#whole.add(target);
      else this.#whole.delete(target);
      if (!(entry as unknown as { isVisible: boolean }).isVisible) this.#since.delete(target);
      else if (!this.#since.has(target)) this.#since.set(target, performance.now());
    }
  }
}
