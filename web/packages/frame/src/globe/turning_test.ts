import assert from 'node:assert/strict';
import test from 'node:test';

import { kFrameMs, Turning } from './turning.js';

const seen = { hidden: false, still: false };

function drawn(turning: Turning, looks: { hidden: boolean; still: boolean }, untilMs: number): number {
  let count = 0;
  for (let now = 0; now < untilMs; now += 10) if (turning.onPicture(now, looks)) ++count;
  return count;
}

test('a globe that nobody sees draws nothing', () => {
  assert.equal(drawn(new Turning(0), { hidden: true, still: false }, 10_000), 0);
});

test('for who wants no motion it draws once, and again when something changed', () => {
  const turning = new Turning(0);
  const still = { hidden: false, still: true };
  assert.equal(drawn(turning, still, 10_000), 1);
  turning.onChange();
  assert.equal(drawn(turning, still, 10_000), 1);
  assert.equal(turning.longitude, 0);
});

test('it draws at most every kFrameMs and turns with time, not with pictures', () => {
  const turning = new Turning(0);
  assert.ok(drawn(turning, seen, 1_000) <= 1_000 / kFrameMs + 1);
  assert.ok(Math.abs(turning.longitude - 6) < 0.5, `${turning.longitude}`);
});

test('time while hidden does not turn it', () => {
  const turning = new Turning(10);
  turning.onPicture(0, seen);
  turning.onPicture(100, { hidden: true, still: false });
  turning.onPicture(60_000, seen);
  assert.ok(Math.abs(turning.longitude - 10) < 0.01);
});
