import assert from 'node:assert/strict';
import test from 'node:test';

import { StateReporter } from './state_reporter.js';
import type { Condition } from './talk.js';

const kRelay = 'wss://egress.example/leg';
const config = {
  url: 'https://netstate.example/report',
  key: new Uint8Array(32).fill(1),
  chain: new Uint8Array(40).fill(2),
  names: new Map([[kRelay, new Uint8Array(16).fill(0xee)]]),
};
const ready: Condition = { state: 'ready', legs: [], up: 0, down: 0 };
const helping: Condition = { ...ready, state: 'helping', legs: [{ relay: kRelay, people: 2 }] };

interface Asked {
  url: string;
  init: RequestInit;
  said: string; // the report, in hexadecimal
  answer: (status: number, headers?: Record<string, string>) => Promise<void>;
}

const settled = () => new Promise((done) => setImmediate(done));
// Node's own would sign in a thread of its own, and nobody could say when; report_wire_test.ts signs with it.
const signs = {
  importKey: async () => ({}),
  sign: async () => new ArrayBuffer(64),
} as unknown as SubtleCrypto;

// Its clock, its network and its signatures are the test's.
function reporter(subtle: SubtleCrypto = signs) {
  const asked: Asked[] = [];
  const timers = new Map<object, { at: number; then: () => void }>();
  const world = { now: 1_000, drawn: 0 };
  const it = new StateReporter(
    {
      fetch: (url, init) =>
        new Promise((done, fail) => {
          init.signal?.addEventListener('abort', () => fail(new Error('aborted')));
          const text = Buffer.from(init.body as Uint8Array).toString('hex');
          const answer = async (status: number, headers = {}) => {
            done(new Response(null, { status, headers }));
            await settled();
          };
          asked.push({ url, init, said: text, answer });
        }),
      steadyMs: () => world.now,
      wallMs: () => 1_800_000_000_000 + world.now,
      fillRandom: (out) => out.fill(++world.drawn),
      after: (ms, then) => {
        const timer = {};
        timers.set(timer, { at: world.now + ms, then });
        return () => timers.delete(timer);
      },
    },
    subtle,
  );
  it.hear({ to: 'netstate', config, form: 'widget' });
  const pass = async (ms: number) => {
    world.now += ms;
    for (const [timer, { at, then }] of [...timers]) if (at <= world.now && timers.delete(timer)) then();
    await settled();
  };
  const hear = async (so: Condition | null) => {
    it.hear({ to: 'report', so });
    await settled();
  };
  const last = () => asked.at(-1) ?? assert.fail('nobody was asked');
  return { asked, timers, pass, hear, last };
}

const nodeOf = ({ said }: Asked) => said.match(/0a10([0-9a-f]{32})1002/)?.[1];

test('nobody is told anything, and no timer runs, before somebody wants it', async () => {
  const { asked, timers, hear } = reporter();
  await hear(null);
  assert.deepEqual([asked.length, timers.size], [0, 0]);
});

test('what is told is a page’s role, its state, and people by the name of their egress; as every request, without cookie or referrer', async () => {
  const { hear, last } = reporter();
  await hear(helping);
  const { url, init, said } = last();
  assert.equal(url, config.url);
  assert.deepEqual([init.method, init.credentials, init.referrerPolicy], ['POST', 'omit', 'no-referrer']);
  assert.match(said, new RegExp(`1002180120022a140a10${'ee'.repeat(16)}1002`));
});

test('an egress without a name is left out', async () => {
  const { hear, last } = reporter();
  await hear({ ...helping, legs: [{ relay: 'wss://other.example/leg', people: 2 }] });
  assert.doesNotMatch(last().said, /2a14/);
});

test('one request is under way, and the newest state alone waits for its end', async () => {
  const { asked, hear, last, pass } = reporter();
  await hear(ready);
  await pass(1_000);
  await hear(helping);
  await hear({ ...ready, state: 'paused' });
  assert.equal(asked.length, 1);
  await last().answer(204);
  assert.equal(asked.length, 2);
  assert.match(last().said, /18022003/);
});

test('a netstate that does not answer costs one request, which is given up', async () => {
  const { asked, hear, pass, last } = reporter();
  await hear(ready);
  await pass(4_999);
  assert.equal(last().init.signal?.aborted, false);
  await pass(1);
  assert.equal(last().init.signal?.aborted, true);
  assert.equal(asked.length, 1, 'it waits');
  await pass(3_000);
  assert.equal(asked.length, 2);
});

test('a Retry-After is heeded', async () => {
  const { asked, hear, pass, last } = reporter();
  await hear(ready);
  await last().answer(429, { 'Retry-After': '100' });
  await pass(99_999);
  assert.equal(asked.length, 1);
  await pass(1);
  assert.equal(asked.length, 2);
});

test('at its end it says so once, and what begins then is another one, with nothing carried', async () => {
  const { asked, timers, hear, pass, last } = reporter();
  await hear({ ...ready, up: 1_000_000 });
  const first = nodeOf(last());
  await last().answer(204);
  await pass(1_000);
  await hear({ ...ready, state: 'paused', up: 2_000_000 });
  assert.match(last().said, /50c007/, 'what was carried since it began'); // 960 KiB
  await last().answer(204);
  await hear(null);
  await pass(1_000);
  assert.match(last().said, /18032005/);
  await last().answer(204);
  assert.deepEqual([asked.length, timers.size], [3, 0]);
  await hear({ ...ready, up: 2_000_000 });
  assert.notEqual(nodeOf(last()), first);
  assert.doesNotMatch(last().said, /50c007/);
});

test('switched off and on at once, it is over before it is another one', async () => {
  const { asked, hear, pass, last } = reporter();
  await hear(ready);
  const first = nodeOf(last());
  await hear(null);
  await hear(helping);
  assert.equal(asked.length, 1);
  await last().answer(204);
  await pass(1_000);
  assert.deepEqual([nodeOf(last()), /2005/.test(last().said)], [first, true]);
  await last().answer(204);
  assert.equal(asked.length, 3);
  assert.notEqual(nodeOf(last()), first);
});

test('whom netstate has told to wait leaves without a word', async () => {
  const { asked, timers, hear, last } = reporter();
  await hear(ready);
  await last().answer(429, { 'Retry-After': '60' });
  await hear(null);
  assert.deepEqual([asked.length, timers.size], [1, 0]);
});

test('where the browser cannot sign, nobody is asked', async () => {
  const lacks = { importKey: () => Promise.reject(new Error('none')) } as unknown as SubtleCrypto;
  const { asked, hear } = reporter(lacks);
  await hear(ready);
  assert.equal(asked.length, 0);
});
