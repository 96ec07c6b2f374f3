import assert from 'node:assert/strict';
import test from 'node:test';

import { Gate, RelayWay } from './gate.js';
import { coreModule } from './test_module.js';

const kNoSlot = 200; // a bug of the page, for which the core stops

function gated() {
  const told: string[] = [];
  return { told, gate: Gate.start(coreModule(), (why) => told.push(why)) };
}

test('a gate that traps lets nothing through with that, says why, and lets the others go on', () => {
  const { told, gate } = gated();
  assert.equal(gate.mayGo(0, kNoSlot, RelayWay.ToLeg, 100, 0), false);
  assert.equal(gate.mayWait(kNoSlot, 100), false);
  gate.begin(kNoSlot);
  assert.equal(told.length, 3);
  for (const why of told) assert.match(why, /relay_gate\.cpp:\d+$/);
  gate.begin(0);
  assert.equal(gate.mayGo(0, 0, RelayWay.ToLeg, 100, 0), true);
  assert.equal(told.length, 3);
});

test('the limit holds for the gate that takes the place of one that trapped', () => {
  const { gate } = gated();
  gate.limit(100_000);
  gate.begin(kNoSlot);
  gate.begin(0);
  let gone = 0;
  for (let ms = 0; ms < 1_000; ++ms) if (gate.mayGo(ms, 0, RelayWay.ToLink, 1_000, 0)) gone += 1_000;
  assert.ok(gone < 120_000, `${gone}`);
});
