import assert from 'node:assert/strict';
import test from 'node:test';

import { Feed, type FeedState, kReopenMs, kStaleMs, type Source } from './feed.js';
import { type Delta, parseDelta, parseSnapshot, type Snapshot } from './messages.js';

class FakeSource implements Source {
  readyState = 0;
  closed = false;
  readonly #listeners = new Map<string, (event: { data?: unknown }) => void>();

  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.#listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
    this.readyState = 2;
  }
  say(type: string, value: unknown): void {
    this.#listeners.get(type)?.({ data: JSON.stringify(value) });
  }
}

const kTotals = { nodes: { volunteer: 1 }, people: null, sessions: 3, bytes_per_second: 7 };
const kNode = { id: '0123abcd', role: 'volunteer', state: 'ready', country: 'DE', people: null, since: 600_000 };
const kSnapshot = { version: 4, at: 9, private: false, nodes: [kNode], edges: [], totals: kTotals };
const kDelta = { version: 5, at: 10, nodes: [], gone: ['0123abcd'], edges: [], cut: [], totals: kTotals };

class World {
  nowMs = 1_000;
  locked = false;
  readonly sources: FakeSource[] = [];
  readonly states: FeedState[] = [];
  readonly snapshots: Snapshot[] = [];
  readonly deltas: Delta[] = [];
  readonly feed = new Feed(
    {
      open: () => {
        const source = new FakeSource();
        this.sources.push(source);
        return source;
      },
      isLocked: async () => this.locked,
      now: () => this.nowMs,
    },
    {
      onSnapshot: (it) => this.snapshots.push(it),
      onDelta: (it) => this.deltas.push(it) > 0 && it.version !== 99,
      onState: (it) => this.states.push(it),
    },
  );

  get source(): FakeSource {
    return this.sources.at(-1) ?? new FakeSource();
  }
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 250) {
      this.nowMs += 250;
      this.feed.onClock();
    }
  }
}

test('what is said is handed on, and the line is live', () => {
  const world = new World();
  world.feed.open();
  world.source.say('snapshot', kSnapshot);
  world.source.say('delta', kDelta);
  assert.deepEqual([world.snapshots[0], world.deltas[0]] as unknown[], [kSnapshot, kDelta]);
  assert.deepEqual(world.states, ['live']);
});

test('five seconds of silence are shown, and a word ends them', () => {
  const world = new World();
  world.feed.open();
  world.source.say('snapshot', kSnapshot);
  world.pass(kStaleMs);
  assert.deepEqual(world.states, ['live']);
  world.pass(500);
  assert.deepEqual(world.states, ['live', 'stale']);
  world.source.say('tick', {});
  assert.deepEqual(world.states, ['live', 'stale', 'live']);
  assert.equal(world.sources.length, 1, 'the browser resumes by itself');
});

test('a dead line is opened anew', () => {
  const world = new World();
  world.feed.open();
  world.source.say('snapshot', kSnapshot);
  world.pass(kReopenMs + 2_000);
  assert.equal(world.sources.length, 2);
  assert.equal(world.sources[0]?.closed, true);
  world.sources[0]?.say('delta', kDelta);
  assert.deepEqual(world.deltas, [], 'what the closed one still says does not count');
});

test('a server that refuses is asked again, less and less often', async () => {
  const world = new World();
  world.feed.open();
  for (let round = 0; round < 8; ++round) {
    world.source.readyState = 2;
    world.source.say('error', null);
    await Promise.resolve();
    world.pass(kReopenMs);
  }
  assert.ok(world.sources.length >= 5 && world.sources.length <= 10, `${world.sources.length}`);
});

test('who asks for a token is not asked again before it is given', async () => {
  const world = new World();
  world.locked = true;
  world.feed.open();
  world.source.readyState = 2;
  world.source.say('error', null);
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(world.states, ['locked']);
  world.pass(120_000);
  assert.equal(world.sources.length, 1);
  world.feed.unlock();
  assert.equal(world.sources.length, 2);
});

test('what is not understood begins with a snapshot again', () => {
  const world = new World();
  world.feed.open();
  world.source.say('snapshot', kSnapshot);
  world.source.say('delta', { ...kDelta, gone: ['192.0.2.1'] });
  world.pass(2_000);
  assert.deepEqual(world.deltas, []);
  assert.equal(world.sources.length, 2);
  world.source.say('delta', { ...kDelta, version: 99 }); // something is missing before it
  world.pass(5_000);
  assert.equal(world.sources.length, 3);
});

test('nothing that could be an address is taken', () => {
  const wrong = [
    { id: '192.0.2.1' },
    { country: '192.0.2.1' },
    { country: 'de' },
    { tag: 'host.example' },
    { tag: '2001:db8--1' },
    { tag: 'c0000201' },
    { role: 'client' },
    { state: 'at home' },
    { people: -1 },
    { people: 'many' },
    { since: 1.5 },
  ];
  for (const fault of wrong)
    assert.equal(parseSnapshot({ ...kSnapshot, nodes: [{ ...kNode, ...fault }] }), null, JSON.stringify(fault));
  assert.deepEqual(parseSnapshot({ ...kSnapshot, more: 1, nodes: [{ ...kNode, tag: 'cafe-1', more: 2 }] })?.nodes[0], {
    ...kNode,
    tag: 'cafe-1',
  });
  assert.equal(parseDelta({ ...kDelta, cut: [['0123abcd']] }), null);
  for (const value of [null, [], 'x', 3, undefined]) assert.equal(parseSnapshot(value), null);
});
