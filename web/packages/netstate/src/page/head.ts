// Head: the name, whether the line is live, how old what is shown is, and the totals. A banner says when nothing is heard any more.
import { make, say } from '@footbridge/frame/dom';
import type { FeedState } from '../feed/feed.js';
import type { Totals } from '../feed/messages.js';
import { countText, numberText, rateText } from '../graph/counts.js';
import type { Graph } from '../graph/graph.js';
import { words } from '../words.js';
import { svgElement } from './svg_element.js';

const kMark = 'M3 25c6-13 24-13 30 0M3 25h30M10 25v-6.6M18 25v-9.6M26 25v-6.6';
const kTiles: readonly (readonly [keyof typeof words.tiles, (totals: Totals) => string])[] = [
  ['people', ({ people }) => countText(people)],
  ['volunteer', ({ nodes }) => numberText(nodes.volunteer ?? 0)],
  ['page', ({ nodes }) => numberText(nodes.page ?? 0)],
  ['extension', ({ nodes }) => numberText(nodes.extension ?? 0)],
  ['egress', ({ nodes }) => numberText(nodes.egress ?? 0)],
  ['broker', ({ nodes }) => numberText(nodes.broker ?? 0)],
  ['sessions', ({ sessions }) => countText(sessions)],
  ['bytes', ({ bytes_per_second }) => (bytes_per_second === null ? words.notTold : rateText(bytes_per_second))],
];

export class Head {
  readonly element: HTMLElement;
  readonly banner = make('p', { class: 'banner', role: 'alert', hidden: true });
  readonly totals = make('dl', { class: 'totals' });
  readonly #state = make('p', { class: 'feed opening', role: 'status' }, words.feed.opening);
  readonly #kind = make('p', { class: 'soft' });
  readonly #values = new Map<string, HTMLElement>();

  constructor() {
    const mark = svgElement(
      'svg',
      { class: 'mark', viewBox: '0 0 36 36', 'aria-hidden': 'true' },
      svgElement('path', { d: kMark }),
    );
    const name = make('div', { class: 'name' }, make('h1', {}, words.title), this.#kind);
    this.element = make('header', {}, mark, name, this.#state);
    for (const [key] of kTiles) {
      const value = make('dd', {}, '–');
      this.#values.set(key, value);
      this.totals.append(make('div', {}, make('dt', {}, words.tiles[key]), value));
    }
  }

  show(graph: Graph): void {
    say(this.#kind, graph.isPrivate ? words.isPrivate : words.isPublic);
    for (const [key, textOf] of kTiles) {
      const value = this.#values.get(key);
      if (!value) continue;
      const text = textOf(graph.totals);
      say(value, text);
      value.classList.toggle('long', text.length > 9);
    }
  }

  say(state: FeedState, heardAt: number): void {
    say(this.#state, words.feed[state]);
    this.#state.className = `feed ${state}`;
    this.banner.hidden = state !== 'stale' || heardAt === 0;
    if (!this.banner.hidden) say(this.banner, `${words.staleBanner} ${words.time(heardAt)}.`);
  }
}
