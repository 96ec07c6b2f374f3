// The field for the hours of the week at which people may come: one stretch, on the days that are chosen. It says what was
// chosen when that is a stretch; a relay has room for more, which this field leaves as they are until it is used.
import type { Speech } from '@footbridge/frame/strings';
import type { RelayHours } from '@footbridge/protocol';
import type { Words } from '../words/words.js';
import { make } from './dom.js';

const kAllDays = 127;
const kMonday = new Date(2024, 0, 1); // and the six days after it

function clock(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

function minutes(text: string): number {
  const [hour, minute] = text.split(':').map(Number);
  return (hour ?? Number.NaN) * 60 + (minute ?? Number.NaN);
}

export class HoursField {
  readonly element: HTMLElement;
  readonly #only = make('input', { type: 'checkbox', id: 'hours', change: () => this.#changed() });
  readonly #days: HTMLInputElement[];
  readonly #from: HTMLInputElement;
  readonly #until: HTMLInputElement;
  readonly #more: HTMLElement;
  readonly #tell: (hours: RelayHours[]) => void;

  constructor({ lang }: Speech, words: Words, tell: (hours: RelayHours[]) => void) {
    this.#tell = tell;
    const listen = { change: () => this.#changed() };
    const name = new Intl.DateTimeFormat(lang, { weekday: 'short' });
    this.#days = Array.from({ length: 7 }, () => make('input', { type: 'checkbox', checked: true, ...listen }));
    this.#from = make('input', { type: 'time', id: 'from', value: '18:00', ...listen });
    this.#until = make('input', { type: 'time', id: 'until', value: '23:00', ...listen });
    const days = this.#days.map((day, at) =>
      make('label', {}, day, name.format(new Date(2024, 0, kMonday.getDate() + at))),
    );
    const field = (label: string, input: HTMLInputElement) =>
      make('div', { class: 'field' }, make('label', { for: input.id }, label), input);
    this.#more = make(
      'div',
      { class: 'hours', hidden: true },
      make('div', { class: 'days', role: 'group', 'aria-label': words.hours }, ...days),
      field(words.hoursFrom, this.#from),
      field(words.hoursUntil, this.#until),
    );
    const only = make('label', { class: 'field' }, words.hours, this.#only);
    this.element = make('div', {}, only, this.#more);
  }

  show(hours: RelayHours[]): void {
    const [first] = hours;
    this.#only.checked = first !== undefined;
    this.#more.hidden = first === undefined;
    if (first === undefined) return;
    for (const [at, day] of this.#days.entries()) day.checked = (first.days & (1 << at)) !== 0;
    this.#from.value = clock(first.from);
    this.#until.value = clock(first.until);
  }

  #changed(): void {
    this.#more.hidden = !this.#only.checked;
    const days = this.#days.reduce((sum, day, at) => sum | (day.checked ? 1 << at : 0), 0);
    const [from, until] = [minutes(this.#from.value), minutes(this.#until.value)];
    if (!this.#only.checked) this.#tell([]);
    else if (days > 0 && days <= kAllDays && from !== until && !Number.isNaN(from + until))
      this.#tell([{ days, from, until }]);
  }
}
