import assert from 'node:assert/strict';
import test from 'node:test';

import { jsonOf, parseSnapshot, type Snapshot } from '../feed/messages.js';
import { Graph } from '../graph/graph.js';
import { jsonText } from './saving.js';

test('what is saved is the same graph when it is read', () => {
  const snapshot: Snapshot = {
    version: 7,
    at: 1_000,
    private: true,
    nodes: [
      { id: '0000000a', role: 'volunteer', state: 'helping', country: 'DE', people: 3, since: 0, tag: 'lab' },
      { id: '0000000e', role: 'egress', state: 'silent', country: '??', people: null, since: 600_000 },
    ],
    edges: [{ from: '0000000a', to: '0000000e', people: 3 }],
    totals: { nodes: { volunteer: 1, egress: 1 }, people: 3, sessions: null, bytes_per_second: 12 },
  };
  const graph = new Graph();
  graph.load(snapshot);
  assert.deepEqual(parseSnapshot(jsonOf(jsonText(graph))), snapshot);
});
