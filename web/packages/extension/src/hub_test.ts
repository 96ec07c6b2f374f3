import assert from 'node:assert/strict';
import test from 'node:test';

import { kDefaultLimits } from '@footbridge/protocol';
import { type Alarm, Hub, type HubHost, kDrainMs, kPauseMs, kUpdateJitterMs } from './hub.js';
import { kDefaultSettings } from './settings.js';
import type { Told, View, Wish } from './talk.js';

// A browser with a clock of its own, in which hubs come and go.
class World {
  now = 1_000_000;
  random = 0.5;
  filled = 0;
  stored: unknown;
  alarms = new Map<Alarm, number>();
  welcomes = 0;
  reloads = 0;
  shown: View[] = [];
  wishes: Wish[] = [];
  relay: Told | null = null;
  hub: Hub;

  constructor() {
    this.hub = this.begin();
  }

  // What a browser does with a service worker: the next one knows only what is stored.
  begin(): Hub {
    const host: HubHost = {
      load: async () => structuredClone(this.stored),
      save: async (kept) => {
        this.stored = structuredClone(kept);
      },
      relay: {
        wish: async (wish) => {
          this.wishes.push(wish);
          if (wish !== null) this.relay ??= this.said(0);
          if (wish === null && this.relay) this.relay.status.state = 'off';
          return this.relay;
        },
        ask: async () => this.relay,
        close: async () => {
          this.relay = null;
        },
      },
      show: (view) => this.shown.push(view),
      alarm: (name, at) => void (at === null ? this.alarms.delete(name) : this.alarms.set(name, at)),
      welcome: () => ++this.welcomes,
      reload: () => ++this.reloads,
      now: () => this.now,
      random: () => this.random,
      fillRandom: (bytes) => bytes.fill(++this.filled),
    };
    this.hub = new Hub(host);
    return this.hub;
  }

  said(helpingNow: number, helped = helpingNow, down = 0, record = '00'): Told {
    const state = helpingNow > 0 ? ('helping' as const) : ('waiting' as const);
    const said = { helpedToday: helped, helped, upToday: 0, downToday: down, up: 0, down, thisMonth: down };
    const status = { state, helpingNow, helpedToday: helped, bytesUp: 0, bytesDown: down, countries: [], record: said };
    this.relay = { status, record };
    return this.relay;
  }

  // Lets time pass, with the alarms that are due.
  async pass(ms: number): Promise<void> {
    this.now += ms;
    for (const [name, at] of [...this.alarms]) {
      if (at > this.now) continue;
      this.alarms.delete(name);
      await this.hub.alarm(name);
    }
  }

  get last(): Wish | undefined {
    return this.wishes.at(-1);
  }
}

async function agreed(): Promise<World> {
  const world = new World();
  await world.hub.agree();
  return world;
}

test('nothing runs before somebody agrees, whatever else is asked', async () => {
  const world = new World();
  await world.hub.wake();
  await world.hub.installed();
  assert.equal(world.welcomes, 1);
  assert.equal((await world.hub.switch(true)).on, false);
  assert.equal(world.welcomes, 2);
  await world.hub.pause();
  await world.hub.resume();
  await world.hub.set({ ...kDefaultSettings, theme: 'dark' });
  await world.hub.alarm('watch');
  assert.equal((await world.hub.view()).state, 'consent-required');
  assert.deepEqual(
    world.wishes.filter((wish) => wish !== null),
    [],
  );
  assert.deepEqual([...world.alarms], []);
});

test('who agrees has it on, with an identity that stays, also in the next hub', async () => {
  const world = await agreed();
  assert.equal((await world.hub.view()).state, 'waiting');
  const first = world.last;
  assert.deepEqual(first?.identity, { selfTag: '01'.repeat(16), key: '02'.repeat(32) });
  world.relay = null; // the browser was closed
  await world.begin().wake();
  await world.hub.switch(false);
  await world.hub.switch(true);
  assert.deepEqual(world.last?.identity, first?.identity);
});

test('who declines stays off, also in the next hub', async () => {
  const world = new World();
  await world.hub.decline();
  await world.begin().wake();
  assert.equal((await world.hub.view()).state, 'consent-required');
  assert.deepEqual(world.wishes, []);
});

test('switching off ends it at once, and its document when those who were helped have gone', async () => {
  const world = await agreed();
  await world.hub.told(world.said(1));
  assert.equal((await world.hub.switch(false)).state, 'off');
  assert.equal(world.last, null);
  assert.ok(world.relay, 'the document ended under those who were helped');
  await world.pass(kDrainMs);
  assert.equal(world.relay, null);
  assert.deepEqual([...world.alarms], []);
});

