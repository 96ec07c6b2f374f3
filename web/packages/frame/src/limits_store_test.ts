import assert from 'node:assert/strict';
import test from 'node:test';

import { kDefaultLimits } from '@footbridge/protocol';
import { LimitsStore } from './limits_store.js';

const limits = { ...kDefaultLimits, people: 7, hours: [{ days: 127, from: 1320, until: 360 }] };

function box() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  };
}

test('what was set is there at the next visit', () => {
  const storage = box();
  assert.equal(new LimitsStore(() => storage).save(limits), true);
  assert.deepEqual(new LimitsStore(() => storage).load(), limits);
});

test('where nothing may be kept it says so, and nobody has set anything', () => {
  const refused = new LimitsStore(() => {
    throw new DOMException('', 'SecurityError');
  });
  assert.equal(refused.save(limits), false);
  assert.deepEqual(refused.load(), kDefaultLimits);
  const full = new LimitsStore(() => ({
    ...box(),
    setItem: () => {
      throw new DOMException('', 'QuotaExceededError');
    },
  }));
  assert.equal(full.save(limits), false);
});

test('what was kept strangely is what nobody has set', () => {
  const storage = box();
  storage.kept.set('footbridge-limits', '{torn');
  assert.deepEqual(new LimitsStore(() => storage).load(), kDefaultLimits);
});
