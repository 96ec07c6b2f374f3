// TableView: all nodes in words, sortable and in pages: what every other view shows can be found here with a keyboard. While somebody is
// in it with the keyboard, rows keep their order, so that nothing moves away from under the focus.
import { make, say } from '@footbridge/frame/dom';
import { countText, numberText } from '../graph/counts.js';
import type { Graph } from '../graph/graph.js';
import { empty } from '../page/overview.js';
import { countryName, kEverybody, type Query } from '../page/query.js';
import type { View } from '../page/view.js';
import { words } from '../words.js';
import { type Column, kColumns, type Order, type Row, rowsOf } from './rows.js';

export const kRowsOfAPage = 50;
const kNumbers = new Set<Column>(['people', 'legs']);

export class TableView implements View {
  readonly element: HTMLElement;
  readonly #onPick: (id: string) => void;
  readonly #heads = new Map<Column, HTMLTableCellElement>();
  readonly #body = make('tbody');
  readonly #table: HTMLTableElement;
  readonly #found = make('p', { class: 'note', role: 'status' });
  readonly #nobody = empty('', words.nobodyFound);
  readonly #scroll: HTMLElement;
  readonly #where = make('span', {});
  readonly #back: HTMLButtonElement;
  readonly #on: HTMLButtonElement;
  readonly #pages: HTMLElement;
  #order: Order = { column: 'id', down: false };
  #page = 0;
  #rows: Row[] = [];
  #graph: Graph | null = null;
  #query: Query = kEverybody;

  constructor(onPick: (id: string) => void) {
    this.#onPick = onPick;
    const head = make('tr');
    for (const column of kColumns) {
      const sort = make('button', { type: 'button', click: () => this.#sort(column) }, words.columns[column]);
      const cell = make('th', { scope: 'col', class: kNumbers.has(column) ? 'number' : '' }, sort);
      this.#heads.set(column, cell);
      head.append(cell);
    }
    const turn = (by: number) => () => this.#turn(by);
    this.#back = make('button', { type: 'button', click: turn(-1) }, words.previous);
    this.#on = make('button', { type: 'button', click: turn(1) }, words.next);
    this.#pages = make('nav', { class: 'pages', 'aria-label': words.pages }, this.#back, this.#where, this.#on);
    this.#table = make(
      'table',
      { class: 'list' },
      make('caption', {}, words.tableCaption),
      make('thead', {}, head),
      this.#body,
    );
    this.#scroll = make(
      'div',
      { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': words.tableCaption },
      this.#table,
    );
    this.element = make(
      'section',
      { 'aria-label': words.views.table },
      this.#found,
      this.#scroll,
      this.#nobody,
      this.#pages,
    );
  }

  show(graph: Graph, query: Query): void {
    if (query !== this.#query) this.#page = 0;
    const stays = query === this.#query && graph === this.#graph && this.#body.contains(document.activeElement);
    this.#query = query;
    this.#graph = graph;
    if (stays) this.#refresh(graph);
    else this.#rows = rowsOf(graph, query, this.#order);
    this.#render(graph);
  }

  // The same rows in the same order, as they are now; who is gone is left out.
  #refresh(graph: Graph): void {
    const out: Row[] = [];
    for (const { node } of this.#rows) {
      const now = graph.nodes.get(node.id);
      if (now) out.push({ node: now, legs: graph.legsOf(now.id) });
    }
    this.#rows = out;
  }

  #sort(column: Column): void {
    this.#order = { column, down: this.#order.column === column && !this.#order.down };
    this.#page = 0;
    this.#again();
  }

  #turn(by: number): void {
    this.#page += by;
    this.#again();
  }

  #again(): void {
    if (!this.#graph) return;
    this.#rows = rowsOf(this.#graph, this.#query, this.#order);
    this.#render(this.#graph);
  }

  #render(graph: Graph): void {
    const pages = Math.max(1, Math.ceil(this.#rows.length / kRowsOfAPage));
    this.#page = Math.max(0, Math.min(this.#page, pages - 1));
    say(this.#found, words.found(this.#rows.length, graph.nodes.size));
    say(this.#where, words.pageOf(this.#page + 1, pages));
    this.#back.disabled = this.#page === 0;
    this.#on.disabled = this.#page === pages - 1;
    this.#pages.hidden = pages === 1;
    this.#scroll.hidden = this.#rows.length === 0;
    this.#nobody.hidden = this.#rows.length > 0;
    this.#table.classList.toggle('tagless', !graph.isPrivate);
    for (const [column, cell] of this.#heads) {
      const sorted = column === this.#order.column;
      if (sorted) cell.setAttribute('aria-sort', this.#order.down ? 'descending' : 'ascending');
      else cell.removeAttribute('aria-sort');
    }
    const shown = this.#rows.slice(this.#page * kRowsOfAPage, (this.#page + 1) * kRowsOfAPage);
    while (this.#body.rows.length > shown.length) this.#body.deleteRow(-1);
    shown.forEach((row, index) => {
      this.#fill(this.#body.rows[index] ?? this.#append(), row);
    });
  }

  #append(): HTMLTableRowElement {
    const row = make('tr');
    for (const column of kColumns) {
      if (column !== 'id') row.append(make('td', { class: kNumbers.has(column) ? 'number' : '' }));
      else {
        const open = (event: Event) => this.#onPick((event.currentTarget as HTMLElement).textContent ?? '');
        row.append(make('th', { scope: 'row' }, make('button', { type: 'button', class: 'link', click: open })));
      }
    }
    this.#body.append(row);
    return row;
  }

  #fill(line: HTMLTableRowElement, { node, legs }: Row): void {
    const texts: Record<Column, string> = {
      id: node.id,
      role: words.roles[node.role],
      state: words.states[node.state],
      country: countryName(node.country),
      people: countText(node.people),
      legs: numberText(legs),
      since: words.moment(node.since),
      tag: node.tag ?? '',
    };
    kColumns.forEach((column, index) => {
      const cell = line.cells[index];
      if (!cell) return;
      say(column === 'id' ? ((cell.firstElementChild as HTMLElement | null) ?? cell) : cell, texts[column]);
      if (column === 'role') cell.className = `role role-${node.role}`;
      if (column === 'state') cell.className = `state state-${node.state}`;
    });
  }
}
