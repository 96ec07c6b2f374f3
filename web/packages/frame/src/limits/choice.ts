// A choice of one among some, with its label.
import { make } from '../dom.js';
import type { Speech } from '../strings/strings.js';

export type Choice = [value: string, text: string];

export class ChoiceField {
  readonly select: HTMLSelectElement;
  readonly row: HTMLElement;

  constructor(id: string, label: string, chosen: (value: string) => void) {
    this.select = make('select', { id, change: () => chosen(this.select.value) });
    this.row = make('div', { class: 'field' }, make('label', { for: id }, label), this.select);
  }

  show(choices: Choice[], value: string): void {
    this.select.replaceChildren(...choices.map(([each, text]) => make('option', { value: each }, text)));
    this.select.value = value;
  }
}

// A choice of amounts in that unit, or none; what is chosen now is among them, whoever set it.
export class AmountField {
  readonly row: HTMLElement;
  readonly #choice: ChoiceField;
  readonly #choices: (now: number | null) => Choice[];

  constructor(
    id: string,
    label: string,
    { offered, bytes, unit }: { offered: readonly number[]; bytes: number; unit: string },
    { lang, strings }: Speech,
    chosen: (amount: number | null) => void,
  ) {
    this.#choice = new ChoiceField(id, label, (value) => chosen(value === '' ? null : Number(value)));
    this.row = this.#choice.row;
    const text = new Intl.NumberFormat(lang, { style: 'unit', unit });
    this.#choices = (now) => {
      const all = new Set([...offered.map((each) => Math.round(each * bytes)), ...(now === null ? [] : [now])]);
      const sorted = [...all].sort((a, b) => a - b);
      return [['', strings.limits.noLimit], ...sorted.map((each): Choice => [String(each), text.format(each / bytes)])];
    };
  }

  show(now: number | null): void {
    this.#choice.show(this.#choices(now), String(now ?? ''));
  }
}
