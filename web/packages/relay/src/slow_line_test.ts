import assert from 'node:assert/strict';
import test from 'node:test';

import { kSlowBytesPerSecond, kSlowForMs, SlowLine } from './slow_line.js';

// Looks each second; the second at which the line is slow, or null.
function slowAfter(
  seconds: number,
  bytesPerSecond: (second: number) => number,
  waits: (second: number) => boolean,
  cap: number | null = null,
) {
  const line = new SlowLine();
  let bytes = 0;
  for (let second = 0; second <= seconds; ++second) {
    bytes += bytesPerSecond(second);
    if (line.look(second * 1_000, bytes, waits(second), cap)) return second;
  }
  return null;
}

const little = () => kSlowBytesPerSecond / 2;

test('a line on which something waits, and little passes, is slow after a minute', () => {
  assert.equal(
    slowAfter(600, little, () => true),
    kSlowForMs / 1_000,
  );
});

test('little for who wishes for no more is not slow, also in short bursts', () => {
  assert.equal(
    slowAfter(600, little, () => false),
    null,
  );
  assert.equal(
    slowAfter(600, little, (second) => second % 20 === 0),
    null,
  );
});

test('a queue that was empty for a moment is one that waits; a rest begins anew', () => {
  assert.equal(
    slowAfter(600, little, (second) => second % 3 === 0),
    kSlowForMs / 1_000,
  );
  assert.equal(
    slowAfter(600, little, (second) => second < 30 || second > 40),
    41 + kSlowForMs / 1_000,
  );
});

test('a line that carries enough is not slow, however much waits', () => {
  assert.equal(
    slowAfter(
      600,
      () => kSlowBytesPerSecond * 1.1,
      () => true,
    ),
    null,
  );
});

test('a line that becomes slow is found when a minute of it is slow', () => {
  const turn = 100;
  const at = slowAfter(
    600,
    (second) => (second < turn ? 1_000_000 : 0),
    () => true,
  );
  assert.equal(at, turn - 1 + kSlowForMs / 1_000);
});

test('what the person allows is not slow', () => {
  const cap = kSlowBytesPerSecond / 2;
  assert.equal(
    slowAfter(
      600,
      () => cap * 0.9,
      () => true,
      cap,
    ),
    null,
  );
  assert.equal(
    slowAfter(
      600,
      () => cap * 0.4,
      () => true,
      cap,
    ),
    kSlowForMs / 1_000,
  );
});