test('who switches on again before that keeps the document', async () => {
  const world = await agreed();
  await world.hub.switch(false);
  await world.hub.switch(true);
  assert.equal(world.alarms.has('drained'), false);
  await world.pass(kDrainMs);
  assert.ok(world.relay);
  assert.ok(world.last);
});

test('a pause ends by itself after an hour, or earlier by hand', async () => {
  const world = await agreed();
  const paused = await world.hub.pause();
  assert.deepEqual([paused.state, paused.reason, paused.pausedUntil], ['paused', 'pause', world.now + kPauseMs]);
  assert.equal(world.last, null);
  await world.pass(kPauseMs - 1);
  assert.equal((await world.begin().wake()).state, 'paused');
  await world.pass(1);
  assert.equal((await world.hub.view()).pausedUntil, null);
  assert.ok(world.last);
  await world.hub.pause();
  await world.hub.resume();
  assert.ok(world.last);
});

test('settings reach a relay that runs', async () => {
  const world = await agreed();
  const limits = { ...kDefaultLimits, people: 7, bytesPerDay: 50_000 };
  await world.hub.set({ ...kDefaultSettings, limits });
  assert.deepEqual(world.last?.limits, limits);
});

test('a relay that was lost is made again', async () => {
  const world = await agreed();
  world.relay = null;
  await world.pass(60_000);
  assert.ok(world.relay);
});

test('a hub that begins anew shows what the relay says, and counts nothing twice', async () => {
  const world = await agreed();
  await world.hub.told(world.said(2, 3, 500));
  await world.begin().wake();
  const view = world.shown.at(-1);
  assert.deepEqual([view?.state, view?.helpingNow], ['helping', 2]);
  assert.deepEqual(view?.ever, { people: 3, bytesUp: 0, bytesDown: 500 });
  assert.deepEqual(view?.today, view?.ever);
});

test('what the relay wants kept is there for the next one, also after a kill', async () => {
  const world = await agreed();
  await world.hub.told(world.said(1, 1, 500, 'abcd'));
  world.relay = null;
  await world.begin().wake();
  assert.equal(world.last?.record, 'abcd');
});

test('a pause of the relay itself is shown with its reason and its end', async () => {
  const world = await agreed();
  const { status, record } = world.said(0);
  const paused = { ...status, state: 'paused' as const, reason: 'hours', changesAt: '2026-11-21T18:00:00' };
  const view = await world.hub.told({ status: paused, record });
  const until = new Date(2026, 10, 21, 18, 0).getTime();
  assert.deepEqual([view.state, view.reason, view.pausedUntil], ['paused', 'hours', until]);
});

test('an update is taken at once by who helps nobody', async () => {
  const world = await agreed();
  await world.hub.switch(false);
  await world.hub.updateAvailable();
  assert.equal(world.reloads, 1);
});

test('an update waits for a moment of its own within an hour, and for those who are helped', async () => {
  for (const random of [0.001, 0.25, 0.999]) {
    const world = await agreed();
    world.random = random;
    await world.hub.told(world.said(1));
    await world.hub.updateAvailable();
    const at = world.alarms.get('update') ?? 0;
    assert.equal(at, world.now + Math.floor(random * kUpdateJitterMs));
    world.random = 1 - random;
    await world.hub.updateAvailable(); // said again: not later
    assert.equal(world.alarms.get('update'), at);
    await world.pass(at - world.now);
    assert.equal((await world.hub.view()).reason, 'update');
    assert.equal(world.last, null, 'it takes new people though it is about to leave');
    assert.equal(world.reloads, 0, 'it left somebody who was helped');
    await world.hub.told(world.said(0));
    assert.equal(world.reloads, 1);
  }
});

test('an update does not wait for ever for somebody who does not leave', async () => {
  const world = await agreed();
  world.random = 0;
  await world.hub.told(world.said(1));
  await world.hub.updateAvailable();
  await world.pass(0);
  assert.equal(world.reloads, 0);
  await world.pass(kDrainMs);
  assert.ok(world.reloads > 0);
});

test('after the update it goes on as before', async () => {
  const world = await agreed();
  world.random = 0;
  await world.hub.updateAvailable();
  await world.pass(0);
  assert.equal(world.reloads, 1);
  world.relay = null;
  await world.begin().wake();
  assert.ok(world.last);
});
