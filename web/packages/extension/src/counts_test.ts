import assert from 'node:assert/strict';
import test from 'node:test';

import { count, readCounts, todayOf } from './counts.js';

function status(people: number, bytesUp = 0, bytesDown = 0) {
  return { state: 'helping' as const, helpingNow: 0, helpedToday: people, bytesUp, bytesDown, countries: [] };
}

const kNothing = readCounts(null);
const morning = new Date(2026, 10, 21, 9, 0);
const tomorrow = new Date(2026, 10, 22, 0, 1);

test('what a relay says is counted once, however often it says it', () => {
  let counts = count(kNothing, 'a', status(2, 10, 100), morning);
  counts = count(counts, 'a', status(2, 10, 100), morning);
  counts = count(counts, 'a', status(3, 15, 150), morning);
  assert.deepEqual(counts.ever, { people: 3, bytesUp: 15, bytesDown: 150 });
  assert.deepEqual(todayOf(counts, morning), counts.ever);
});

test('a relay that was loaded anew adds to what was counted', () => {
  let counts = count(kNothing, 'a', status(2, 10, 100), morning);
  counts = count(counts, 'b', status(1, 5, 50), morning);
  assert.deepEqual(counts.ever, { people: 3, bytesUp: 15, bytesDown: 150 });
});

test('today begins at midnight, also while nobody says anything', () => {
  const counts = count(kNothing, 'a', status(2, 10, 100), morning);
  assert.deepEqual(todayOf(counts, tomorrow), { people: 0, bytesUp: 0, bytesDown: 0 });
  const later = count(counts, 'a', status(1, 15, 150), tomorrow); // its people begin at 0 at midnight, too
  assert.deepEqual(later.today, { people: 1, bytesUp: 5, bytesDown: 50 });
  assert.deepEqual(later.ever, { people: 3, bytesUp: 15, bytesDown: 150 });
});

test('what was stored strangely counts as nothing', () => {
  for (const strange of [null, 7, 'x', { ever: { people: -1, bytesUp: '3', bytesDown: 1.5 }, last: 5, day: 9 }]) {
    assert.deepEqual(readCounts(strange), kNothing);
  }
});
