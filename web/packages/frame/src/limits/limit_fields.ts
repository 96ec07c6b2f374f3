// The fields for a volunteer's limits, in the box and in the extension's options: one element for one language. What a person
// chooses is told at once, whole; show() leaves a field alone in which somebody is writing what has not changed.
import { kMaxPeople, type RelayLimits } from '@footbridge/protocol';
import { make } from '../dom.js';
import type { Speech } from '../strings/strings.js';
import { AmountField, type Choice, ChoiceField } from './choice.js';
import { HoursField } from './hours_field.js';

const kRates = { offered: [1, 2, 5, 10, 20, 50, 100], bytes: 125_000, unit: 'megabit-per-second' };
const kDaily = { offered: [0.1, 0.5, 1, 2, 5, 10, 50], bytes: 1_000_000_000, unit: 'gigabyte' };
const kMonthly = { offered: [1, 5, 10, 50, 100, 500, 1000], bytes: 1_000_000_000, unit: 'gigabyte' };

export class LimitFields {
  readonly element: HTMLElement;
  readonly #people: ChoiceField;
  readonly #rate: AmountField;
  readonly #day: AmountField;
  readonly #month: AmountField;
  readonly #hours: HoursField;
  readonly #counts: Choice[];
  #limits: RelayLimits | null = null;

  constructor(speech: Speech, tell: (limits: RelayLimits) => void) {
    const { limits } = speech.strings;
    const set = (change: Partial<RelayLimits>) => {
      if (this.#limits === null) return;
      this.#limits = { ...this.#limits, ...change };
      tell(this.#limits);
    };
    const number = new Intl.NumberFormat(speech.lang);
    this.#counts = Array.from({ length: kMaxPeople }, (_, at) => [String(at + 1), number.format(at + 1)]);
    this.#people = new ChoiceField('people', limits.people, (value) => set({ people: Number(value) }));
    this.#rate = new AmountField('rate', limits.rate, kRates, speech, (bytesPerSecond) => set({ bytesPerSecond }));
    this.#day = new AmountField('day', limits.perDay, kDaily, speech, (bytesPerDay) => set({ bytesPerDay }));
    this.#month = new AmountField('month', limits.perMonth, kMonthly, speech, (bytesPerMonth) =>
      set({ bytesPerMonth }),
    );
    this.#hours = new HoursField(speech, (hours) => set({ hours }));
    const rows = [this.#people.row, this.#rate.row, this.#day.row, this.#month.row, this.#hours.element];
    this.element = make('div', { class: 'fields' }, ...rows);
  }

  show(limits: RelayLimits): void {
    if (JSON.stringify(limits) === JSON.stringify(this.#limits)) return;
    this.#limits = limits;
    this.#people.show(this.#counts, String(limits.people));
    this.#rate.show(limits.bytesPerSecond);
    this.#day.show(limits.bytesPerDay);
    this.#month.show(limits.bytesPerMonth);
    this.#hours.show(limits.hours);
  }
}
