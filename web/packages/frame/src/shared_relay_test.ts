import assert from 'node:assert/strict';
import test from 'node:test';

import { kDefaultLimits, kNothing, type RelayStatus } from '@footbridge/protocol';
import { MockRelay } from './mock_relay.js';
import { type Channel, SharedRelay, type TakeLock } from './shared_relay.js';

// Frames of one origin: a channel that delivers at once, and one lock.
class Origin {
  readonly #channels: Channel[] = [];
  #held = false;

  channel(): Channel {
    const mine: Channel = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of this.#channels) if (other !== mine) other.onmessage?.({ data } as MessageEvent);
      },
    };
    this.#channels.push(mine);
    return mine;
  }

  readonly #queue: (() => Promise<void>)[] = [];

  readonly takeLock: TakeLock = (held) => {
    this.#queue.push(held);
    this.#next();
  };

  #next(): void {
    const held = this.#held ? undefined : this.#queue.shift();
    if (!held) return;
    this.#held = true;
    void held().then(() => this.free());
  }

  // The frame that had it is gone, or has let it go.
  free(): void {
    this.#held = false;
    this.#next();
  }

  frame() {
    const inner = new MockRelay('helping');
    const starts: boolean[] = [];
    const start = inner.start.bind(inner);
    inner.start = (evenIfRisky) => {
      starts.push(evenIfRisky);
      start(evenIfRisky);
    };
    const relay = new SharedRelay(inner, this.channel(), this.takeLock);
    const seen: string[] = [];
    relay.onStatus = (status: RelayStatus) => seen.push(status.state);
    return { relay, inner, starts, seen };
  }
}

const turn = () => new Promise((done) => setImmediate(done));

test('two frames are one volunteer: the second shows what the first does and starts nothing', () => {
  const origin = new Origin();
  const a = origin.frame();
  const b = origin.frame();
  a.relay.start(false);
  assert.equal(b.relay.status.state, 'helping');
  b.relay.start(false);
  assert.equal(a.starts.length + b.starts.length, 1);
});

test('a frame that comes later is told', () => {
  const origin = new Origin();
  origin.frame().relay.start(false);
  assert.equal(origin.frame().relay.status.state, 'helping');
});

test('any of them stops it, and then any of them may start again', async () => {
  const origin = new Origin();
  const a = origin.frame();
  const b = origin.frame();
  a.relay.start(false);
  b.relay.stop();
  assert.equal(a.relay.status.state, 'off');
  assert.equal(b.relay.status.state, 'off');
  await turn();
  b.relay.start(true);
  assert.deepEqual(b.starts, [true]);
  assert.equal(a.relay.status.state, 'helping');
});

test('a frame that is gone without a word runs no more, and nothing starts in its place', () => {
  const origin = new Origin();
  const [a, b] = [origin.frame(), origin.frame()];
  a.relay.start(false);
  assert.equal(b.relay.status.state, 'helping');
  origin.free();
  assert.equal(b.relay.status.state, 'off');
  assert.equal(b.starts.length, 0);
});

test('a relay that ends by itself leaves its place to who starts next', async () => {
  const origin = new Origin();
  const [a, b] = [origin.frame(), origin.frame()];
  a.relay.start(false);
  a.inner.stop();
  assert.equal(b.relay.status.state, 'off');
  await turn();
  b.relay.start(false);
  assert.equal(b.starts.length, 1);
  b.relay.stop();
  await turn();
  assert.equal(a.starts.length, 1, 'it began again, and nobody had asked for it');
});

test('a start while another frame relays is no wish for later', async () => {
  const origin = new Origin();
  const [a, b] = [origin.frame(), origin.frame()];
  a.relay.start(false);
  b.relay.start(false);
  a.relay.stop();
  await turn();
  assert.equal(b.starts.length, 0);
  assert.equal(b.relay.status.state, 'off');
});

test('a wish that another frame has met meanwhile is none for later, either', async () => {
  const origin = new Origin();
  origin.takeLock(() => new Promise(() => {}));
  const [it, other] = [origin.frame(), origin.channel()];
  it.relay.start(false);
  other.postMessage({ status: { ...kNothing, state: 'helping' } });
  other.postMessage({ status: kNothing });
  origin.free();
  assert.equal(it.starts.length, 0);
});

test('what is said on the channel and is no status changes nothing', () => {
  const origin = new Origin();
  const a = origin.frame();
  const stranger = origin.channel();
  for (const data of [null, 'start', { start: true }, { status: { state: 'helping' } }, { status: 'on' }]) {
    stranger.postMessage(data);
  }
  assert.equal(a.relay.status.state, 'off');
  assert.equal(a.starts.length, 0);
});

test('limits that are set in one frame are those of all, also of who carries and of who comes later', () => {
  const origin = new Origin();
  const [a, b] = [origin.frame(), origin.frame()];
  a.relay.start(false);
  b.relay.setLimits({ ...kDefaultLimits, people: 7 });
  assert.equal(a.inner.limits.people, 7);
  assert.equal(origin.frame().relay.limits.people, 7);
});

test("a frame that comes later and has set nothing changes nobody's limits", () => {
  const origin = new Origin();
  const a = origin.frame();
  a.relay.setLimits({ ...kDefaultLimits, people: 7 });
  a.relay.start(false);
  origin.frame();
  assert.equal(a.relay.limits.people, 7);
  origin.channel().postMessage({ limits: { people: 0 } });
  assert.equal(a.relay.limits.people, 7);
});

test('who carries hears that somebody looks, or goes on, whichever frame he is in', () => {
  const origin = new Origin();
  const [a, b] = [origin.frame(), origin.frame()];
  const heard: string[] = [];
  for (const [name, { inner }] of Object.entries({ a, b })) {
    inner.watch = () => heard.push(`${name} watch`);
    inner.resume = () => heard.push(`${name} resume`);
  }
  a.relay.start(false);
  for (const { relay } of [a, b]) {
    relay.watch();
    relay.resume();
  }
  assert.deepEqual(heard, ['a watch', 'a resume', 'a watch', 'a resume']);
});

test('who ticks the map in one frame has ticked it in all, and a new one hears of it', async () => {
  const origin = new Origin();
  const [one, two] = [origin.frame(), origin.frame()];
  one.relay.start(false);
  await turn();
  assert.equal(two.relay.status.reports, false);
  two.relay.setReports(true);
  assert.deepEqual([one.relay.status.reports, two.relay.status.reports], [true, true]);
  const three = origin.frame();
  assert.equal(three.relay.status.reports, true);
  one.relay.stop();
  three.relay.start(false);
  await turn();
  assert.equal(three.relay.status.reports, true, 'as it was told');
});
