import assert from 'node:assert/strict';
import test from 'node:test';

import { exported } from './exported.js';

const identity = { selfTag: 'ab'.repeat(16), key: 'cd'.repeat(32) };

test('what is taken away is what is stored, but for the keys', () => {
  const kept = { on: true, settings: { lang: 'fa' }, record: 'ab' };
  assert.deepEqual(exported({ kept: { ...kept, identity } }), kept);
  assert.deepEqual(exported({ kept: { ...kept, identity: null } }), kept);
});

test('nothing stored is nothing', () => {
  assert.deepEqual(exported({}), {});
});
