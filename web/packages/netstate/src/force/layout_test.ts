import assert from 'node:assert/strict';
import test from 'node:test';

import { Layout, type Shape, seedsOf } from './layout.js';

// So many nodes, of which the first are egresses, each other one with a leg to one of them in turn.
function shapeOf(count: number, egresses: number): Shape {
  const edges: number[] = [];
  for (let index = egresses; index < count; ++index) edges.push(index, index % egresses);
  return {
    ids: Uint32Array.from({ length: count }, (_, index) => index + 1),
    egress: Uint8Array.from({ length: count }, (_, index) => (index < egresses ? 1 : 0)),
    edges: Uint32Array.from(edges),
  };
}

function distance(places: Float32Array, a: number, b: number): number {
  const at = (index: number) => places[index] ?? Number.NaN;
  return Math.hypot(at(2 * a) - at(2 * b), at(2 * a + 1) - at(2 * b + 1));
}

test('it begins with everybody beside his egress, and nobody on top of another', () => {
  const places = seedsOf(shapeOf(2_000, 4));
  const seen = new Set<string>();
  for (let index = 0; index < 2_000; ++index) {
    seen.add(`${places[2 * index]?.toFixed(2)} ${places[2 * index + 1]?.toFixed(2)}`);
    if (index < 4) continue;
    const own = distance(places, index, index % 4);
    for (let other = 0; other < 4; ++other) assert.ok(own <= distance(places, index, other));
  }
  assert.equal(seen.size, 2_000);
});

test('it comes to rest', () => {
  const layout = new Layout();
  layout.set(shapeOf(60, 3));
  let steps = 0;
  for (; !layout.isSettled; ++steps) layout.step();
  assert.ok(steps > 10 && steps < 200, `${steps}`);
  assert.ok(layout.places().every(Number.isFinite));
});

test('who is there keeps his place when somebody comes', () => {
  const layout = new Layout();
  layout.set(shapeOf(60, 3));
  while (!layout.isSettled) layout.step();
  const before = layout.places();
  layout.set(shapeOf(61, 3));
  const after = layout.places();
  assert.deepEqual(after.slice(0, 120), before);
  assert.ok(distance(after, 60, 0) < 60, 'the newcomer is beside his egress');
  assert.equal(layout.isSettled, false);
});

test('nobody at all is a picture, too', () => {
  const layout = new Layout();
  layout.set(shapeOf(0, 1));
  assert.equal(layout.isSettled, true);
  layout.set({ ids: Uint32Array.of(1, 2), egress: Uint8Array.of(0, 0), edges: new Uint32Array(0) });
  layout.step();
  assert.ok(layout.places().every(Number.isFinite));
});
