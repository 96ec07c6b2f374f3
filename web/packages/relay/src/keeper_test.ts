import assert from 'node:assert/strict';
import test from 'node:test';

import { storageKeeper } from './keeper.js';

const record = Uint8Array.of(0, 1, 254, 255);

type Shelf = ReturnType<typeof shelf>;

function shelf() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

// The keeper of a tab, once it has loaded.
async function keeper(storage: Shelf, claimed = true) {
  const it = storageKeeper(
    () => storage,
    async () => claimed,
  );
  return { it, loaded: await it.load() };
}

test('what was kept is there on the next visit', async () => {
  const storage = shelf();
  const first = await keeper(storage);
  assert.equal(first.loaded, null);
  first.it.save(record);
  assert.deepEqual((await keeper(storage)).loaded, record);
});

test('a tab that has not the record neither reads nor writes it', async () => {
  const storage = shelf();
  (await keeper(storage)).it.save(record);
  const second = await keeper(storage, false);
  assert.equal(second.loaded, null);
  second.it.save(Uint8Array.of(7));
  assert.deepEqual(await second.it.load(), Uint8Array.of(7));
  assert.deepEqual((await keeper(storage)).loaded, record);
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
  (await keeper(storage)).it.save(record);
  for (const key of storage.kept.keys()) storage.kept.set(key, 'not hexadecimal at all');
  const { loaded } = await keeper(storage);
  assert.notDeepEqual(loaded, record);
  assert.notEqual(loaded, null);
});
