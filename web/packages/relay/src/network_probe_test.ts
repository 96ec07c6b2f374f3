import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { kAnswerMs, kCompareMs, kMostAsked, NetworkProbe } from './network_probe.js';
import { TestClock } from './test_clock.js';

const kServers = [1, 2, 3, 4, 5].map((host) => ({ urls: `stun:192.0.2.${host}:3478` }));
const two = kServers.slice(0, 2);
const turn = () => new Promise((done) => setImmediate(done));

interface World {
  // Where a server sees a socket; null: it is silent; '': where it is, which some browsers do not say twice.
  seen: (server: string, socket: number) => string | null;
  hidden?: boolean; // our own address is behind a name
  udp?: boolean;
  isRefused?: (server: string) => boolean; // the browser says that it did not answer, and is done
  ipv6?: boolean; // it is asked by that, too, and says that nothing answers there
}

const kOwn = '10.0.0.5';

// What Chromium and Firefox do, one address for each machine; what was asked and is open is remembered.
class Peers {
  readonly asked: string[][] = [];
  open = 0;

  constructor(t: TestContext, world: World) {
    const it = this;
    const before = globalThis.RTCPeerConnection;
    t.after(() => Object.assign(globalThis, { RTCPeerConnection: before }));
    Object.assign(globalThis, {
      RTCPeerConnection: class extends EventTarget {
        iceGatheringState = 'new';
        readonly servers: string[];
        readonly port: number;
        constructor({ iceServers }: { iceServers: { urls: string }[] }) {
          super();
          this.servers = iceServers.map(({ urls }) => urls);
          this.port = 40_000 + it.asked.length;
          it.asked.push(this.servers);
          ++it.open;
        }
        createDataChannel() {}
        close() {
          if (this.iceGatheringState !== 'closed') --it.open;
          this.iceGatheringState = 'closed';
        }
        async setLocalDescription() {
          await turn();
          const own = { protocol: 'udp', type: 'host', address: world.hidden === false ? kOwn : 'f00.local' };
          if (world.udp !== false) this.say(own);
          const shown = new Set<string>();
          let silent = false;
          for (const server of this.servers) {
            const at = world.udp === false ? null : world.seen(server, this.port);
            if (world.ipv6) this.refuse('[0:0:0:x:x:x:x:x]');
            if (at === null && world.isRefused?.(server)) this.refuse('10.0.0.x');
            else if (at === null) silent = true;
            else if (at === '') continue;
            else if (!shown.has(at)) this.say(this.candidate(at));
            shown.add(at ?? '');
          }
          if (this.iceGatheringState === 'closed' || (silent && world.udp !== false)) return;
          this.iceGatheringState = 'complete';
          this.dispatchEvent(new Event('icegatheringstatechange'));
        }
        private refuse(address: string) {
          this.dispatchEvent(Object.assign(new Event('icecandidateerror'), { address }));
        }
        private candidate(at: string) {
          const split = at.lastIndexOf(':');
          const base =
            world.hidden === false
              ? { relatedAddress: kOwn, relatedPort: this.port }
              : { relatedAddress: '0.0.0.0', relatedPort: 0 };
          return { protocol: 'udp', type: 'srflx', address: at.slice(0, split), port: +at.slice(split + 1), ...base };
        }
        private say(candidate: object) {
          if (this.iceGatheringState !== 'closed')
            this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate }));
        }
      },
    });
  }
}

// The network's word, and what became of the peer connections; silent servers are waited for as long as it says.
async function probe(t: TestContext, world: World, servers = two, limitMs = kAnswerMs) {
  const peers = new Peers(t, world);
  let network: string | null | undefined;
  const clock = new TestClock();
  void new NetworkProbe(servers, clock).result().then((word) => {
    network = word;
  });
  const settle = async () => {
    for (let i = 0; i < 8 && network === undefined; ++i) await turn();
  };
  await settle();
  let waitedMs = 0;
  if (network === undefined) {
    clock.pass(limitMs - 1);
    await settle();
    assert.equal(network, undefined, 'before its time was over');
    clock.pass(1);
    waitedMs = limitMs;
    await settle();
  }
  assert.equal(peers.open, 0, 'peer connections that are left');
  return { network, waitedMs, asked: peers.asked };
}

const sameForAll = (_server: string, socket: number) => `198.51.100.7:${socket + 1}`;
const perServer = (server: string, socket: number) => `198.51.100.7:${socket + 10 * server.charCodeAt(13)}`;
const only = (live: string[]) => (server: string, socket: number) =>
  live.includes(server) ? sameForAll(server, socket) : null;

test('two servers that see the same port: one port for everybody', async (t) => {
  const { network, waitedMs, asked } = await probe(t, { seen: sameForAll });
  assert.deepEqual([network, waitedMs], ['moderate', 0]);
  assert.deepEqual(
    asked,
    [[two[0]], [two[1]], two].map((group) => group.map((each) => each?.urls)),
    'each by itself, then both from one port',
  );
});

test('two servers that see different ports, or addresses: restricted', async (t) => {
  assert.equal((await probe(t, { seen: perServer })).network, 'restricted');
  const otherAddress = (server: string, socket: number) => `198.51.100.${server.charCodeAt(13)}:${socket}`;
  assert.equal((await probe(t, { seen: otherAddress, hidden: false })).network, 'restricted');
});

