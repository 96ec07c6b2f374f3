import assert from 'node:assert/strict';
import test from 'node:test';

import { Graph } from '../graph/graph.js';
import { seedsOf } from './layout.js';
import { Scene } from './scene.js';
import { toSvg } from './svg.js';

test('the exported picture has every node, and a line for each person of a leg', () => {
  const graph = new Graph();
  graph.load({
    version: 3,
    at: 0,
    private: true,
    nodes: [
      { id: '0000000a', role: 'volunteer', state: 'helping', country: 'DE', people: 3, since: 0, tag: 'a' },
      { id: '0000000b', role: 'page', state: 'ready', country: 'FR', people: 0, since: 0 },
      { id: '0000000e', role: 'egress', state: 'ready', country: 'NL', people: 3, since: 0 },
    ],
    edges: [
      { from: '0000000a', to: '0000000e', people: 3 },
      { from: '0000000b', to: '0000000e', people: null },
    ],
    totals: { nodes: {}, people: 3, sessions: 3, bytes_per_second: 0 },
  });
  const scene = new Scene(graph);
  const svg = toSvg(graph, scene, seedsOf(scene.toLayout()));
  assert.equal(svg.match(/<path /g)?.length, 4);
  assert.equal(svg.match(/stroke-dasharray/g)?.length, 1);
  assert.equal(svg.match(/<circle /g)?.length, 1);
  assert.equal(svg.match(/<polygon /g)?.length, 2);
  for (const id of graph.nodes.keys()) assert.ok(svg.includes(id));
  assert.doesNotMatch(svg, /NaN|undefined|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
});
