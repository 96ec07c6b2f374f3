// Pairs: legs by the country of who helps and the country of the egress. Who has no known or no told country is counted apart.
import { placeOf } from '@footbridge/frame/places';
import type { NodeFacts } from '../feed/messages.js';
import { add, kNothing, type Sum } from '../graph/counts.js';
import type { Graph } from '../graph/graph.js';

export interface Pair {
  from: string;
  to: string;
  legs: number;
  people: Sum;
}

export interface World {
  pairs: Pair[]; // who has most legs first
  nodes: Map<string, number>; // by country, of those who help
  egresses: Map<string, number>;
  unplaced: number; // nodes that are not on the map
}

export function worldOf(graph: Graph, isWanted: (node: NodeFacts) => boolean): World {
  const pairs = new Map<string, Pair>();
  const nodes = new Map<string, number>();
  const egresses = new Map<string, number>();
  let unplaced = 0;
  for (const node of graph.nodes.values()) {
    if (!isWanted(node)) continue;
    if (placeOf(node.country) === null) ++unplaced;
    else if (node.role === 'egress') egresses.set(node.country, (egresses.get(node.country) ?? 0) + 1);
    else nodes.set(node.country, (nodes.get(node.country) ?? 0) + 1);
  }
  for (const edge of graph.edges.values()) {
    const [from, to] = [graph.nodes.get(edge.from), graph.nodes.get(edge.to)];
    if (!from || !to || !isWanted(from)) continue;
    const key = `${from.country} ${to.country}`;
    const pair = pairs.get(key) ?? { from: from.country, to: to.country, legs: 0, people: kNothing };
    pairs.set(key, { ...pair, legs: pair.legs + 1, people: add(pair.people, edge.people) });
  }
  const sorted = [...pairs.values()].sort((a, b) => b.legs - a.legs || (a.from + a.to < b.from + b.to ? -1 : 1));
  return { pairs: sorted, nodes, egresses, unplaced };
}