test('who is seen at his own address is open; behind a name of his nobody can say so', async (t) => {
  const seen = (_server: string, socket: number) => `${kOwn}:${socket}`;
  assert.equal((await probe(t, { seen, hidden: false })).network, 'open');
  assert.equal((await probe(t, { seen })).network, 'moderate');
});

test('two addresses of this machine, each seen at one port, are no restriction', async (t) => {
  let base = 0;
  new Peers(t, { seen: sameForAll });
  class Two extends globalThis.RTCPeerConnection {
    override dispatchEvent(event: Event): boolean {
      const { candidate } = event as { candidate?: { type: string; address: string } };
      if (candidate?.type !== 'srflx') return super.dispatchEvent(event);
      for (const relatedAddress of ['10.0.0.5', '10.0.1.5']) {
        const more = { ...candidate, address: `198.51.100.${++base}`, relatedAddress, relatedPort: 5 };
        super.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate: more }));
      }
      return true;
    }
  }
  Object.assign(globalThis, { RTCPeerConnection: Two });
  assert.equal(await new NetworkProbe(two).result(), 'moderate');
});

test('no server answers in time, or the browser says so: nothing gets out', async (t) => {
  const { network, waitedMs } = await probe(t, { seen: () => null });
  assert.deepEqual([network, waitedMs], ['no-udp', kAnswerMs]);
  const refused = await probe(t, { seen: () => null, isRefused: () => true });
  assert.deepEqual([refused.network, refused.waitedMs], ['no-udp', 0]);
});

test('a browser that opens no socket, or none at all: nothing gets out', async (t) => {
  for (const servers of [two, []]) {
    const { network, waitedMs } = await probe(t, { seen: sameForAll, udp: false }, servers);
    assert.deepEqual([network, waitedMs], ['no-udp', 0]);
  }
  Object.assign(globalThis, {
    RTCPeerConnection: function shut() {
      throw new Error('an extension shuts it');
    },
  });
  assert.equal(await new NetworkProbe(two).result(), 'no-udp');
});

test('servers that are written wrongly say nothing of the network', async (t) => {
  const { RTCPeerConnection } = globalThis;
  t.after(() => Object.assign(globalThis, { RTCPeerConnection }));
  Object.assign(globalThis, {
    RTCPeerConnection: function refuse() {
      throw new DOMException('no such URL', 'SyntaxError');
    },
  });
  assert.equal(await new NetworkProbe(two).result(), 'unknown');
});

test('one server alone knows nothing: none configured, one live, two names of one host', async (t) => {
  const none = await probe(t, { seen: sameForAll }, []);
  assert.deepEqual([none.network, none.waitedMs, none.asked], ['unknown', 0, [[]]]);
  const one = await probe(t, { seen: only([kServers[1]?.urls ?? '']) });
  assert.deepEqual([one.network, one.waitedMs], ['unknown', kAnswerMs]);
  const host = await probe(t, { seen: sameForAll }, [{ urls: 'stun:stun.example:1' }, { urls: 'stun:stun.example' }]);
  assert.deepEqual([host.network, host.asked], ['unknown', [['stun:stun.example:1']]]);
});

test('IPv6 alone says nothing of ports that are translated', async (t) => {
  const { network } = await probe(t, { seen: (_server, socket) => `2001:db8::7:${socket}` });
  assert.equal(network, 'unknown');
});

test('a browser that is done without a word of any server has said nothing', async (t) => {
  const { network, waitedMs } = await probe(t, { seen: () => '', hidden: false });
  assert.deepEqual([network, waitedMs], ['unknown', 0]);
});

test('dead servers are passed over, and no more than four are asked', async (t) => {
  const live = kServers.slice(2, 4).map(({ urls }) => urls);
  const { network, waitedMs, asked } = await probe(t, { seen: only(live) }, kServers);
  assert.deepEqual([network, waitedMs], ['moderate', 0]);
  assert.deepEqual(asked.slice(0, -1).flat().length, kMostAsked);
  assert.deepEqual(asked.at(-1), live);
});

test('a server that falls silent between the two looks is no agreement', async (t) => {
  let looks = 0;
  const seen = (server: string, socket: number) =>
    ++looks > 2 && server === two[1]?.urls ? null : sameForAll(server, socket);
  const { network, waitedMs } = await probe(t, { seen }, two, kCompareMs);
  assert.deepEqual([network, waitedMs], ['unknown', kCompareMs]);
  looks = 0;
  const refused = await probe(t, { seen, isRefused: () => true });
  assert.deepEqual([refused.network, refused.waitedMs], ['unknown', 0]);
});

test('what nobody answers by IPv6 says nothing of the rest', async (t) => {
  assert.equal((await probe(t, { seen: sameForAll, ipv6: true })).network, 'moderate');
});

test('who ends it hears nothing, and nothing is left open', async (t) => {
  const peers = new Peers(t, { seen: () => null });
  const one = new NetworkProbe(two);
  const word = one.result();
  await turn();
  one.end();
  assert.deepEqual([await word, peers.open], [null, 0]);
});
