// Graph: what netstate last said, kept by its deltas. An edge whose end is not there is never kept. Costs O(changed) for a delta.
// Not told to anybody: who shows it looks at `serial`, which rises with each change, and at `shape`, which rises when a node or an edge
// comes or goes.
import type { Delta, EdgeFacts, NodeFacts, Snapshot, Totals } from '../feed/messages.js';

const kNoTotals: Totals = { nodes: {}, people: 0, sessions: 0, bytes_per_second: 0 };

export class Graph {
  version = 0;
  at = 0;
  isPrivate = false;
  totals: Totals = kNoTotals;
  serial = 0;
  shape = 0;
  readonly nodes = new Map<string, NodeFacts>();
  readonly edges = new Map<string, EdgeFacts>(); // by edgeKey()
  #touching: Map<string, Set<string>> | null = null; // the keys of a node's edges; made when first asked for, after the first picture

  load(snapshot: Snapshot): void {
    this.nodes.clear();
    this.edges.clear();
    this.#touching = null;
    this.isPrivate = snapshot.private;
    for (const node of snapshot.nodes) this.#putNode(node);
    for (const edge of snapshot.edges) this.#putEdge(edge);
    this.#now(snapshot);
    ++this.shape;
  }

  // A delta is for who has the version before it. One that is known already changes nothing.
  apply(delta: Delta): 'applied' | 'known' | 'gap' {
    if (delta.version <= this.version) return 'known';
    if (delta.version !== this.version + 1) return 'gap';
    for (const node of delta.nodes) this.#putNode(node);
    for (const edge of delta.edges) this.#putEdge(edge);
    for (const [from, to] of delta.cut) this.#cut(edgeKey(from, to));
    for (const id of delta.gone) this.#remove(id);
    this.#now(delta);
    return 'applied';
  }

  edgesOf(id: string): EdgeFacts[] {
    const out: EdgeFacts[] = [];
    for (const key of this.#near().get(id) ?? []) {
      const edge = this.edges.get(key);
      if (edge) out.push(edge);
    }
    return out;
  }

  legsOf(id: string): number {
    return this.#near().get(id)?.size ?? 0;
  }

  snapshot(): Snapshot {
    const { version, at, isPrivate, totals } = this;
    return {
      version,
      at,
      private: isPrivate,
      nodes: [...this.nodes.values()],
      edges: [...this.edges.values()],
      totals,
    };
  }

  #now({ version, at, totals }: Snapshot | Delta): void {
    this.version = version;
    this.at = at;
    this.totals = totals;
    ++this.serial;
  }

  #putNode(node: NodeFacts): void {
    if (!this.nodes.has(node.id)) ++this.shape;
    this.nodes.set(node.id, node);
  }

  #putEdge(edge: EdgeFacts): void {
    if (!this.nodes.has(edge.from) || !this.nodes.has(edge.to)) return;
    const key = edgeKey(edge.from, edge.to);
    if (!this.edges.has(key)) ++this.shape;
    this.edges.set(key, edge);
    if (this.#touching) touch(this.#touching, key, edge);
  }

  #near(): Map<string, Set<string>> {
    if (!this.#touching) {
      this.#touching = new Map();
      for (const [key, edge] of this.edges) touch(this.#touching, key, edge);
    }
    return this.#touching;
  }

  #cut(key: string): void {
    const edge = this.edges.get(key);
    if (!edge) return;
    this.edges.delete(key);
    for (const id of [edge.from, edge.to]) this.#near().get(id)?.delete(key);
    ++this.shape;
  }

  #remove(id: string): void {
    for (const key of [...(this.#near().get(id) ?? [])]) this.#cut(key);
    this.#near().delete(id);
    if (this.nodes.delete(id)) ++this.shape;
  }
}

export function edgeKey(from: string, to: string): string {
  return `${from} ${to}`;
}

function touch(touching: Map<string, Set<string>>, key: string, { from, to }: EdgeFacts): void {
  for (const id of [from, to]) {
    const keys = touching.get(id);
    if (keys) keys.add(key);
    else touching.set(id, new Set([key]));
  }
}
