import assert from 'node:assert/strict';
import test from 'node:test';

import type { NodeFacts } from '../feed/messages.js';
import { Graph } from '../graph/graph.js';
import { kEverybody } from '../page/query.js';
import { type Column, rowsOf } from './rows.js';

function graphOf(nodes: Partial<NodeFacts>[], edges: [string, string][] = []): Graph {
  const graph = new Graph();
  const rest = { role: 'volunteer', state: 'ready', country: 'DE', people: 0, since: 0 } as const;
  graph.load({
    version: 1,
    at: 0,
    private: false,
    nodes: nodes.map((node) => ({ id: '00000000', ...rest, ...node })),
    edges: edges.map(([from, to]) => ({ from, to, people: 1 })),
    totals: { nodes: {}, people: 0, sessions: 0, bytes_per_second: 0 },
  });
  return graph;
}

const kSome = graphOf(
  [
    { id: '0000000c', people: null, country: 'IR' },
    { id: '0000000a', people: 9, country: 'ZW', tag: 'b' },
    { id: '0000000b', people: 70, country: '??', role: 'page' },
    { id: '0000000e', people: 70, country: 'AT', role: 'egress' },
  ],
  [
    ['0000000a', '0000000e'],
    ['0000000b', '0000000e'],
  ],
);

function order(column: Column, down = false): string {
  return rowsOf(kSome, kEverybody, { column, down })
    .map(({ node }) => node.id.slice(-1))
    .join('');
}

test('it is sorted by each column, both ways, and by id where that says nothing', () => {
  assert.equal(order('id'), 'abce');
  assert.equal(order('id', true), 'ecba');
  assert.equal(order('people'), 'cabe');
  assert.equal(order('people', true), 'beac');
  assert.equal(order('country'), 'ecba');
  assert.equal(order('legs', true), 'eabc');
  assert.equal(order('role'), 'ebac');
  assert.equal(order('tag', true), 'abce');
});

test('only who is looked for has a row', () => {
  const rows = rowsOf(kSome, { ...kEverybody, text: 'zimbabwe' }, { column: 'id', down: false });
  assert.deepEqual(
    rows.map(({ node, legs }) => [node.id, legs]),
    [['0000000a', 1]],
  );
});
