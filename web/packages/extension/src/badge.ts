// The extension's icon: three pictures of different shape, how many people are helped, and the same in words, so that neither
// colour nor number is the only sign.
import type { Badge } from './api.js';
import { pauseText, speechFor, statusText } from './status_text.js';
import type { View } from './talk.js';

export type Picture = 'off' | 'ready' | 'active';
export const kIconSizes = [16, 32, 48] as const;

export function pictureOf({ state }: View): Picture {
  if (state === 'helping') return 'active';
  return state === 'waiting' ? 'ready' : 'off';
}

export function badgeText({ state, helpingNow }: View): string {
  if (state === 'unavailable') return '!';
  return state === 'helping' ? String(helpingNow) : '';
}

// Shows views in the order in which they come; the same one only once.
export class Face {
  readonly #badge: Badge;
  readonly #languages: readonly string[];
  #shown = '';
  #turn: Promise<void> = Promise.resolve();

  constructor(badge: Badge, languages: readonly string[]) {
    this.#badge = badge;
    this.#languages = languages;
  }

  show(view: View): void {
    const look = JSON.stringify([view.state, badgeText(view), view.pausedUntil, view.settings.lang]);
    if (look === this.#shown) return;
    this.#shown = look;
    this.#turn = this.#turn.then(() => this.#draw(view)).catch(() => {});
  }

  // Until all that was shown stands there.
  get drawn(): Promise<void> {
    return this.#turn;
  }

  async #draw(view: View): Promise<void> {
    const picture = pictureOf(view);
    const path = Object.fromEntries(kIconSizes.map((size) => [size, `icons/${picture}-${size}.png`]));
    const speech = await speechFor(view.settings, this.#languages);
    const said = pauseText(view, speech) || statusText(view, speech);
    await this.#badge.setIcon({ path });
    await this.#badge.setBadgeBackgroundColor({ color: '#0a716c' });
    await this.#badge.setBadgeText({ text: badgeText(view) });
    await this.#badge.setTitle({ title: `Footbridge: ${said}` });
  }
}
