// Scene: what the force view draws of a graph, in arrays: nodes in the order of their places, edges as pairs of places. Rebuilt when the
// graph's shape changes; states and people are refreshed when anything does. Costs O(nodes + edges).
import { kRoles, kStates, type Role } from '../feed/messages.js';
import type { Graph } from '../graph/graph.js';
import type { Shape } from './layout.js';
import { type Strands, strandsOf } from './strands.js';

export class Scene {
  readonly ids: string[];
  readonly indexOf = new Map<string, number>();
  readonly edges: Uint32Array; // two places in ids each
  readonly roles: Uint8Array; // of kRoles
  readonly states: Uint8Array; // of kStates
  byLook: number[][] = []; // places of the nodes of each role and state: what comes last lies on top
  strands: Strands[] = [];
  serial = -1; // of the graph whose states these are
  readonly #of: Graph;
  readonly #shape: number;
  readonly #keys: string[]; // of the edges

  constructor(graph: Graph) {
    this.#of = graph;
    this.#shape = graph.shape;
    this.ids = [...graph.nodes.keys()];
    this.ids.forEach((id, index) => {
      this.indexOf.set(id, index);
    });
    this.roles = new Uint8Array(this.ids.length);
    this.states = new Uint8Array(this.ids.length);
    this.ids.forEach((id, index) => {
      this.roles[index] = kRoles.indexOf(graph.nodes.get(id)?.role ?? 'volunteer');
    });
    this.#keys = [...graph.edges.keys()];
    this.edges = new Uint32Array(2 * this.#keys.length);
    let at = 0;
    for (const { from, to } of graph.edges.values()) {
      this.edges[at++] = this.indexOf.get(from) ?? 0;
      this.edges[at++] = this.indexOf.get(to) ?? 0;
    }
    this.refresh(graph);
  }

  // Whether it is of this graph as it is now; its states and people may still be of before.
  isOf(graph: Graph): boolean {
    return graph === this.#of && graph.shape === this.#shape;
  }

  refresh(graph: Graph): void {
    if (graph.serial === this.serial) return;
    this.serial = graph.serial;
    this.byLook = Array.from({ length: kRoles.length * kStates.length }, () => []);
    this.ids.forEach((id, index) => {
      const state = kStates.indexOf(graph.nodes.get(id)?.state ?? 'ready');
      this.states[index] = state;
      this.byLook[(this.roles[index] ?? 0) * kStates.length + state]?.push(index);
    });
    this.strands = this.#keys.map((key) => strandsOf(graph.edges.get(key)?.people ?? null));
  }

  toLayout(): Shape {
    return {
      ids: Uint32Array.from(this.ids, (id) => Number.parseInt(id, 16)),
      egress: Uint8Array.from(this.roles, (role) => (kRoles[role] === 'egress' ? 1 : 0)),
      edges: this.edges.slice(),
    };
  }

  roleAt(index: number): Role {
    return kRoles[this.roles[index] ?? 0] ?? 'volunteer';
  }

  // Places from before, in this one's order; who was not there has those of `otherwise`.
  carryOver(from: Scene, places: Float32Array, otherwise: Float32Array): Float32Array {
    const out = otherwise.slice();
    this.ids.forEach((id, index) => {
      const before = from.indexOf.get(id);
      if (before === undefined) return;
      out[2 * index] = places[2 * before] ?? 0;
      out[2 * index + 1] = places[2 * before + 1] ?? 0;
    });
    return out;
  }
}
