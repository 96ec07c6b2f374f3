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

function warned(agreed = true, evenIfRisky = false): SwitchGate {
  const gate = new SwitchGate(agreed, evenIfRisky);
  gate.onSwitch(seen);
  assert.equal(gate.phase, 'on');
  return gate;
}

test('a risky place stops what runs until somebody who sees the notice wants to go on', () => {
  const gate = warned();
  assert.deepEqual(gate.onRisky(), ['stop']);
  assert.equal(gate.phase, 'warning');
  assert.equal(gate.wantsConsent, true);
  assert.deepEqual(gate.onRisky(), [], 'it is stopped once');
  assert.deepEqual(gate.onAgree(seen), [], 'agreeing to the first text is another thing');
  assert.deepEqual(gate.onHelpAnyway(forged), []);
  assert.deepEqual(gate.onHelpAnyway(covered), []);
  assert.equal(gate.phase, 'warning');
  assert.equal(gate.complaint, 'covered');
  assert.equal(gate.evenIfRisky, false);
  assert.deepEqual(gate.onHelpAnyway(seen), ['remember', 'start']);
  assert.equal(gate.evenIfRisky, true);
  assert.deepEqual(gate.onRisky(), [], 'he has decided');
  assert.equal(gate.phase, 'on');
});

test('staying off, a stop, and the switch leave a risky place off, and nothing is decided', () => {
  for (const leave of [
    (gate: SwitchGate) => gate.onDecline(seen),
    (gate: SwitchGate) => gate.onStop(),
    (gate: SwitchGate) => gate.onSwitch(seen),
  ]) {
    const gate = warned();
    gate.onRisky();
    assert.deepEqual(leave(gate), []);
    assert.equal(gate.phase, 'off');
    assert.equal(gate.evenIfRisky, false);
    assert.deepEqual(gate.onHelpAnyway(seen), []);
    assert.deepEqual(gate.onSwitch(seen), ['start']);
    assert.deepEqual(gate.onRisky(), ['stop']);
  }
});

test('the window decides about a risky place where the browser cannot tell', () => {
  const gate = warned();
  gate.onRisky();
  assert.deepEqual(gate.onHelpAnyway(unknown), ['confirm']);
  assert.equal(gate.phase, 'confirming');
  assert.equal(gate.question, 'risk');
  assert.deepEqual(gate.onConfirmed(), ['remember', 'start']);
  assert.equal(gate.evenIfRisky, true);
});

test('who decided before is not asked, and what is off does not ask', () => {
  assert.deepEqual(warned(true, true).onRisky(), []);
  const off = new SwitchGate(true);
  assert.deepEqual(off.onRisky(), []);
  assert.equal(off.phase, 'off');
});
