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

// What a browser has for all tabs of an origin: one of them at a time has the record.
function oneLock() {
  let taken = false;
  return async () => {
    if (taken) return null;
    taken = true;
    return async () => {
      taken = false;
    };
  };
}

// The keeper of a tab, once it has loaded.
async function keeper(storage: Shelf, claim = oneLock()) {
  const it = storageKeeper(() => storage, claim);
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
  const [storage, lock] = [shelf(), oneLock()];
  (await keeper(storage, lock)).it.save(record);
  const second = await keeper(storage, lock);
  assert.equal(second.loaded, null);
  second.it.save(Uint8Array.of(7));
  assert.deepEqual(await second.it.load(), Uint8Array.of(7));
  assert.deepEqual((await keeper(storage)).loaded, record);
});

test('a tab that begins when another has stopped goes on with what was counted there, and so on', async () => {
  const [storage, lock] = [shelf(), oneLock()];
  const [first, second] = [await keeper(storage, lock), await keeper(storage, lock)];
  first.it.save(Uint8Array.of(1));
  second.it.release();
  first.it.release();
  first.it.save(Uint8Array.of(2)); // was on its way when it stopped
  assert.deepEqual(await second.it.load(), Uint8Array.of(2));
  second.it.save(Uint8Array.of(4));
  first.it.save(Uint8Array.of(5));
  second.it.release();
  assert.deepEqual(await first.it.load(), Uint8Array.of(4));
});

test('a tab that stops and begins again has the record, also where it stops before it has it', async () => {
  const [storage, lock] = [shelf(), oneLock()];
  const { it } = await keeper(storage, lock);
  it.save(record);
  it.release();
  const early = it.load();
  it.release();
  assert.deepEqual(await early, record);
  assert.deepEqual(await it.load(), record);
  assert.equal((await keeper(storage, lock)).loaded, null, 'two have it');
  it.release();
  await new Promise((done) => setImmediate(done)); // as long as a lock takes
  assert.deepEqual((await keeper(storage, lock)).loaded, record);
});

test('what a full storage did not take counts in this tab also after a stop', async () => {
  const storage = shelf();
  const { it } = await keeper(storage);
  it.save(Uint8Array.of(1));
  storage.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  it.save(Uint8Array.of(2));
  it.release();
  assert.deepEqual(await it.load(), Uint8Array.of(2));
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
