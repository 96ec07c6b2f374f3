import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { Core } from './core.js';
import { kAbiVersion, parseAnswer } from './records.js';
import { coreModule, fromHex, seededRandom, toHex } from './test_module.js';

interface Recording {
  abi: number;
  seed: number;
  steps: { call: string; answer: string }[];
}

const recorded: Recording = JSON.parse(
  readFileSync(new URL('../../../../tests/vectors/volunteer_calls.json', import.meta.url), 'utf8'),
);

test('core.wasm answers a recorded day as the native core did', () => {
  assert.equal(recorded.abi, kAbiVersion);
  assert.ok(recorded.steps.length > 20);
  const core = Core.start(coreModule(), seededRandom(BigInt(recorded.seed)));
  recorded.steps.forEach((step, number) => {
    assert.equal(toHex(core.call(fromHex(step.call))), step.answer, `step ${number}`);
  });
});

test('every kind of command of the recorded day is understood', () => {
  const done = new Set(
    recorded.steps.flatMap((step) => parseAnswer(fromHex(step.answer)).commands.map((each) => each.do)),
  );
  assert.deepEqual([...done].sort(), [
    'closeLeg',
    'closeLink',
    'cut',
    'dialLeg',
    'keep',
    'makeAnswer',
    'post',
    'startRelay',
  ]);
});
