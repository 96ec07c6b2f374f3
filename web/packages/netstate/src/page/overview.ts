// Overview: what is shown first: countries against egresses, as a table that everybody can read, with the share of each cell as its tint.
// Costs O(nodes + edges) for each change that is shown; rows are bounded by the countries there are, columns by kMostColumns.
import { make } from '@footbridge/frame/dom';
import { groupText, type Sum, sumText } from '../graph/counts.js';
import type { Graph } from '../graph/graph.js';
import { type Cell, type CountryRow, type Groups, groupsOf } from '../graph/groups.js';
import { words } from '../words.js';
import { countryName, isEverybody, matches, type Query } from './query.js';
import type { View } from './view.js';

const kMostColumns = 6;

export class Overview implements View {
  readonly element = make('section', { 'aria-label': words.views.overview });
  readonly #onCountry: (country: string) => void;
  readonly #onPick: (id: string) => void;
  #shown = '';

  constructor(onCountry: (country: string) => void, onPick: (id: string) => void) {
    this.#onCountry = onCountry;
    this.#onPick = onPick;
  }

  show(graph: Graph, query: Query): void {
    const groups = groupsOf(graph, isEverybody(query) ? undefined : (node) => matches(node, query));
    // A table that says the same stays: focus and selection in it stay, too.
    const said = JSON.stringify([
      groups,
      [...groups.totals],
      groups.rows.map(({ cells }) => [...cells]),
      graph.isPrivate,
    ]);
    if (said === this.#shown) return;
    this.#shown = said;
    const focused = this.element.contains(document.activeElement)
      ? document.activeElement?.getAttribute('data-key')
      : null;
    this.element.replaceChildren(...this.#content(graph, groups));
    if (focused) this.element.querySelector<HTMLElement>(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
  }

  #content(graph: Graph, groups: Groups): Node[] {
    if (graph.nodes.size === 0) return [empty(words.nobodyYet, words.nobodyYetText)];
    if (groups.rows.length === 0 && groups.egresses.length === 0) return [empty('', words.nobodyFound)];
    const columns = groups.egresses.slice(
      0,
      groups.egresses.length > kMostColumns + 1 ? kMostColumns : kMostColumns + 1,
    );
    const rest = groups.egresses.slice(columns.length).map(({ id }) => id);
    const most = Math.max(1, ...groups.rows.flatMap(({ cells }) => [...cells.values()].map(({ nodes }) => nodes)));
    const table = make('table', { class: 'matrix' }, make('caption', {}, words.overviewCaption));
    const head = make(
      'tr',
      {},
      make('th', { scope: 'col' }, words.country),
      make('th', { scope: 'col', class: 'number' }, words.nodes),
    );
    for (const { id, country } of columns) {
      const open = () => this.#onPick(id);
      const button = make('button', { type: 'button', class: 'link', 'data-key': id, click: open }, id);
      head.append(make('th', { scope: 'col', class: 'number' }, button, make('small', {}, countryName(country))));
    }
    if (rest.length > 0) head.append(make('th', { scope: 'col', class: 'number' }, words.otherEgresses(rest.length)));
    head.append(make('th', { scope: 'col', class: 'number' }, words.withoutLeg));
    table.append(make('thead', {}, head));
    const body = make('tbody');
    for (const row of groups.rows)
      body.append(
        this.#row(
          row,
          columns.map(({ id }) => id),
          rest,
          most,
          graph.isPrivate,
        ),
      );
    table.append(
      body,
      make(
        'tfoot',
        {},
        this.#foot(
          groups,
          columns.map(({ id }) => id),
          rest,
          graph.isPrivate,
        ),
      ),
    );
    return [
      make('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': words.overviewCaption }, table),
      make('p', { class: 'note' }, words.overviewNote),
    ];
  }

  #row(row: CountryRow, columns: string[], rest: string[], most: number, isPrivate: boolean): HTMLElement {
    const open = () => this.#onCountry(row.country);
    const name = make(
      'button',
      { type: 'button', class: 'link', 'data-key': row.country, click: open },
      countryName(row.country),
    );
    const out = make('tr', {}, make('th', { scope: 'row' }, name), both(row.nodes, row.people, isPrivate));
    for (const id of columns) out.append(cellOf(row.cells.get(id), most, isPrivate));
    if (rest.length > 0) out.append(cellOf(merged(row.cells, rest), most, isPrivate));
    out.append(make('td', { class: 'number soft' }, row.idle === 0 ? '–' : groupText(row.idle, isPrivate)));
    return out;
  }

  #foot(groups: Groups, columns: string[], rest: string[], isPrivate: boolean): HTMLElement {
    const nodes = groups.rows.reduce((sum, row) => sum + row.nodes, 0);
    const people = groups.rows.reduce((sum, row) => plus(sum, row.people), { known: 0, few: 0 });
    const idle = groups.rows.reduce((sum, row) => sum + row.idle, 0);
    const out = make('tr', {}, make('th', { scope: 'row' }, words.allCountries), both(nodes, people, isPrivate));
    for (const id of columns) out.append(cellOf(groups.totals.get(id), 0, isPrivate));
    if (rest.length > 0) out.append(cellOf(merged(groups.totals, rest), 0, isPrivate));
    out.append(make('td', { class: 'number soft' }, groupText(idle, isPrivate)));
    return out;
  }
}

export function empty(title: string, text: string): HTMLElement {
  return make('div', { class: 'empty' }, ...(title === '' ? [] : [make('h2', {}, title)]), make('p', {}, text));
}

function plus(a: Sum, b: Sum): Sum {
  return { known: a.known + b.known, few: a.few + b.few };
}

function merged(cells: Map<string, Cell>, ids: string[]): Cell | undefined {
  let out: Cell | undefined;
  for (const id of ids) {
    const cell = cells.get(id);
    if (cell)
      out = { nodes: cell.nodes + (out?.nodes ?? 0), people: plus(cell.people, out?.people ?? { known: 0, few: 0 }) };
  }
  return out;
}

function both(nodes: number, people: Sum, isPrivate: boolean): HTMLElement {
  return make(
    'td',
    { class: 'number' },
    groupText(nodes, isPrivate),
    make('small', {}, words.peopleOf(sumText(people))),
  );
}

function cellOf(cell: Cell | undefined, most: number, isPrivate: boolean): HTMLElement {
  if (!cell) return make('td', { class: 'number soft' }, '–');
  const out = both(cell.nodes, cell.people, isPrivate);
  if (most > 0) out.style.setProperty('--share', `${Math.round(4 + 26 * Math.sqrt(cell.nodes / most))}%`);
  out.classList.toggle('tinted', most > 0);
  return out;
}
