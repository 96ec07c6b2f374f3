import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { kMostBodyBytes, type VolunteerConfig } from '@footbridge/core';
import { Desk } from './desk.js';
import type { FromWorker } from './talk.js';

const module = new WebAssembly.Module(readFileSync(new URL('../../core/build/core.wasm', import.meta.url)));
const config: VolunteerConfig = {
  relays: ['wss://egress.example/leg'],
  ways: [{ url: 'https://broker.example/' }],
  selfTag: new Uint8Array(16).fill(1),
  key: new Uint8Array(32).fill(2),
  form: 'widget',
};

interface Asked {
  url: string;
  init: RequestInit;
  answer: (response: Response) => void;
  fail: (error: Error) => void;
}

// A desk whose clock and network are the test's.
function desk() {
  const said: FromWorker[] = [];
  const asked: Asked[] = [];
  const timers = new Map<() => void, number>();
  const world = { now: 5_000 };
  const it = new Desk({
    say: (message) => said.push(message),
    fetch: (url, init) => new Promise((answer, fail) => asked.push({ url, init, answer, fail })),
    steadyMs: () => world.now,
    wallMs: () => 1_800_000_000_000,
    zoneSeconds: () => 3_600,
    fillRandom: (out) => out.fill(7),
    after: (ms, then) => {
      timers.set(then, world.now + ms);
      return () => timers.delete(then);
    },
  });
  it.hear({ to: 'begin', module, config, kept: null });
  // Moves the clock to the next timer, and lets it go.
  const next = () => {
    const [then, at] = [...timers][0] ?? assert.fail('no timer');
    timers.delete(then);
    world.now = at;
    then();
  };
  return { it, said, asked, timers, next, world };
}

const settled = () => new Promise((done) => setImmediate(done));

test('nothing is asked and no timer runs before it is switched on', () => {
  const { asked, timers } = desk();
  assert.deepEqual([asked.length, timers.size], [0, 0]);
});

test('what another tab has counted is the record from then on', () => {
  const { it, said } = desk();
  const lost = () => said.flatMap((each) => (each.from === 'status' ? [each.status.recordLost] : [])).at(-1);
  assert.equal(lost(), false);
  it.hear({ to: 'restore', kept: Uint8Array.of(1) }); // which nobody can read: that shows that it was
  assert.equal(lost(), true);
});

test('a request has no cookie, referrer or language of the person, and asks nobody first', () => {
  const { it, asked } = desk();
  it.hear({ to: 'people', most: 1, turn: 1 });
  const { url, init } = asked[0] ?? assert.fail();
  assert.equal(url, 'https://broker.example/');
  assert.deepEqual(init.headers, { 'Content-Type': 'text/plain', 'Accept-Language': 'en' });
  assert.deepEqual([init.method, init.credentials, init.referrerPolicy], ['POST', 'omit', 'no-referrer']);
});

test('after a failure it asks again, when the core says', async () => {
  const { it, asked, next } = desk();
  it.hear({ to: 'people', most: 1, turn: 1 });
  asked[0]?.fail(new Error('down'));
  await settled();
  assert.equal(asked.length, 1);
  next();
  assert.equal(asked.length, 2);
});

test('what is no answer, or too long for one, fails', async () => {
  const nothingForYou = Uint8Array.of(0x08, 1, 0x22, 0); // a broker's answer to a poll: nobody is there
  for (const init of [{ status: 404 }, { headers: { 'Content-Length': `${kMostBodyBytes + 1}` } }]) {
    const response = new Response(nothingForYou, init);
    const { it, said, asked, world } = desk();
    it.hear({ to: 'people', most: 1, turn: 1 });
    world.now += 2_000; // held for a while, as a poll is
    asked[0]?.answer(response);
    await settled();
    await settled();
    const last = said.at(-1);
    assert.ok(last?.from === 'status' && last.status.trouble === 'broker-silent');
  }
});

test('switched off, the request is cut, and its end says nothing', async () => {
  const { it, said, asked, timers } = desk();
  it.hear({ to: 'people', most: 1, turn: 1 });
  it.hear({ to: 'stop' });
  assert.equal(asked[0]?.init.signal?.aborted, true);
  assert.equal(timers.size, 0);
  const before = said.length;
  asked[0]?.fail(new Error('aborted'));
  await settled();
  assert.equal(said.length, before);
});

test('what a core that has trapped had is over, and events of it mean nothing', () => {
  const { it, said, asked } = desk();
  it.hear({ to: 'people', most: 1, turn: 1 });
  const nowhere = { number: 200, epoch: 1 };
  it.hear({ to: 'event', run: 0, event: { what: 'linkOpen', at: nowhere } });
  assert.equal(asked[0]?.init.signal?.aborted, true);
  assert.equal(asked.length, 2);
  assert.ok(said.some((message) => message.from === 'restarted' && message.run === 1));
  const before = said.length;
  it.hear({ to: 'event', run: 0, event: { what: 'linkOpen', at: nowhere } });
  assert.equal(said.length, before);
});
