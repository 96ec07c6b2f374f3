// The field for the hours of the week at which people may come: none, or up to kMaxHours stretches, each on days of its own. It
// tells what was chosen when all of it can be; until then it says what is wrong, and what was valid before holds.
import { kMaxHours, parseHours, type RelayHours } from '@footbridge/protocol';
import { make, say } from '../dom.js';
import type { Speech } from '../strings/strings.js';
import { beginning, clockText, ending } from './clock_text.js';

const kAllDays = 127;
const kEvenings: RelayHours = { days: kAllDays, from: 18 * 60, until: 23 * 60 };
const kMonday = [2024, 0, 1] as const; // and the six days after it

interface Row {
  element: HTMLElement;
  remove: HTMLButtonElement;
  read(): RelayHours | null;
}

export class HoursField {
  readonly element: HTMLElement;
  readonly #speech: Speech;
  readonly #tell: (hours: RelayHours[]) => void;
  readonly #only = make('input', { type: 'checkbox', id: 'hours', change: () => this.#onOnly() });
  readonly #rows = make('div', { class: 'stretches' });
  readonly #wrong = make('p', { class: 'wrong', role: 'status' });
  readonly #add: HTMLButtonElement;
  readonly #more: HTMLElement;
  #shown: Row[] = [];
  #serial = 0; // of rows, so that each label has a field of its own

  constructor(speech: Speech, tell: (hours: RelayHours[]) => void) {
    const { limits } = speech.strings;
    this.#speech = speech;
    this.#tell = tell;
    this.#add = make('button', { type: 'button', class: 'quiet', click: () => this.#onAdd() }, limits.add);
    const zone = new Intl.DateTimeFormat(speech.lang).resolvedOptions().timeZone;
    const clock = make('p', { class: 'aside' }, limits.clock.replace('{zone}', zone));
    this.#more = make('div', { class: 'hours', hidden: true }, this.#rows, this.#wrong, this.#add, clock);
    this.element = make('div', {}, make('label', { class: 'field' }, limits.hours, this.#only), this.#more);
  }

  show(hours: RelayHours[]): void {
    this.#only.checked = hours.length > 0;
    this.#draw(hours);
  }

  #draw(hours: RelayHours[]): void {
    this.#shown = hours.map((each) => this.#row(each));
    this.#rows.replaceChildren(...this.#shown.map(({ element }) => element));
    this.#settle();
  }

  #row({ days, from, until }: RelayHours): Row {
    const { lang, strings } = this.#speech;
    const { limits } = strings;
    const change = () => this.#changed();
    const name = new Intl.DateTimeFormat(lang, { weekday: 'short' });
    const serial = ++this.#serial;
    const [year, month, monday] = kMonday;
    const boxes = Array.from({ length: 7 }, (_, at) =>
      make('input', { type: 'checkbox', checked: (days & (1 << at)) !== 0, change }),
    );
    const labels = boxes.map((box, at) => make('label', {}, box, name.format(new Date(year, month, monday + at))));
    const time = (id: string, label: string, minutes: number) => {
      const input = make('input', { type: 'time', id: `${id}-${serial}`, value: clockText(minutes), change });
      return { input, field: make('div', { class: 'time' }, make('label', { for: input.id }, label), input) };
    };
    const begin = time('from', limits.hoursFrom, from);
    const end = time('until', limits.hoursUntil, until);
    const remove = make('button', { type: 'button', class: 'quiet', click: () => this.#onRemove(row) }, limits.remove);
    const group = make('div', { class: 'days', role: 'group', 'aria-label': limits.days }, ...labels);
    const times = make('div', { class: 'times' }, begin.field, end.field, remove);
    const row: Row = {
      element: make('div', { class: 'stretch', role: 'group', 'aria-label': limits.hours }, group, times),
      remove,
      read: () =>
        parseHours({
          days: boxes.reduce((sum, box, at) => sum | (box.checked ? 1 << at : 0), 0),
          from: beginning(begin.input.value),
          until: ending(end.input.value),
        }),
    };
    return row;
  }

  #onOnly(): void {
    this.#draw(this.#only.checked ? [kEvenings] : []);
    this.#changed();
  }

  #onAdd(): void {
    const row = this.#row(kEvenings);
    this.#shown.push(row);
    this.#rows.append(row.element);
    row.element.querySelector('input')?.focus();
    this.#changed();
  }

  #onRemove(row: Row): void {
    this.#shown = this.#shown.filter((each) => each !== row);
    row.element.remove();
    this.#changed();
    this.#add.focus(); // which was hidden while there were as many as there may be
  }

  #settle(): void {
    this.#more.hidden = !this.#only.checked;
    this.#add.hidden = this.#shown.length >= kMaxHours;
    for (const { remove } of this.#shown) remove.hidden = this.#shown.length === 1; // the box above switches the last one off
    const isWrong = this.#shown.some((row) => row.read() === null);
    say(this.#wrong, isWrong ? this.#speech.strings.limits.wrong : '');
  }

  #changed(): void {
    this.#settle();
    const hours = this.#shown.map((row) => row.read());
    if (hours.every((each) => each !== null)) this.#tell(hours);
  }
}
