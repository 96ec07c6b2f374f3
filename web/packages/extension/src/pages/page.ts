// What our pages have in common: asking the hub, and the person's language, direction and colours. A page is drawn once for each
// language, and then kept up to date.
import { kFieldStyles } from '@footbridge/frame/field_styles';
import type { Speech } from '@footbridge/frame/strings';
import { api } from '../api.js';
import { speechFor } from '../status_text.js';
import type { ToHub, View } from '../talk.js';
import { type Words, wordsOf } from '../words/words.js';

const kLookMs = 1_000;

export type Ask = ToHub extends infer One ? (One extends { to: 'hub' } ? Omit<One, 'to'> : never) : never;

export interface Drawing {
  content: HTMLElement;
  show(view: View): void;
}

export class Page {
  readonly #draw: (speech: Speech, words: Words, page: Page) => Drawing;
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  #drawing: Drawing | null = null;
  #lang: string | null = null;
  #view: View | null = null;

  constructor(draw: (speech: Speech, words: Words, page: Page) => Drawing) {
    this.#draw = draw;
  }

  // Asks at once and every second while the page is there. The hub may be ended and begin anew between two questions.
  async run(): Promise<void> {
    const fields = new CSSStyleSheet();
    fields.replaceSync(kFieldStyles);
    document.adoptedStyleSheets = [fields];
    this.#dark.addEventListener('change', () => this.#paint());
    setInterval(() => void this.ask({ ask: 'view' }), kLookMs);
    await this.ask({ ask: 'view' });
  }

  async ask(what: Ask): Promise<View | null> {
    try {
      const view = (await api.runtime.sendMessage({ to: 'hub', ...what })) as View | null | undefined;
      if (view) await this.#show(view);
      return view ?? null;
    } catch {
      return null; // it is just being started or ended: the next second has it
    }
  }

  async #show(view: View): Promise<void> {
    this.#view = view;
    if (this.#lang !== view.settings.lang) {
      this.#lang = view.settings.lang;
      const speech = await speechFor(view.settings, navigator.languages);
      document.documentElement.lang = speech.lang;
      document.documentElement.dir = speech.dir;
      this.#drawing = this.#draw(speech, wordsOf(speech.lang), this);
      document.body.replaceChildren(this.#drawing.content);
    }
    this.#paint();
    this.#drawing?.show(this.#view);
  }

  #paint(): void {
    const theme = this.#view?.settings.theme ?? 'auto';
    const dark = theme === 'auto' ? this.#dark.matches : theme === 'dark';
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }
}
