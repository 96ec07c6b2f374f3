// Rows of the table: who is looked for, in the order that is wished. Costs O(n log n) for n nodes.
import type { NodeFacts } from '../feed/messages.js';
import type { Graph } from '../graph/graph.js';
import { countryName, isEverybody, matches, type Query } from '../page/query.js';

export const kColumns = ['id', 'role', 'state', 'country', 'people', 'legs', 'since', 'tag'] as const;
export type Column = (typeof kColumns)[number];

export interface Order {
  column: Column;
  down: boolean;
}

export interface Row {
  node: NodeFacts;
  legs: number;
}

export function rowsOf(graph: Graph, query: Query, { column, down }: Order): Row[] {
  const all = isEverybody(query);
  const rows: Row[] = [];
  for (const node of graph.nodes.values()) {
    if (all || matches(node, query)) rows.push({ node, legs: graph.legsOf(node.id) });
  }
  const keyOf = kValues[column];
  const keyed = rows.map((row) => ({ row, value: keyOf(row) }));
  const sign = down ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.value !== b.value) return a.value < b.value ? -sign : sign;
    return a.row.node.id < b.row.node.id ? -1 : 1;
  });
  return keyed.map(({ row }) => row);
}

// Fewer than eight, when no more is told, stands before any number that is told.
const kValues: Record<Column, (row: Row) => string | number> = {
  id: ({ node }) => node.id,
  role: ({ node }) => node.role,
  state: ({ node }) => node.state,
  country: ({ node }) => countryName(node.country),
  people: ({ node }) => node.people ?? -1,
  legs: ({ legs }) => legs,
  since: ({ node }) => node.since,
  tag: ({ node }) => node.tag ?? '',
};
