// HistoryView: the last hours in small charts. Asks netstate while it is looked at, as often as there is something new.
import { make, say } from '@footbridge/frame/dom';
import { jsonOf } from '../feed/messages.js';
import { numberText, rateText } from '../graph/counts.js';
import type { View } from '../page/view.js';
import { words } from '../words.js';
import { Chart, type Line } from './chart.js';
import { type Measure, parseSeries, reduce, type Series } from './series.js';

const kHours = [1, 6, 24] as const;
const kMostPoints = 360; // an hour and a day are shown as netstate has counted them
const kRefreshMs = 10_000;

export class HistoryView implements View {
  readonly element: HTMLElement;
  series: Series | null = null;
  readonly #charts = {
    people: new Chart(words.charts.people, numberText),
    sessions: new Chart(words.charts.sessions, numberText),
    nodes: new Chart(words.charts.nodes, numberText),
    bytes: new Chart(words.charts.bytes, rateText, words.notTold),
    churn: new Chart(words.charts.churn, numberText),
  };
  readonly #note = make('p', { class: 'note', role: 'status' });
  readonly #grid: HTMLElement;
  #hours = 1;
  #visible = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor() {
    const choice = make('fieldset', { class: 'choice' }, make('legend', {}, words.historyHours));
    for (const hours of kHours) {
      const pick = make('input', { type: 'radio', name: 'hours', value: hours, checked: hours === this.#hours });
      pick.addEventListener('change', () => {
        this.#hours = hours;
        void this.#ask();
      });
      choice.append(make('label', {}, pick, words.hours(hours)));
    }
    this.#grid = make('div', { class: 'charts' }, ...Object.values(this.#charts).map(({ element }) => element));
    this.element = make(
      'section',
      { 'aria-label': words.views.history, class: 'history' },
      choice,
      this.#note,
      this.#grid,
    );
    document.addEventListener('visibilitychange', () => this.setVisible(this.#visible));
  }

  show(): void {}

  setVisible(visible: boolean): void {
    this.#visible = visible;
    clearTimeout(this.#timer);
    if (visible && !document.hidden) void this.#ask();
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const series = await fetch(`series.json?hours=${this.#hours}`)
      .then(async (response) => (response.ok ? parseSeries(jsonOf(await response.text())) : null))
      .catch(() => null);
    if (asked !== this.#asked) return;
    if (series) this.#render(series);
    else say(this.#note, words.unavailable);
    if (this.#visible && !document.hidden) this.#timer = setTimeout(() => void this.#ask(), kRefreshMs);
  }

  #render(series: Series): void {
    this.series = series;
    const stepMs = series.step_s * 1_000;
    const line = (measure: Measure, name: string, kind: Line['kind'] = 'level'): Line => {
      return { name, points: reduce(series.values[measure], series.from, stepMs, kMostPoints), kind };
    };
    this.#charts.people.show([line('people', words.charts.people)]);
    this.#charts.sessions.show([line('sessions', words.charts.sessions)]);
    this.#charts.nodes.show([line('nodes', words.charts.nodes)]);
    this.#charts.bytes.show([line('bytes_per_second', words.charts.bytes)]);
    this.#charts.churn.show([line('came', words.came, 'count'), line('left', words.left, 'count')]);
    const count = series.values.nodes.length;
    const each = Math.max(1, Math.ceil(count / kMostPoints));
    say(
      this.#note,
      count === 0
        ? words.noHistory
        : `${words.stepOf(series.step_s * each)}${each > 1 ? ` (${words.meanAndRange})` : ''}`,
    );
  }
}
