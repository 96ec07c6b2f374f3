import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { Gate, PipeEnd, type Slot } from '@footbridge/core';
import { Stays } from './stays.js';
import type { StayEvent } from './talk.js';

const module = new WebAssembly.Module(readFileSync(new URL('../../core/build/core.wasm', import.meta.url)));
const kNumber = 3; // of the slot that all of them have, one after the other

// What a browser gives a stay, which goes on saying things after it was closed, as one with tasks in its queue does.
class Channel extends EventTarget {
  readyState = 'open';
  bufferedAmount = 0;
  readonly sent: ArrayBuffer[] = [];
  send(message: ArrayBuffer) {
    this.sent.push(message);
  }
}

class Peer extends EventTarget {
  static all: Peer[] = [];
  readonly channel = new Channel();
  stats: object[] = [];
  iceGatheringState = 'complete';
  connectionState = 'connected';
  localDescription = { sdp: 'answer' };
  private described: () => void = () => {};
  constructor() {
    super();
    Peer.all.push(this);
  }
  setRemoteDescription() {
    return new Promise<void>((done) => {
      this.described = done;
    });
  }
  async createAnswer() {}
  async setLocalDescription() {}
  close() {}
  async getStats() {
    return new Map(this.stats.map((each, index) => [index, each]));
  }
  async answer() {
    this.described();
    await new Promise((done) => setImmediate(done));
  }
  open() {
    this.dispatchEvent(Object.assign(new Event('datachannel'), { channel: this.channel }));
  }
  message(data: ArrayBuffer) {
    this.channel.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
  end() {
    this.channel.dispatchEvent(new Event('close'));
    this.connectionState = 'failed';
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

class Socket extends EventTarget {
  static all: Socket[] = [];
  bufferedAmount = 0;
  readonly sent: ArrayBuffer[] = [];
  constructor() {
    super();
    Socket.all.push(this);
  }
  send(message: ArrayBuffer) {
    this.sent.push(message);
  }
  close() {}
  open() {
    this.dispatchEvent(new Event('open'));
  }
  message(data: ArrayBuffer) {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
  end() {
    this.dispatchEvent(new Event('close'));
  }
}

Object.assign(globalThis, { RTCPeerConnection: Peer, WebSocket: Socket });

// A client: its stay, and its ends of link and leg.
interface Client {
  at: Slot;
  peer: Peer;
  socket: Socket | null;
}

function slot() {
  Peer.all = [];
  Socket.all = [];
  const told: StayEvent[] = [];
  const stays = new Stays([], Gate.start(module), (event) => told.push(event));
  let epoch = 0;
  const come = (): Client => {
    const at = { number: kNumber, epoch: ++epoch };
    stays.carryOut({ do: 'makeAnswer', at, offer: '' });
    return { at, peer: Peer.all.at(-1) ?? assert.fail(), socket: null };
  };
  const dial = (client: Client) => {
    if (client.socket !== null) return; // the core asks once
    const before = Socket.all.length;
    stays.carryOut({ do: 'dialLeg', at: client.at, url: 'wss://egress.example/leg' });
    client.socket = Socket.all[before] ?? null; // none where the stay is over
  };
  const relay = async (): Promise<Client & { socket: Socket }> => {
    const client = come();
    await client.peer.answer();
    client.peer.open();
    dial(client);
    client.socket?.open();
    stays.carryOut({ do: 'startRelay', at: client.at });
    return { ...client, socket: client.socket ?? assert.fail() };
  };
  return { stays, told, come, dial, relay };
}

const message = (bytes: number) => new ArrayBuffer(bytes);

test('a client gets as far as its relay, and each step is told', async () => {
  const { told, relay } = slot();
  const { peer, socket } = await relay();
  assert.deepEqual(
    told.map(({ what }) => what),
    ['answerMade', 'linkOpen', 'legOpen'],
  );
  peer.message(message(100));
  socket.message(message(200));
  assert.deepEqual([socket.sent.length, peer.channel.sent.length], [1, 1]);
});

test('what happens late in a stay is told of nobody, once its slot has another one', async () => {
  const { told, come, relay } = slot();
  const first = await relay();
  const second = come();
  const before = told.length;
  first.peer.message(message(300_000));
  first.socket.message(message(300_000));
  first.socket.end();
  first.peer.end();
  await first.peer.answer();
  assert.equal(told.length, before);
  await second.peer.answer();
  assert.deepEqual(told.at(-1), { what: 'answerMade', at: second.at, sdp: 'answer' });
});

test('an answer that is made late is told of nobody', async () => {
  const { told, come } = slot();
  const first = come();
  come();
  await first.peer.answer();
  first.peer.open();
  assert.deepEqual(told, []);
});

test('a command for a stay that is over touches nothing of the next one, and what was to end has ended', async () => {
  const { stays, told, relay } = slot();
  const first = await relay();
  const second = await relay();
  told.length = 0;
  const { at } = first;
  stays.carryOut({ do: 'sendOnLink', at, message: new Uint8Array(1) });
  stays.carryOut({ do: 'startRelay', at });
  stays.carryOut({ do: 'dialLeg', at, url: 'wss://egress.example/leg' });
  stays.carryOut({ do: 'closeLink', at, why: PipeEnd.Local });
  stays.carryOut({ do: 'closeLeg', at, why: PipeEnd.Local });
  assert.deepEqual(told, [
    { what: 'legClosed', at, why: PipeEnd.Setup },
    { what: 'linkClosed', at, why: PipeEnd.Local },
    { what: 'legClosed', at, why: PipeEnd.Local },
  ]);
  second.peer.message(message(1));
  second.socket.message(message(1));
  assert.deepEqual([second.socket.sent.length, second.peer.channel.sent.length], [1, 1]);
});

test('a leg that the browser refuses to dial is one that did not come, and no error', async (t) => {
  const { told, come, dial } = slot();
  const client = come();
  await client.peer.answer();
  client.peer.open();
  const { WebSocket } = globalThis;
  t.after(() => Object.assign(globalThis, { WebSocket }));
  Object.assign(globalThis, {
    WebSocket: class {
      constructor() {
        throw new DOMException('insecure from a secure page', 'SecurityError');
      }
    },
  });
  dial(client);
  assert.deepEqual(told.at(-1), { what: 'legClosed', at: client.at, why: PipeEnd.Setup });
});

test('a link that has been closed hands nothing on', async () => {
  const { stays, relay } = slot();
  const { at, peer, socket } = await relay();
  stays.carryOut({ do: 'closeLink', at, why: PipeEnd.Local });
  peer.message(message(10));
  assert.equal(socket.sent.length, 0);
});

test('what a client has carried, what waits and what was dropped is told while both its ends are open', async () => {
  const { stays, relay, come } = slot();
  const client = await relay();
  client.peer.message(message(100));
  client.socket.message(message(200));
  client.peer.channel.bufferedAmount = 9_000;
  client.socket.bufferedAmount = 1_000;
  assert.deepEqual(stays.flows(), [{ stay: client.at, bytes: 300, waiting: 10_000, dropped: 0 }]);
  client.socket.bufferedAmount = 100_000_000;
  client.peer.message(message(100));
  assert.deepEqual([stays.flows()[0]?.bytes, stays.flows()[0]?.dropped], [300, 1]);
  assert.deepEqual(stays.totals(), { bytesUp: 100, bytesDown: 200, dropped: 1 });
  assert.equal(stays.links(), 1);
  come();
  assert.deepEqual([stays.flows(), stays.links()], [[], 0], 'nobody is there yet');
  assert.deepEqual(stays.totals(), { bytesUp: 100, bytesDown: 200, dropped: 1 });
});

test('of a client that is gone nothing waits, though its queues never empty', async () => {
  for (const end of [(it: Client) => it.peer.end(), (it: Client) => it.socket?.end()]) {
    const { stays, relay } = slot();
    const client = await relay();
    client.peer.channel.bufferedAmount = 9_000;
    client.socket.bufferedAmount = 9_000;
    assert.equal(stays.flows()[0]?.waiting, 18_000);
    end(client);
    assert.deepEqual(stays.flows(), []);
  }
});

test('how long an answer takes is the average of the connections that say so', async () => {
  const { stays, relay } = slot();
  const { peer } = await relay();
  assert.equal(await stays.roundTripMs(), null);
  const pair = { type: 'candidate-pair', state: 'succeeded', currentRoundTripTime: 0.042 };
  peer.stats = [{ type: 'transport' }, { ...pair, state: 'failed', currentRoundTripTime: 9 }, pair];
  assert.equal(await stays.roundTripMs(), 42);
  peer.getStats = async () => assert.fail('the connection is shut');
  assert.equal(await stays.roundTripMs(), null);
});

// Each client's messages have a length of its own.
test('however fast clients come and go, no byte of one reaches another', async () => {
  const { stays, come, dial } = slot();
  const clients: Client[] = [];
  let seed = 7;
  const chance = (of: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * of);
  };
  const length = (client: Client) => client.at.epoch;
  const begin: ((client: Client) => unknown)[] = [
    (client) => client.peer.answer(),
    (client) => client.peer.open(),
    dial,
    (client) => client.socket?.open(),
    (client) => stays.carryOut({ do: 'startRelay', at: client.at }),
  ];
  const messages: ((client: Client) => unknown)[] = [
    (client) => client.peer.message(message(length(client))),
    (client) => client.socket?.message(message(length(client))),
  ];
  const ends: ((client: Client) => unknown)[] = [(client) => client.peer.end(), (client) => client.socket?.end()];
  for (let step = 0; step < 2_000; ++step) {
    if (clients.length === 0 || chance(4) === 0) {
      const client = come();
      clients.push(client);
      for (const deed of begin.slice(0, chance(begin.length + 3))) await deed(client);
    }
    const client = clients.at(-1 - chance(Math.min(3, clients.length))) ?? assert.fail();
    const deeds = [begin, messages, messages, messages, ends][chance(5)] ?? assert.fail();
    await deeds[chance(deeds.length)]?.(client);
  }
  let carried = 0;
  for (const client of clients) {
    for (const sent of [...client.peer.channel.sent, ...(client.socket?.sent ?? [])]) {
      assert.equal(sent.byteLength, length(client));
      ++carried;
    }
  }
  assert.ok(carried > 100, `${carried}`);
});
