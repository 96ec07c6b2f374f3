import assert from 'node:assert/strict';
import test from 'node:test';

import type { Delta, NodeFacts } from '../feed/messages.js';
import { Graph } from '../graph/graph.js';
import { kSpeed, Player, parseRecording, type Recording } from './player.js';

const kTotals = { nodes: {}, people: 0, sessions: 0, bytes_per_second: 0 };
const kHourMs = 3_600_000;

// Somebody comes each second of an hour, and goes ten seconds later.
function hour(): Recording {
  const node = (number: number): NodeFacts => ({
    id: number.toString(16).padStart(8, '0'),
    role: 'page',
    state: 'ready',
    country: 'DE',
    people: 0,
    since: 0,
  });
  const deltas: Delta[] = [];
  for (let second = 1; second <= 3_600; ++second) {
    const gone = second > 10 ? [node(second - 10).id] : [];
    deltas.push({
      version: second + 1,
      at: second * 1_000,
      nodes: [node(second)],
      gone,
      edges: [],
      cut: [],
      totals: kTotals,
    });
  }
  const keyframe = { version: 1, at: 0, private: false, nodes: [], edges: [], totals: kTotals };
  return { from: 0, to: kHourMs, keyframe, deltas };
}

const ids = (graph: Graph) => [...graph.nodes.keys()].sort();

test('an hour is over in a minute, and pauses are not counted', () => {
  const player = new Player(hour());
  player.play(5_000);
  player.onClock(15_000);
  assert.equal(player.at, 10_000 * kSpeed);
  player.pause(15_000);
  player.onClock(80_000);
  assert.equal(player.at, 600_000);
  player.play(100_000);
  for (let now = 100_000; now <= 150_000; now += 100) player.onClock(now);
  assert.equal(player.at, kHourMs);
  assert.equal(player.playing, false);
  player.play(200_000);
  assert.equal(player.at, 0, 'at its end it begins anew');
});

test('wherever it is moved to, it shows what was there then', () => {
  const recording = hour();
  const player = new Player(recording);
  for (const at of [1_800_000, 3_599_999, 1_200_500, 0, 3_600_000, 1_000, 2_000_000, 1_999_000, 90_000]) {
    player.seek(at);
    const expected = new Graph();
    expected.load(recording.keyframe);
    for (const delta of recording.deltas) if (delta.at <= at) expected.apply(delta);
    assert.deepEqual(ids(player.graph), ids(expected), `${at}`);
    assert.equal(player.graph.version, expected.version);
  }
});

test('what is exported is the same again', () => {
  const recording = hour();
  assert.deepEqual(parseRecording(JSON.parse(JSON.stringify(recording))), recording);
  for (const fault of [{ to: -1 }, { keyframe: null }, { deltas: [{}] }, { deltas: 3 }])
    assert.equal(parseRecording({ ...recording, ...fault }), null);
});
