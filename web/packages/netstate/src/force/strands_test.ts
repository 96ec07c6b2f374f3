import assert from 'node:assert/strict';
import test from 'node:test';

import { peopleOf, strandsOf } from './strands.js';

test('what is drawn says how many', () => {
  for (const people of [null, 0, 1, 2, 5, 6, 8, 40, 1_000]) assert.equal(peopleOf(strandsOf(people)), people);
});

test('more people are never a thinner line', () => {
  let before = 0;
  for (let people = 1; people < 3_000; ++people) {
    const { lines, width } = strandsOf(people);
    const ink = lines * width;
    if (people > 6) assert.ok(ink >= before, `${people}`);
    before = ink;
  }
});
