import assert from 'node:assert/strict';
import test from 'node:test';

import { parseHours } from '@footbridge/protocol';
import { beginning, clockText, ending } from './clock_text.js';

test('every minute of a day is read as it is written', () => {
  for (let minutes = 0; minutes < 1440; ++minutes) assert.equal(beginning(clockText(minutes)), minutes);
  for (let minutes = 1; minutes <= 1440; ++minutes) assert.equal(ending(clockText(minutes)), minutes);
});

test('midnight ends a day, so that a whole day and one until midnight can be chosen', () => {
  for (const from of ['00:00', '18:00']) {
    const hours = { days: 1, from: beginning(from), until: ending('00:00') };
    assert.deepEqual(parseHours(hours), { ...hours, until: 1440 });
  }
});

test('an empty field is no time, and nothing that a relay takes', () => {
  assert.ok(Number.isNaN(beginning('')) && Number.isNaN(ending('')));
  assert.equal(parseHours({ days: 1, from: beginning(''), until: 60 }), null);
  assert.equal(parseHours({ days: 1, from: 60, until: ending('') }), null);
});
