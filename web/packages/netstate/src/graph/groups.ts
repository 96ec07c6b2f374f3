// Groups: the graph by country and egress, which is what is shown first: how many nodes of a country have a leg to an egress, and for how
// many people. Nodes without a leg stand in the column of nobody.
import type { NodeFacts } from '../feed/messages.js';
import { add, kNothing, type Sum } from './counts.js';
import type { Graph } from './graph.js';

export interface Cell {
  nodes: number;
  people: Sum;
}

export interface CountryRow {
  country: string;
  nodes: number; // each once, whatever legs it has
  people: Sum;
  idle: number; // without a leg
  cells: Map<string, Cell>; // by egress
}

export interface Groups {
  egresses: NodeFacts[]; // who has most people first
  brokers: number;
  rows: CountryRow[]; // who has most nodes first
  totals: Map<string, Cell>; // by egress
}

// Of those who are wanted only; an egress is a column when somebody wanted has a leg to it, or when it is wanted itself.
export function groupsOf(graph: Graph, isWanted: (node: NodeFacts) => boolean = () => true): Groups {
  const rows = new Map<string, CountryRow>();
  const totals = new Map<string, Cell>();
  const rowOf = (country: string): CountryRow => {
    let row = rows.get(country);
    if (!row) {
      row = { country, nodes: 0, people: kNothing, idle: 0, cells: new Map() };
      rows.set(country, row);
    }
    return row;
  };
  const wanted = new Set<string>();
  for (const node of graph.nodes.values()) if (isWanted(node)) wanted.add(node.id);
  const egresses: NodeFacts[] = [];
  let brokers = 0;
  const legs = new Set<string>();
  for (const { from, to, people } of graph.edges.values()) {
    const node = graph.nodes.get(from);
    if (!node || !wanted.has(from)) continue;
    legs.add(from);
    const row = rowOf(node.country);
    row.people = add(row.people, people);
    grow(row.cells, to, people);
    grow(totals, to, people);
  }
  for (const node of graph.nodes.values()) {
    if (node.role === 'egress') {
      if (wanted.has(node.id) || totals.has(node.id)) egresses.push(node);
    } else if (!wanted.has(node.id)) {
    } else if (node.role === 'broker') {
      ++brokers;
    } else {
      const row = rowOf(node.country);
      ++row.nodes;
      if (!legs.has(node.id)) ++row.idle;
    }
  }
  const weight = (id: string) => totals.get(id)?.nodes ?? 0;
  egresses.sort((a, b) => weight(b.id) - weight(a.id) || (a.id < b.id ? -1 : 1));
  const sorted = [...rows.values()].sort((a, b) => b.nodes - a.nodes || (a.country < b.country ? -1 : 1));
  return { egresses, brokers, rows: sorted, totals };
}

function grow(cells: Map<string, Cell>, to: string, people: number | null): void {
  const cell = cells.get(to) ?? { nodes: 0, people: kNothing };
  cells.set(to, { nodes: cell.nodes + 1, people: add(cell.people, people) });
}
