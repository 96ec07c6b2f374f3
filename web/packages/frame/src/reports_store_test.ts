import assert from 'node:assert/strict';
import test from 'node:test';

import { ReportsStore } from './reports_store.js';

test('nobody has chosen it, until somebody has; and taken back leaves nothing', () => {
  const kept = new Map<string, string>();
  const box = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  };
  const store = new ReportsStore(() => box);
  assert.equal(store.load(), false);
  store.save(true);
  assert.equal(new ReportsStore(() => box).load(), true);
  store.save(false);
  assert.deepEqual([store.load(), kept.size], [false, 0]);
});

test('where nothing may be kept nobody has chosen it', () => {
  const refused = new ReportsStore(() => {
    throw new DOMException('', 'SecurityError');
  });
  refused.save(true);
  assert.equal(refused.load(), false);
});
