import assert from 'node:assert/strict';
import test from 'node:test';

import type { NodeFacts, Role } from '../feed/messages.js';
import { groupText, rateText, sumText } from './counts.js';
import { Graph } from './graph.js';
import { groupsOf } from './groups.js';

function node(id: string, role: Role, country: string): NodeFacts {
  return { id, role, state: 'ready', country, people: 0, since: 0 };
}

function sample(): Graph {
  const graph = new Graph();
  const nodes = [
    node('0000000a', 'volunteer', 'DE'),
    node('0000000b', 'page', 'DE'),
    node('0000000c', 'extension', 'FR'),
    node('000000e1', 'egress', 'NL'),
    node('000000e2', 'egress', 'US'),
    node('000000b1', 'broker', 'US'),
  ];
  const edges = [
    { from: '0000000a', to: '000000e1', people: 9 },
    { from: '0000000a', to: '000000e2', people: null },
    { from: '0000000b', to: '000000e2', people: null },
  ];
  const totals = { nodes: {}, people: 0, sessions: 0, bytes_per_second: 0 };
  graph.load({ version: 1, at: 1, private: false, nodes, edges, totals });
  return graph;
}

test('a country counts each of its nodes once, and its people for each leg', () => {
  const { rows, egresses, brokers, totals } = groupsOf(sample());
  assert.deepEqual(
    rows.map(({ country, nodes, idle }) => [country, nodes, idle]),
    [
      ['DE', 2, 0],
      ['FR', 1, 1],
    ],
  );
  assert.deepEqual(rows[0]?.people, { known: 9, few: 2 });
  assert.deepEqual(rows[0]?.cells.get('000000e2'), { nodes: 2, people: { known: 0, few: 2 } });
  assert.deepEqual(
    egresses.map(({ id }) => id),
    ['000000e2', '000000e1'],
  );
  assert.equal(totals.get('000000e1')?.nodes, 1);
  assert.equal(brokers, 1);
});

test('what is not told is not made up', () => {
  assert.equal(sumText({ known: 12, few: 0 }), '12');
  assert.equal(sumText({ known: 12, few: 3 }), '12+');
  assert.equal(sumText({ known: 0, few: 1 }), 'fewer than 8');
  assert.equal(sumText({ known: 0, few: 2 }), 'fewer than 8 each');
  assert.equal(groupText(7, false), 'fewer than 8');
  assert.equal(groupText(7, true), '7');
  assert.equal(groupText(0, false), '0');
  assert.equal(groupText(12_345, false), '12,345');
});

test('a rate has a unit', () => {
  assert.deepEqual([0, 999, 1_500, 123_456, 2_000_000].map(rateText), [
    '0 B/s',
    '999 B/s',
    '1.5 kB/s',
    '123 kB/s',
    '2.0 MB/s',
  ]);
});

test('who is looked for is counted alone, with the egresses he has legs to', () => {
  const { rows, egresses, brokers } = groupsOf(sample(), ({ id }) => id === '0000000b');
  assert.deepEqual(
    rows.map(({ country, nodes }) => [country, nodes]),
    [['DE', 1]],
  );
  assert.deepEqual(
    egresses.map(({ id }) => id),
    ['000000e2'],
  );
  assert.equal(brokers, 0);
});
