import assert from 'node:assert/strict';
import test from 'node:test';

import { type Gesture, SwitchGate } from './switch_gate.js';

const seen: Gesture = { trusted: true, seen: 'visible' };
const covered: Gesture = { trusted: true, seen: 'covered' };
const unknown: Gesture = { trusted: true, seen: 'unknown' };
const forged: Gesture = { trusted: false, seen: 'visible' };

test('the first gesture asks and starts nothing; agreeing starts and is remembered', () => {
  const gate = new SwitchGate(false);
  assert.deepEqual(gate.onSwitch(seen), []);
  assert.equal(gate.phase, 'asking');
  assert.deepEqual(gate.onAgree(seen), ['remember', 'start']);
  assert.equal(gate.phase, 'on');
});

test('declining leaves it off and the next gesture asks again', () => {
  const gate = new SwitchGate(false);
  gate.onSwitch(seen);
  assert.deepEqual(gate.onDecline(seen), []);
  assert.equal(gate.phase, 'off');
  assert.deepEqual(gate.onSwitch(seen), []);
  assert.equal(gate.phase, 'asking');
});

test('who has agreed before starts with one gesture, unless there is news to agree to', () => {
  assert.deepEqual(new SwitchGate(true).onSwitch(seen), ['start']);
  const metered = new SwitchGate(true);
  assert.deepEqual(metered.onSwitch(seen, true), []);
  assert.equal(metered.phase, 'asking');
});

test('no script starts, agrees or declines', () => {
  const gate = new SwitchGate(false);
  assert.deepEqual(gate.onSwitch(forged), []);
  assert.equal(gate.phase, 'off');
  gate.onSwitch(seen);
  assert.deepEqual(gate.onAgree(forged), []);
  assert.deepEqual(gate.onDecline(forged), []);
  assert.equal(gate.phase, 'asking');
  assert.deepEqual(new SwitchGate(true).onSwitch(forged), []);
});

test('agreeing at something covered changes nothing and says so', () => {
  const gate = new SwitchGate(false);
  gate.onSwitch(covered);
  assert.deepEqual(gate.onAgree(covered), []);
  assert.equal(gate.phase, 'asking');
  assert.equal(gate.complaint, 'covered');
  assert.deepEqual(gate.onAgree(seen), ['remember', 'start']);
  assert.equal(gate.complaint, null);
});

test('an agreement of long ago does not start what is covered', () => {
  const gate = new SwitchGate(true);
  assert.deepEqual(gate.onSwitch(covered), []);
  assert.equal(gate.phase, 'off');
  assert.equal(gate.wantsConsent, true);
});

test('where nobody can tell, the window decides, once', () => {
  const gate = new SwitchGate(false);
  assert.deepEqual(gate.onConfirmed(), []);
  gate.onSwitch(unknown);
  assert.deepEqual(gate.onConfirmed(), []);
  assert.deepEqual(gate.onAgree(unknown), ['confirm']);
  assert.equal(gate.phase, 'confirming');
  assert.deepEqual(gate.onConfirmed(), ['remember', 'start']);
  assert.deepEqual(gate.onConfirmed(), []);
});

test('a window that nobody answers lapses, and its late answer counts for nothing', () => {
  const gate = new SwitchGate(false);
  gate.onSwitch(unknown);
  gate.onAgree(unknown);
  assert.deepEqual(gate.onLapsed(), []);
  assert.equal(gate.complaint, 'not-confirmed');
  assert.deepEqual(gate.onConfirmed(), []);
  assert.equal(gate.phase, 'off');
});

test('stop stops in every phase, and stops the relay only when it runs', () => {
  const gate = new SwitchGate(true);
  assert.deepEqual(gate.onStop(), []);
  gate.onSwitch(seen);
  assert.deepEqual(gate.onStop(), ['stop']);
  assert.deepEqual(gate.onStop(), []);
  gate.onSwitch(unknown);
  assert.deepEqual(gate.onStop(), []);
  assert.deepEqual(gate.onConfirmed(), []);
});
