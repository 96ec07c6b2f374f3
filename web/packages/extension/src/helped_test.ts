import assert from 'node:assert/strict';
import test from 'node:test';

import { helpedAt, readHelped, todayOf } from './helped.js';

const record = { helpedToday: 2, helped: 30, upToday: 10, downToday: 100, up: 1_000, down: 9_000, thisMonth: 500 };
const morning = new Date(2026, 10, 21, 9, 0);

test('what was said today is of today only', () => {
  const helped = helpedAt(record, morning);
  assert.deepEqual(todayOf(helped, new Date(2026, 10, 21, 23, 59)), { people: 2, bytesUp: 10, bytesDown: 100 });
  assert.deepEqual(todayOf(helped, new Date(2026, 10, 22, 0, 1)), { people: 0, bytesUp: 0, bytesDown: 0 });
  assert.deepEqual(helped.ever, { people: 30, bytesUp: 1_000, bytesDown: 9_000 });
});

test('it is read as it was stored, and what was stored strangely is nothing', () => {
  const helped = helpedAt(record, morning);
  assert.deepEqual(readHelped(JSON.parse(JSON.stringify(helped))), helped);
  const nothing = readHelped(null);
  assert.equal(nothing.ever.people, 0);
  for (const strange of [7, 'x', { ever: { people: -1, bytesUp: '3', bytesDown: 1.5 }, today: 5, day: 9 }]) {
    assert.deepEqual(readHelped(strange), nothing);
  }
});
