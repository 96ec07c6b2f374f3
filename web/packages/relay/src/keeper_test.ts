import assert from 'node:assert/strict';
import test from 'node:test';

import { storageKeeper } from './keeper.js';

const record = Uint8Array.of(0, 1, 254, 255);

function shelf() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

test('what was kept is there on the next visit', async () => {
  const storage = shelf();
  assert.equal(await storageKeeper(() => storage).load(), null);
  storageKeeper(() => storage).save(record);
  assert.deepEqual(await storageKeeper(() => storage).load(), record);
});

test('where storage is refused, it is kept as long as the page lives, and nothing is thrown', async () => {
  const keeper = storageKeeper(() => {
    throw new DOMException('no', 'SecurityError');
  });
  assert.equal(await keeper.load(), null);
  keeper.save(record);
  assert.deepEqual(await keeper.load(), record);
});

test('strange text is handed on as something that is no record', async () => {
  const storage = shelf();
  storageKeeper(() => storage).save(record);
  for (const key of storage.kept.keys()) storage.kept.set(key, 'not hexadecimal at all');
  assert.notDeepEqual(await storageKeeper(() => storage).load(), record);
  assert.notEqual(await storageKeeper(() => storage).load(), null);
});
