import assert from 'node:assert/strict';
import test from 'node:test';

import type { Delta, EdgeFacts, NodeFacts, Snapshot } from '../feed/messages.js';
import { edgeKey, Graph } from './graph.js';

const kTotals = { nodes: {}, people: 0, sessions: 0, bytes_per_second: 0 };

const idOf = (number: number) => number.toString(16).padStart(8, '0');

function node(number: number): NodeFacts {
  return { id: idOf(number), role: 'volunteer', state: 'ready', country: 'DE', people: 0, since: 0 };
}

function edge(from: number, to: number): EdgeFacts {
  return { from: idOf(from), to: idOf(to), people: 1 };
}

function snapshot(nodes: NodeFacts[], edges: EdgeFacts[], version = 1): Snapshot {
  return { version, at: version, private: false, nodes, edges, totals: kTotals };
}

function delta(version: number, more: Partial<Delta>): Delta {
  return { version, at: version, nodes: [], gone: [], edges: [], cut: [], totals: kTotals, ...more };
}

function dangling(graph: Graph): EdgeFacts[] {
  return [...graph.edges.values()].filter(({ from, to }) => !graph.nodes.has(from) || !graph.nodes.has(to));
}

test('a node that goes takes its edges with it', () => {
  const graph = new Graph();
  graph.load(snapshot([node(1), node(2), node(3)], [edge(1, 2), edge(3, 2), edge(1, 3)]));
  assert.equal(graph.apply(delta(2, { gone: [idOf(2)] })), 'applied');
  assert.deepEqual([...graph.edges.keys()], [edgeKey(idOf(1), idOf(3))]);
  assert.deepEqual(graph.edgesOf(idOf(3)), [edge(1, 3)]);
});

test('an edge to nobody is not kept', () => {
  const graph = new Graph();
  graph.load(snapshot([node(1)], [edge(1, 2)]));
  assert.equal(graph.edges.size, 0);
  graph.apply(delta(2, { edges: [edge(1, 2)] }));
  assert.equal(graph.edges.size, 0);
});

test('what is not the next version is not applied', () => {
  const graph = new Graph();
  graph.load(snapshot([node(1)], [], 5));
  const { serial } = graph;
  assert.equal(graph.apply(delta(5, { gone: [idOf(1)] })), 'known');
  assert.equal(graph.apply(delta(7, { gone: [idOf(1)] })), 'gap');
  assert.equal(graph.nodes.size, 1);
  assert.equal(graph.serial, serial);
});

test('a change of people changes no shape', () => {
  const graph = new Graph();
  graph.load(snapshot([node(1), node(2)], [edge(1, 2)]));
  const { shape, serial } = graph;
  graph.apply(delta(2, { nodes: [{ ...node(1), people: 9 }], edges: [{ ...edge(1, 2), people: 9 }] }));
  assert.equal(graph.shape, shape);
  assert.ok(graph.serial > serial);
});

test('whatever comes and goes, no edge dangles, and a snapshot of it is the same graph', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const graph = new Graph();
  graph.load(snapshot([], [], 1));
  for (let version = 2; version < 2_000; ++version) {
    const [from, to] = [random(30), random(30)];
    const what = [
      { nodes: [node(from)] },
      { gone: [idOf(from)] },
      { edges: [edge(from, to)] },
      { cut: [[idOf(from), idOf(to)] as [string, string]] },
    ][random(4)];
    graph.apply(delta(version, what ?? {}));
    assert.deepEqual(dangling(graph), []);
  }
  const copy = new Graph();
  copy.load(graph.snapshot());
  assert.deepEqual(copy.snapshot(), graph.snapshot());
  for (const id of graph.nodes.keys()) {
    const touching = [...graph.edges.values()].filter(({ from, to }) => from === id || to === id);
    assert.equal(graph.edgesOf(id).length, touching.length);
  }
});
