import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { Gate } from '@footbridge/core';
import { Relay } from './relay.js';

const module = new WebAssembly.Module(readFileSync(new URL('../../core/build/core.wasm', import.meta.url)));

class Outlet {
  bufferedAmount = 0;
  sent: ArrayBuffer[] = [];
  closing = false;
  send(message: ArrayBuffer) {
    if (this.closing) throw new Error('closing');
    this.sent.push(message);
  }
}

function relayed() {
  const link = new Outlet();
  const leg = new Outlet();
  const gate = Gate.start(module);
  return { link, leg, gate, relay: new Relay(gate, 0, link) };
}

const message = (bytes: number) => new ArrayBuffer(bytes);

test('messages go through both ways, unread and in order', () => {
  const { link, leg, relay } = relayed();
  relay.attachLeg(leg, 0);
  const [a, b, c] = [message(1), message(1200), message(0)];
  relay.fromLink(a, 0);
  relay.fromLink(b, 0);
  relay.fromLeg(c, 0);
  assert.deepEqual(leg.sent, [a, b]);
  assert.deepEqual(link.sent, [c]);
  assert.deepEqual(relay.up, { messages: 2, bytes: 1201, dropped: 0 });
});

test('what comes before the leg waits for it, up to its bounds', () => {
  const { leg, relay } = relayed();
  for (let i = 0; i < 20; ++i) relay.fromLink(message(1_000), 0);
  assert.equal(relay.up.dropped, 4);
  relay.attachLeg(leg, 0);
  assert.equal(leg.sent.length, 16);
});

test('what the queue has no room for is dropped and counted, each way by its own queue', () => {
  const { link, leg, relay } = relayed();
  relay.attachLeg(leg, 0);
  link.bufferedAmount = 1_000_000;
  relay.fromLink(message(10), 0);
  relay.fromLeg(message(10), 0);
  assert.deepEqual([relay.up.dropped, relay.down.dropped], [0, 1]);
  link.bufferedAmount = 0;
  leg.bufferedAmount = 1_000_000;
  relay.fromLink(message(10), 0);
  relay.fromLeg(message(10), 0);
  assert.deepEqual([relay.up.dropped, relay.down.dropped], [1, 1]);
});

test('an end that is closing costs a message and nothing else', () => {
  const { leg, relay } = relayed();
  relay.attachLeg(leg, 0);
  leg.closing = true;
  relay.fromLink(message(10), 0);
  assert.deepEqual(relay.up, { messages: 0, bytes: 0, dropped: 1 });
});

test('a limit is for all relays together, and ends when it is taken away', () => {
  const { gate, relay } = relayed();
  const other = new Relay(gate, 1, new Outlet());
  gate.limit(100_000);
  for (let ms = 0; ms < 10_000; ++ms) {
    relay.fromLeg(message(1_000), ms);
    other.fromLeg(message(1_000), ms);
  }
  const carried = relay.down.bytes + other.down.bytes;
  assert.ok(Math.abs(carried - 1_000_000) <= 10_000, `${carried}`);
  gate.limit(null);
  const before = relay.down.messages;
  for (let i = 0; i < 100; ++i) relay.fromLeg(message(1_000), 10_000);
  assert.equal(relay.down.messages, before + 100);
});
