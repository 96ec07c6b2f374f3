import assert from 'node:assert/strict';
import test from 'node:test';

import { kNetworkPauseMs, NetworkWatch, watchNetwork } from './network_watch.js';
import { TestClock } from './test_clock.js';

const turn = () => new Promise((done) => setImmediate(done));

function watched() {
  const clock = new TestClock();
  const probes: { say: (word: 'moderate' | 'no-udp') => void; ended: boolean }[] = [];
  const told: (string | null)[] = [];
  const make = () => {
    let say: (word: 'moderate' | 'no-udp') => void = () => {};
    const result = new Promise<'moderate' | 'no-udp'>((done) => {
      say = done;
    });
    const probe = {
      say,
      ended: false,
      result: () => result,
      end() {
        probe.ended = true;
      },
    };
    probes.push(probe);
    return probe;
  };
  const watch = new NetworkWatch(make, (network) => told.push(network), clock);
  return { clock, watch, probes, told };
}

test('nothing is looked at before the start, and once from then on', async () => {
  const { clock, watch, probes, told } = watched();
  watch.changed();
  assert.equal(probes.length, 0);
  watch.start();
  watch.start();
  assert.equal(probes.length, 1);
  probes[0]?.say('moderate');
  await turn();
  assert.deepEqual(told, ['moderate']);
  clock.pass(10 * kNetworkPauseMs);
  assert.equal(probes.length, 1);
});

test('a network that changes is looked at anew, once in a pause however often it changes', async () => {
  const { clock, watch, probes, told } = watched();
  watch.start();
  probes[0]?.say('no-udp');
  await turn();
  for (let i = 0; i < 5; ++i) watch.changed();
  assert.deepEqual(told, ['no-udp', null], 'what was found is of the network before');
  clock.pass(kNetworkPauseMs - 1);
  assert.equal(probes.length, 1);
  clock.pass(1);
  assert.equal(probes.length, 2, 'the last change is not forgotten');
  probes[1]?.say('moderate');
  await turn();
  assert.deepEqual(told, ['no-udp', null, 'moderate']);
  clock.pass(kNetworkPauseMs);
  watch.changed();
  assert.equal(probes.length, 3, 'after a pause at once');
});

test('who stops hears nothing more, and who starts again keeps to the pause', async () => {
  const { clock, watch, probes, told } = watched();
  watch.start();
  watch.stop();
  assert.ok(probes[0]?.ended);
  probes[0]?.say('moderate');
  await turn();
  assert.deepEqual(told, []);
  watch.start();
  assert.equal(probes.length, 1);
  watch.stop();
  clock.pass(kNetworkPauseMs);
  assert.equal(probes.length, 1, 'it is off');
  watch.start();
  assert.equal(probes.length, 2);
  probes[1]?.say('moderate');
  await turn();
  watch.stop();
  watch.stop();
  assert.deepEqual(told, ['moderate', null], 'what was found holds no longer');
});

test('what is found of a network that has changed meanwhile is told to nobody', async () => {
  const { watch, probes, told } = watched();
  watch.start();
  watch.changed();
  assert.ok(probes[0]?.ended);
  probes[0]?.say('moderate');
  await turn();
  assert.deepEqual(told, []);
});

test('a network is another one when this device is back in it, or when its kind is another', (t) => {
  const connection = Object.assign(new EventTarget(), { type: 'wifi' });
  const events = new EventTarget();
  const { addEventListener } = globalThis as { addEventListener?: unknown };
  const navigator = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.assign(globalThis, { addEventListener: events.addEventListener.bind(events) });
  Object.defineProperty(globalThis, 'navigator', { value: { connection }, configurable: true });
  t.after(() => {
    Object.assign(globalThis, { addEventListener });
    if (navigator) Object.defineProperty(globalThis, 'navigator', navigator);
    else Reflect.deleteProperty(globalThis, 'navigator');
  });
  let changes = 0;
  const until = new AbortController();
  watchNetwork(() => ++changes, until.signal);
  connection.dispatchEvent(new Event('change'));
  assert.equal(changes, 0, 'as fast as it seems, and the same');
  connection.type = 'cellular';
  connection.dispatchEvent(new Event('change'));
  events.dispatchEvent(new Event('online'));
  assert.equal(changes, 2);
  until.abort();
  connection.type = 'wifi';
  connection.dispatchEvent(new Event('change'));
  events.dispatchEvent(new Event('online'));
  assert.equal(changes, 2, 'it was ended');
});
