// NetstateWorld: an invented network for tests and pictures of netstate's page: the same seed gives the same nodes, legs and changes. It says
// them in the words of docs/spec/18-netstate.md, and applies the same changes to itself, so that it is what a page ought to show.
import type { Delta, EdgeFacts, NodeFacts, NodeState, Role, Snapshot, Totals } from '@footbridge/netstate/messages';

const kCountries = 'DE US FR NL GB CA SE CH PL BR JP AU ES IT FI NO AT CZ IN ZA KR AR MX TW'.split(' ');
const kTags = ['lab', 'cafe', 'library', 'attic', 'hackspace'];
const kStepMs = 500;
const kCrowd = 8;

export interface Wish {
  seed?: number;
  nodes: number; // all of them
  egresses?: number;
  edges?: number; // about so many
  isPrivate?: boolean;
  at?: number; // Unix time in ms
}

export class NetstateWorld {
  readonly nodes = new Map<string, NodeFacts>();
  readonly edges = new Map<string, EdgeFacts>();
  version = 1;
  at: number;
  readonly isPrivate: boolean;
  readonly #random: () => number;
  #serial = 0;

  constructor({
    seed = 1,
    nodes,
    egresses = Math.min(6, nodes),
    edges = 0,
    isPrivate = false,
    at = 1_780_000_000_000,
  }: Wish) {
    this.#random = randomOf(seed);
    this.isPrivate = isPrivate;
    this.at = at;
    for (let count = 0; count < egresses; ++count) this.#add('egress');
    if (nodes > 12) this.#add('broker');
    while (this.nodes.size < nodes) this.#add(this.#carrier());
    const carriers = this.#of((role) => role !== 'egress' && role !== 'broker');
    for (let tries = 0; carriers.length > 0 && this.edges.size < edges && tries < 3 * edges; ++tries) {
      this.#link(this.edges.size < carriers.length * 0.8 ? (carriers[this.edges.size] ?? '') : this.#one(carriers));
    }
  }

  snapshot(): Snapshot {
    const nodes = [...this.nodes.values()];
    const edges = [...this.edges.values()];
    return { version: this.version, at: this.at, private: this.isPrivate, nodes, edges, totals: this.totals() };
  }

  totals(): Totals {
    const nodes = { volunteer: 0, page: 0, extension: 0, broker: 0, egress: 0 };
    for (const { role } of this.nodes.values()) ++nodes[role];
    let people = 0;
    for (const edge of this.edges.values()) people += edge.people ?? 0;
    return { nodes, people: this.#told(people), sessions: this.#told(people), bytes_per_second: people * 40_000 };
  }

  // Some come, some go, legs change: about so many of each.
  step(changes: number): Delta {
    ++this.version;
    this.at += kStepMs;
    const before = { nodes: new Set(this.nodes.keys()), edges: new Set(this.edges.keys()) };
    const [nodes, edges] = [new Set<string>(), new Set<string>()];
    const carriers = this.#of((role) => role !== 'egress' && role !== 'broker');
    for (let count = 0; count < changes; ++count) {
      const gone = this.#one(carriers);
      if (this.nodes.delete(gone))
        for (const key of this.edges.keys()) if (key.startsWith(gone)) this.edges.delete(key);
      const id = this.#add(this.#carrier());
      nodes.add(id);
      edges.add(this.#link(id));
      const other = this.#one(carriers);
      if (!this.nodes.has(other)) continue;
      edges.add(this.#link(other));
      nodes.add(other);
    }
    const left = [...before.nodes].filter((id) => !this.nodes.has(id));
    const cut = [...before.edges]
      .filter((key) => !this.edges.has(key))
      .map((key) => key.split(' ') as [string, string]);
    const those = <T>(keys: Set<string>, of: Map<string, T>) => [...keys].flatMap((key) => of.get(key) ?? []);
    return {
      version: this.version,
      at: this.at,
      nodes: those(nodes, this.nodes),
      edges: those(edges, this.edges),
      cut,
      gone: left,
      totals: this.totals(),
    };
  }

  // A change that a test wishes.
  change(nodes: NodeFacts[], gone: string[] = []): Delta {
    ++this.version;
    this.at += kStepMs;
    for (const node of nodes) this.nodes.set(node.id, node);
    const cut: [string, string][] = [];
    for (const id of gone) {
      this.nodes.delete(id);
      for (const [key, { from, to }] of this.edges)
        if (from === id || to === id) cut.push([from, to]) && this.edges.delete(key);
    }
    return { version: this.version, at: this.at, nodes, edges: [], cut, gone, totals: this.totals() };
  }

  #add(role: Role): string {
    // Spread over all ids, and each once.
    const id = (Math.imul(++this.#serial, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
    const country =
      this.isPrivate || this.#random() < 0.93
        ? (kCountries[Math.floor(kCountries.length * this.#random() ** 2.2)] ?? 'DE')
        : 'other';
    const states: NodeState[] = ['ready', 'ready', 'ready', 'ready', 'helping', 'helping', 'paused', 'draining'];
    const state =
      role === 'egress' || role === 'broker'
        ? 'ready'
        : (states[Math.floor(this.#random() * states.length)] ?? 'ready');
    const since = Math.floor((this.at - this.#random() * 86_400_000) / 600_000) * 600_000;
    const node: NodeFacts = { id, role, state, country, people: this.#told(0), since };
    if (this.isPrivate) node.tag = this.#random() < 0.3 ? `${this.#one(kTags)}-${this.#serial % 7}` : '';
    this.nodes.set(id, node);
    return id;
  }

  #link(from: string): string {
    const egresses = this.#of((role) => role === 'egress');
    const to = egresses[Math.floor(egresses.length * this.#random() ** 1.6)] ?? '';
    const key = `${from} ${to}`;
    const people = this.#told(Math.floor(this.#random() ** 3 * (this.isPrivate ? 9 : 30)));
    this.edges.set(key, { from, to, people });
    const node = this.nodes.get(from);
    if (node) this.nodes.set(from, { ...node, people, state: people === 0 ? node.state : 'helping' });
    return key;
  }

  #told(count: number): number | null {
    if (this.isPrivate) return count;
    return count < kCrowd ? null : count - (count % kCrowd);
  }

  #carrier(): Role {
    const part = this.#random();
    return part < 0.45 ? 'volunteer' : part < 0.7 ? 'page' : 'extension';
  }

  #of(wanted: (role: Role) => boolean): string[] {
    return [...this.nodes.values()].filter(({ role }) => wanted(role)).map(({ id }) => id);
  }

  #one(list: readonly string[]): string {
    return list[Math.floor(this.#random() * list.length)] ?? '';
  }
}

// Numbers from 0 to 1 (Mulberry32).
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
