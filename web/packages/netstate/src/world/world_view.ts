// WorldView: legs by country, on a map and, with the same numbers, in a table.
import { make, say } from '@footbridge/frame/dom';
import { groupText, sumText } from '../graph/counts.js';
import type { Graph } from '../graph/graph.js';
import { empty } from '../page/overview.js';
import { countryName, isEverybody, matches, type Query } from '../page/query.js';
import type { View } from '../page/view.js';
import { words } from '../words.js';
import { type World, worldOf } from './pairs.js';
import { WorldMap } from './world_map.js';

const kMostPairs = 40;

export class WorldView implements View {
  readonly element: HTMLElement;
  readonly canvas = make('canvas', { role: 'img', 'aria-label': words.worldLabel });
  readonly map = new WorldMap();
  readonly #body = make('tbody');
  readonly #note = make('p', { class: 'note' });
  readonly #nobody = empty(words.nobodyYet, words.nobodyYetText);
  readonly #filled: HTMLElement;
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  #world: World | null = null;
  #shown = '';

  constructor() {
    const column = (text: string, more = '') => make('th', { scope: 'col', class: more }, text);
    const head = make(
      'tr',
      {},
      column(words.worldFrom),
      column(words.worldTo),
      column(words.legs, 'number'),
      column(words.people, 'number'),
    );
    const table = make(
      'table',
      { class: 'list' },
      make('caption', {}, words.worldCaption),
      make('thead', {}, head),
      this.#body,
    );
    this.#filled = make(
      'div',
      { class: 'world' },
      this.canvas,
      make('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': words.worldCaption }, table),
      this.#note,
    );
    this.element = make('section', { 'aria-label': words.views.world }, this.#nobody, this.#filled);
    new ResizeObserver(() => this.#draw()).observe(this.canvas);
    this.#dark.addEventListener('change', () => this.#draw());
  }

  show(graph: Graph, query: Query): void {
    this.#nobody.hidden = graph.nodes.size > 0;
    this.#filled.hidden = graph.nodes.size === 0;
    const world = worldOf(graph, isEverybody(query) ? () => true : (node) => matches(node, query));
    const said = JSON.stringify([world.pairs, [...world.nodes], [...world.egresses], world.unplaced, graph.isPrivate]);
    if (said === this.#shown) return;
    this.#shown = said;
    this.#world = world;
    this.#body.replaceChildren(
      ...world.pairs
        .slice(0, kMostPairs)
        .map(({ from, to, legs, people }) =>
          make(
            'tr',
            {},
            make('th', { scope: 'row' }, countryName(from)),
            make('td', {}, countryName(to)),
            make('td', { class: 'number' }, groupText(legs, graph.isPrivate)),
            make('td', { class: 'number' }, sumText(people)),
          ),
        ),
    );
    const notes: string[] = [];
    if (world.pairs.length > kMostPairs) notes.push(words.worldMore(world.pairs.length - kMostPairs));
    if (world.unplaced > 0) notes.push(words.worldUnplaced(world.unplaced));
    say(this.#note, notes.join('. '));
    this.#draw();
  }

  setVisible(visible: boolean): void {
    if (visible) this.#draw();
  }

  #draw(): void {
    if (this.#world && !document.hidden) this.map.draw(this.canvas, this.#world, this.#dark.matches);
  }
}
