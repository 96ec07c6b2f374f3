import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { fromHex, type Recording, replay } from './recording.js';
import { parseAnswer } from './records.js';
import { coreModule } from './test_module.js';

const recorded: Recording = JSON.parse(
  readFileSync(new URL('../../../../tests/vectors/volunteer_calls.json', import.meta.url), 'utf8'),
);

test('core.wasm answers the recorded days as the native core did', () => {
  assert.ok(replay(coreModule(), recorded) > 80);
});

test('another answer than the recorded one is noticed', () => {
  const other: Recording = structuredClone(recorded);
  const step = other.days[1]?.steps[9] ?? assert.fail('no such step');
  step.answer = step.answer.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  assert.throws(() => replay(coreModule(), other), /unlucky, step 9/);
  assert.throws(() => replay(coreModule(), { ...recorded, abi: recorded.abi + 1 }), /another version/);
});

test('each status of the recorded days says where those are who are helped', () => {
  const steps = recorded.days.flatMap((day) => day.steps);
  const said = steps.map((step) => parseAnswer(fromHex(step.answer)).status);
  const people = said.map(({ countries }) => countries.reduce((sum, each) => sum + each.people, 0));
  const helped = said.map((status) => status.people - status.standby);
  assert.deepEqual(people, helped);
  const kinds = new Set(said.map(({ countries }) => JSON.stringify(countries)));
  assert.deepEqual([...kinds].sort(), ['[]', '[{"country":"??","people":1}]', '[{"country":"IR","people":1}]']);
});

test('every kind of command is in the recorded days, and understood', () => {
  const steps = recorded.days.flatMap((day) => day.steps);
  const done = new Set(steps.flatMap((step) => parseAnswer(fromHex(step.answer)).commands.map((each) => each.do)));
  assert.deepEqual([...done].sort(), [
    'closeLeg',
    'closeLink',
    'cut',
    'dialLeg',
    'keep',
    'makeAnswer',
    'post',
    'sendOnLink',
    'startRelay',
  ]);
});
