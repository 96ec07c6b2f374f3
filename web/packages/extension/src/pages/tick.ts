// A box to tick. What needs a right of the browser asks for it in the very click, as browsers want it, and is ticked only once it
// is there.
import { make } from '@footbridge/frame/dom';
import type { Right } from '../rights.js';
import { askFor } from './rights.js';

export interface Chosen {
  tell: (on: boolean) => void;
  right?: Right;
  refused?: () => void;
}

export class Tick {
  readonly row: HTMLElement;
  readonly #box: HTMLInputElement;
  readonly #chosen: Chosen;

  constructor(id: string, label: string, chosen: Chosen) {
    this.#chosen = chosen;
    this.#box = make('input', { type: 'checkbox', id, change: () => void this.#changed() });
    this.row = make('label', { class: 'field' }, label, this.#box);
  }

  show(on: boolean): void {
    this.#box.checked = on;
  }

  async #changed(): Promise<void> {
    const on = this.#box.checked;
    const { tell, right, refused } = this.#chosen;
    if (!on || right === undefined || (await askFor(right))) return tell(on);
    this.#box.checked = false;
    refused?.();
  }
}
