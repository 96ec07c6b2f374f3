import assert from 'node:assert/strict';
import test from 'node:test';

import { Tally } from './tally.js';

const evening = new Date(2026, 4, 1, 23, 59);
const midnight = new Date(2026, 4, 2, 0, 0);

test('people are counted from midnight', () => {
  const tally = new Tally();
  assert.equal(tally.today(3, evening), 3);
  assert.equal(tally.today(4, midnight), 1);
  assert.equal(tally.today(6, midnight), 3);
});

test('a core that takes the place of another forgets nobody', () => {
  const tally = new Tally();
  tally.today(3, evening);
  assert.equal(tally.today(0, evening), 3);
  assert.equal(tally.today(1, evening), 4);
});
