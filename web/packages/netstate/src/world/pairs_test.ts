import assert from 'node:assert/strict';
import test from 'node:test';

import type { NodeFacts, Role } from '../feed/messages.js';
import { Graph } from '../graph/graph.js';
import { worldOf } from './pairs.js';

function node(id: string, country: string, role: Role = 'volunteer'): NodeFacts {
  return { id, role, state: 'ready', country, people: 0, since: 0 };
}

test('legs are counted by pair of countries, and nobody is put where he is not', () => {
  const graph = new Graph();
  graph.load({
    version: 1,
    at: 0,
    private: false,
    nodes: [
      node('00000001', 'DE'),
      node('00000002', 'DE'),
      node('00000003', 'other'),
      node('00000004', '??'),
      node('0000000e', 'US', 'egress'),
    ],
    edges: [
      { from: '00000001', to: '0000000e', people: 9 },
      { from: '00000002', to: '0000000e', people: null },
      { from: '00000003', to: '0000000e', people: 8 },
    ],
    totals: { nodes: {}, people: 0, sessions: 0, bytes_per_second: 0 },
  });
  const all = worldOf(graph, () => true);
  assert.deepEqual(all.pairs, [
    { from: 'DE', to: 'US', legs: 2, people: { known: 9, few: 1 } },
    { from: 'other', to: 'US', legs: 1, people: { known: 8, few: 0 } },
  ]);
  assert.deepEqual([...all.nodes], [['DE', 2]]);
  assert.deepEqual([...all.egresses], [['US', 1]]);
  assert.equal(all.unplaced, 2);
  const one = worldOf(graph, ({ id }) => id === '00000002');
  assert.deepEqual(one.pairs, [{ from: 'DE', to: 'US', legs: 1, people: { known: 0, few: 1 } }]);
});
