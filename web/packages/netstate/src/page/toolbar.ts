// Toolbar: whom to look for, and what can be saved. It belongs to every view.
import { make } from '@footbridge/frame/dom';
import { kRoles, kStates } from '../feed/messages.js';
import type { Graph } from '../graph/graph.js';
import { words } from '../words.js';
import { countryName, isEverybody, kEverybody, type Query, queryOf } from './query.js';

export class Toolbar {
  readonly element: HTMLFormElement;
  query: Query = kEverybody;
  readonly #text = make('input', {
    type: 'search',
    name: 'text',
    placeholder: words.searchHint,
    autocomplete: 'off',
    maxlength: 64,
  });
  readonly #role = make('select', { name: 'role' });
  readonly #state = make('select', { name: 'state' });
  readonly #country = make('select', { name: 'country' });
  readonly #clear: HTMLButtonElement;
  readonly #onQuery: () => void;
  #countries = '';

  constructor(onQuery: () => void) {
    this.#onQuery = onQuery;
    fill(this.#role, [['', words.any], ...kRoles.map((role) => [role, words.roles[role]] as const)]);
    fill(this.#state, [['', words.any], ...kStates.map((state) => [state, words.states[state]] as const)]);
    fill(this.#country, [['', words.any]]);
    this.#clear = make('button', { type: 'button', hidden: true, click: () => this.set({}) }, words.clear);
    const label = (text: string, field: HTMLElement, more = '') =>
      make('label', { class: more }, make('span', {}, text), field);
    this.element = make(
      'form',
      { class: 'toolbar', role: 'search' },
      label(words.search, this.#text, 'wide'),
      label(words.role, this.#role),
      label(words.state, this.#state),
      label(words.country, this.#country),
      this.#clear,
    );
    this.element.addEventListener('submit', (event) => event.preventDefault());
    this.element.addEventListener('input', () => this.#read());
  }

  set(query: Partial<Query>): void {
    const all = { ...kEverybody, ...query };
    this.#text.value = all.text;
    this.#role.value = all.role;
    this.#state.value = all.state;
    if (all.country !== '' && ![...this.#country.options].some(({ value }) => value === all.country))
      this.#country.append(make('option', { value: all.country }, countryName(all.country)));
    this.#country.value = all.country;
    this.#read();
  }

  // The countries that there are to choose from.
  show(graph: Graph): void {
    if (document.activeElement === this.#country) return;
    const codes = new Set<string>();
    for (const { country } of graph.nodes.values()) codes.add(country);
    if (this.query.country !== '') codes.add(this.query.country);
    const named = [...codes].map((code) => [code, countryName(code)] as const).sort((a, b) => a[1].localeCompare(b[1]));
    const said = named.join();
    if (said === this.#countries) return;
    this.#countries = said;
    fill(this.#country, [['', words.any], ...named]);
    this.#country.value = this.query.country;
  }

  #read(): void {
    const { value: text } = this.#text;
    this.query = queryOf({ text, role: this.#role.value, state: this.#state.value, country: this.#country.value });
    this.#clear.hidden = isEverybody(this.query);
    this.#onQuery();
  }
}

function fill(select: HTMLSelectElement, options: readonly (readonly [string, string])[]): void {
  select.replaceChildren(...options.map(([value, text]) => make('option', { value }, text)));
}
