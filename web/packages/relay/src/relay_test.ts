import assert from 'node:assert/strict';
import test from 'node:test';

import { kBurstMs, Pace } from './pace.js';
import { Relay } from './relay.js';

const bounds = { backlogBytes: 65_536, packetBytes: 9_056, earlyBytes: 16_384, earlyMessages: 64, people: 10 };

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
  const pace = { up: new Pace(), down: new Pace() };
  return { link, leg, pace, relay: new Relay(bounds, link, pace) };
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
  const empty = relayed();
  for (let i = 0; i < 100; ++i) empty.relay.fromLink(message(0), 0);
  assert.equal(empty.relay.up.dropped, 100 - bounds.earlyMessages);
});

test('a queue without room for the largest packet takes no small one either, both ways', () => {
  const { link, leg, relay } = relayed();
  relay.attachLeg(leg, 0);
  link.bufferedAmount = leg.bufferedAmount = bounds.backlogBytes - bounds.packetBytes;
  relay.fromLink(message(10), 0);
  relay.fromLeg(message(10), 0);
  assert.equal(relay.up.dropped + relay.down.dropped, 0);
  link.bufferedAmount = leg.bufferedAmount = bounds.backlogBytes - bounds.packetBytes + 1;
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

test('a limit holds over seconds, for all relays together, and each way has its own', () => {
  const { link, pace, relay } = relayed();
  const other = new Relay(bounds, new Outlet(), pace);
  pace.down.bytesPerSecond = 100_000;
  for (let ms = 0; ms < 10_000; ++ms) {
    relay.fromLeg(message(1_000), ms);
    other.fromLeg(message(1_000), ms);
  }
  const carried = relay.down.bytes + other.down.bytes;
  assert.ok(Math.abs(carried - 1_000_000) <= (100_000 * kBurstMs) / 1000 + 2_000, `${carried}`);
  assert.ok(link.sent.length > 0);
  relay.attachLeg(link, 0);
  relay.fromLink(message(9_000), 0);
  relay.fromLink(message(9_000), 0);
  assert.equal(relay.up.dropped, 0);
});
