// Details: one node with its legs, beside whatever view it was picked in. Goes on showing what becomes of it.
import { make, say } from '@footbridge/frame/dom';
import { countText } from '../graph/counts.js';
import type { Graph } from '../graph/graph.js';
import { words } from '../words.js';
import { countryName } from './query.js';

const kMostLegs = 60;

export class Details {
  readonly element: HTMLElement;
  readonly #heading = make('h2', { tabindex: -1 });
  readonly #facts = make('dl');
  readonly #legs = make('ul', { class: 'legs' });
  readonly #note = make('p', { class: 'note' });
  readonly #onPick: (id: string | null) => void;
  #id: string | null = null;
  #opener: Element | null = null;
  #shown = '';

  constructor(onPick: (id: string | null) => void) {
    this.#onPick = onPick;
    const close = make(
      'button',
      { type: 'button', class: 'close', 'aria-label': words.close, click: () => onPick(null) },
      '×',
    );
    const legs = make('h3', {}, words.legsOf);
    this.element = make(
      'aside',
      { class: 'details', 'aria-label': words.details, hidden: true },
      close,
      this.#heading,
      this.#facts,
      legs,
      this.#legs,
      this.#note,
    );
    this.element.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') onPick(null);
    });
  }

  // Whoever opened it has the focus again when it is closed.
  open(id: string | null, graph: Graph): void {
    if (id !== null && this.#id === null) this.#opener = document.activeElement;
    const wasOpen = this.#id !== null;
    this.#id = id;
    this.element.hidden = id === null;
    this.#shown = '';
    this.show(graph);
    if (id !== null) this.#heading.focus({ preventScroll: true });
    else if (wasOpen && this.#opener instanceof HTMLElement && this.#opener.isConnected) this.#opener.focus();
  }

  show(graph: Graph): void {
    if (this.#id === null) return;
    const node = graph.nodes.get(this.#id);
    const legs = graph
      .edgesOf(this.#id)
      .sort((a, b) => (b.people ?? 0) - (a.people ?? 0) || (a.from < b.from ? -1 : 1));
    const said = JSON.stringify([node, legs.slice(0, kMostLegs), legs.length]);
    if (said === this.#shown) return;
    this.#shown = said;
    if (!node) {
      this.#facts.replaceChildren();
      this.#legs.replaceChildren();
      say(this.#note, words.gone);
      return;
    }
    say(this.#heading, `${words.roles[node.role]} ${node.id}`);
    const facts: [string, string][] = [
      [words.state, words.states[node.state]],
      [words.country, countryName(node.country)],
      [words.people, countText(node.people)],
      [words.columns.since, words.moment(node.since)],
    ];
    if (node.tag) facts.push([words.columns.tag, node.tag]);
    this.#facts.replaceChildren(
      ...facts.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))),
    );
    const focused = this.#legs.contains(document.activeElement) ? document.activeElement?.textContent : null;
    this.#legs.replaceChildren(
      ...legs.slice(0, kMostLegs).map(({ from, to, people }) => {
        const other = from === node.id ? to : from;
        const role = graph.nodes.get(other)?.role ?? 'egress';
        const button = make(
          'button',
          { type: 'button', class: 'link', click: () => this.#onPick(other) },
          `${words.roles[role]} ${other}`,
        );
        return make(
          'li',
          {},
          from === node.id ? '→ ' : '← ',
          button,
          make('span', { class: 'soft' }, words.peopleOf(countText(people))),
        );
      }),
    );
    if (focused) [...this.#legs.querySelectorAll('button')].find(({ textContent }) => textContent === focused)?.focus();
    say(
      this.#note,
      legs.length === 0 ? words.noLegs : legs.length > kMostLegs ? words.moreLegs(legs.length - kMostLegs) : '',
    );
  }
}
