import assert from 'node:assert/strict';
import test from 'node:test';

import { kRestMs, kSlowBytesPerSecond, kSlowForMs, SlowLine } from './slow_line.js';

// One client's stay, of which some waits or was dropped in some seconds.
interface Client {
  bytesPerSecond: (second: number) => number; // that get out of its queues
  waits?: (second: number) => boolean;
  drops?: (second: number) => boolean;
}

interface Looked {
  people?: number; // as many as there are clients
  cap?: number | null;
  at?: (second: number) => number; // ms
}

// Looks each second; the second at which the line is slow, or null.
function slowAfter(clients: Client[], { people = clients.length, cap = null, at = (it) => it * 1_000 }: Looked = {}) {
  const line = new SlowLine();
  const stays = clients.map((client) => ({ client, stay: {}, gone: 0, dropped: 0 }));
  for (let second = 0; second <= 600; ++second) {
    const flows = stays.map((each) => {
      each.gone += each.client.bytesPerSecond(second);
      if (each.client.drops?.(second)) ++each.dropped;
      const waiting = each.client.waits?.(second) ? 9_000 : 0;
      return { stay: each.stay, bytes: each.gone + waiting, waiting, dropped: each.dropped };
    });
    if (line.look(at(second), flows, people, cap)) return second;
  }
  return null;
}

const kMinute = kSlowForMs / 1_000;
const always: (second: number) => boolean = () => true;
const steady = (bytesPerSecond: number, waits = always): Client => ({ bytesPerSecond: () => bytesPerSecond, waits });
const both = (bytesPerSecond: number, waits = always) => [
  steady(bytesPerSecond / 2, waits),
  steady(bytesPerSecond / 2, waits),
];
const kLittle = kSlowBytesPerSecond / 2;

test('a line on which two people wait, and little passes, is slow after a minute', () => {
  assert.equal(slowAfter(both(kLittle)), kMinute);
  const dropping: Client = { bytesPerSecond: () => 0, drops: always };
  assert.equal(slowAfter([dropping, dropping]), kMinute + 1, 'what is dropped is wished for, too');
});

test('one client alone is never a reason, whatever it does', () => {
  assert.equal(slowAfter([steady(0)]), null);
  assert.equal(slowAfter([steady(1), { bytesPerSecond: () => 0 }]), null, 'the other one wishes for nothing');
  assert.equal(slowAfter([{ ...steady(0), drops: always }]), null);
});

test('one person with several stays is one', () => {
  assert.equal(slowAfter([...both(0), ...both(0)], { people: 1 }), null);
  const idle: Client = { bytesPerSecond: () => 0 };
  assert.equal(slowAfter([...both(0), idle], { people: 2 }), null, 'both may be of one');
  assert.equal(slowAfter([...both(0), steady(0)], { people: 2 }), kMinute, 'at least one of them is of another');
});

test('one who reads slowly beside one who is served well pauses nothing', () => {
  assert.equal(slowAfter([steady(100), steady(kSlowBytesPerSecond * 1.1)]), null);
  assert.equal(slowAfter([...both(kLittle), { bytesPerSecond: () => 1_000_000 }]), null);
});

test('little for people who wish for no more is not slow, also in short bursts', () => {
  const calm = both(kLittle, () => false);
  assert.equal(slowAfter(calm), null);
  const bursts = both(kLittle, (second) => second % 20 === 0);
  assert.equal(slowAfter(bursts), null);
});

test('a queue that was empty for a moment is one that waits; a rest begins anew', () => {
  const moments = both(kLittle, (second) => second % 3 === 0);
  assert.equal(slowAfter(moments), kMinute);
  const rest = both(kLittle, (second) => second < 30 || second > 40);
  assert.equal(slowAfter(rest), 41 + kMinute);
});

test('a line that carries enough is not slow, however much waits', () => {
  assert.equal(slowAfter(both(kSlowBytesPerSecond * 1.1)), null);
});

test('a line that becomes slow is found when a minute of it is slow', () => {
  const turn = 100;
  const client: Client = { bytesPerSecond: (second) => (second < turn ? 1_000_000 : 0), waits: always };
  assert.equal(slowAfter([client, client]), turn - 1 + kMinute);
});

test('what the person allows is not slow', () => {
  const cap = kSlowBytesPerSecond / 2;
  assert.equal(slowAfter(both(cap * 0.9), { cap }), null);
  assert.equal(slowAfter(both(cap * 0.4), { cap }), kMinute);
});

test('what was before a sleep, in which nobody looked, says nothing of afterwards', () => {
  const sleepsMs = 600_000;
  const asleepAt = 30;
  const at = (second: number) => second * 1_000 + (second < asleepAt ? 0 : sleepsMs);
  assert.equal(slowAfter(both(kLittle), { at }), asleepAt + kMinute);
  const rare = (second: number) => second * (kRestMs + 1);
  assert.equal(slowAfter(both(0), { at: rare }), null, 'so seldom that nothing can be said');
});

test('a client that leaves with bytes in its queues is no longer one that waits, and they did not pass', () => {
  const line = new SlowLine();
  const flow = (stay: object, bytes: number) => ({ stay, bytes, waiting: 9_000, dropped: 0 });
  const [first, second, late] = [{}, {}, {}];
  for (let s = 0; s < 50; ++s) {
    assert.equal(line.look(s * 1_000, [flow(first, 50_000_000), flow(second, 9_000)], 2, null), false);
  }
  for (let s = 50; s < 60; ++s) {
    line.look(s * 1_000, [flow(second, 9_000), flow(late, 9_000)], 2, null);
  }
  assert.equal(line.look(60_000, [flow(second, 9_000), flow(late, 9_000)], 2, null), true);
  assert.equal(line.look(61_000, [flow(second, 9_000)], 1, null), false);
});
