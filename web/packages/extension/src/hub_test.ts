import assert from 'node:assert/strict';
import test from 'node:test';

import { kDefaultLimits } from '@footbridge/protocol';
import { kDrainMs, kLookedMs } from './hub.js';
import { agreed, World } from './hub_world.js';
import { kPauseMs, kUpdateJitterMs } from './kept.js';
import { kDefaultSettings } from './settings.js';

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
  const first = world.relaying;
  assert.deepEqual(first.identity, { selfTag: '01'.repeat(16), key: '02'.repeat(32) });
  world.relay = null; // the browser was closed
  await world.begin().wake();
  await world.hub.switch(false);
  await world.hub.switch(true);
  assert.deepEqual(world.relaying.identity, first.identity);
});

test('who declines stays off, also in the next hub', async () => {
  const world = new World();
  await world.hub.decline();
  await world.begin().wake();
  assert.equal((await world.hub.view()).state, 'consent-required');
  assert.deepEqual(world.wishes, []);
});

test('switching off ends it at once, and its document when the last is kept', async () => {
  const world = await agreed();
  await world.hub.told(world.said(1));
  assert.equal((await world.hub.switch(false)).state, 'off');
  assert.equal(world.last, null);
  assert.ok(world.relay, 'the document ended before its record was kept');
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

test('a pause of the relay for a slow line is ended by a hand, and by nothing else of the hub', async () => {
  const world = await agreed();
  const told = world.said(0);
  Object.assign(told.status, { state: 'paused', reason: 'slow' });
  assert.deepEqual([(await world.hub.told(told)).state, (await world.hub.view()).reason], ['paused', 'slow']);
  await world.hub.alarm('watch');
  assert.ok(!world.wishes.includes('resume'));
  assert.equal((await world.hub.resume()).state, 'waiting');
  assert.equal(world.wishes.filter((wish) => wish === 'resume').length, 1);
  await world.hub.pause();
  await world.hub.resume();
  assert.equal(world.wishes.filter((wish) => wish === 'resume').length, 1, 'nothing was slow');
});

test('settings reach a relay that runs', async () => {
  const world = await agreed();
  const limits = { ...kDefaultLimits, people: 7, bytesPerDay: 50_000 };
  await world.hub.set({ ...kDefaultSettings, limits });
  assert.deepEqual(world.relaying.limits, limits);
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
  assert.equal(world.relaying.record, 'abcd');
});

test('a pause of the relay itself is shown with its reason and its end', async () => {
  const world = await agreed();
  const { status, record } = world.said(0);
  const paused = { ...status, state: 'paused' as const, reason: 'hours', changesAt: '2026-11-21T18:00:00' };
  const view = await world.hub.told({ status: paused, record });
  const until = new Date(2026, 10, 21, 18, 0).getTime();
  assert.deepEqual([view.state, view.reason, view.pausedUntil], ['paused', 'hours', until]);
});

test('what kind of network it is in is shown while it runs', async () => {
  const world = await agreed();
  assert.equal('network' in (await world.hub.view()), false);
  const told = world.said(0);
  told.status.network = 'restricted'; // which the relay says also when it is off
  assert.equal((await world.hub.told(told)).network, 'restricted');
  assert.equal('network' in (await world.hub.pause()), false);
});

test('a relay that failed, or that forgot, changes what is counted to what it says', async () => {
  const world = await agreed();
  await world.hub.told(world.said(2, 40));
  const { record: _none, ...lost } = world.said(0).status;
  await world.hub.told({ status: { ...lost, state: 'unavailable' }, record: '00' });
  assert.equal((await world.hub.told(world.said(0, 39))).ever.people, 39);
});

test('a relay that cannot be made, or be told so, is tried again in a minute', async () => {
  const world = new World();
  world.fails = 'wish';
  await assert.rejects(world.hub.agree());
  assert.equal(world.relay, null);
  await world.pass(60_000);
  assert.ok(world.relay);
  world.fails = 'save'; // of what was counted
  await assert.rejects(world.hub.told(world.said(1)));
  assert.ok(world.alarms.has('watch'));
});

test('a hub that cannot read what is stored tries again in a minute', async () => {
  const world = await agreed();
  world.relay = null;
  world.alarms.clear();
  world.fails = 'load';
  await assert.rejects(world.begin().wake());
  await world.pass(60_000);
  assert.ok(world.relay);
});

test('who switches it off has it off, also where nothing can be stored', async () => {
  const world = await agreed();
  world.fails = 'save';
  await assert.rejects(world.hub.switch(false));
  assert.equal(world.last, null);
});

test('a clock that was set back prolongs no pause', async () => {
  const world = await agreed();
  await world.hub.pause();
  world.now -= 2;
  assert.equal((await world.begin().wake()).state, 'waiting');
  assert.ok(world.relaying);
});

test('what is off takes an update at once, unless somebody reads its pages', async () => {
  const world = await agreed();
  await world.hub.switch(false);
  await world.hub.view();
  await world.hub.updateAvailable();
  assert.equal(world.reloads, 0, 'a page closed that somebody reads');
  await world.pass(kUpdateJitterMs);
  assert.equal(world.reloads, 1);
  await world.hub.updateAvailable();
  assert.equal(world.reloads, 2);
});

test('an update of what is off waits for as long as somebody reads', async () => {
  const world = await agreed();
  await world.hub.switch(false);
  await world.hub.view();
  await world.hub.updateAvailable();
  const at = world.alarms.get('update') ?? 0;
  world.now = at - kLookedMs + 1;
  await world.hub.view();
  await world.pass(at - world.now);
  assert.equal(world.reloads, 0);
  assert.ok((world.alarms.get('update') ?? 0) >= at);
});

test('an update waits for a moment of its own within an hour, and for those who are connected', async () => {
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
    assert.equal(world.last, 'leave', 'those who are helped are not told');
    assert.equal(world.relay?.status.helpingNow, 1);
    const { status, record } = world.said(0);
    await world.hub.told({ status: { ...status, standbyNow: 1 }, record });
    await world.hub.updateAvailable(); // said once more: not sooner
    assert.equal(world.reloads, 0, 'it left somebody who was connected');
    await world.hub.told(world.said(0));
    assert.equal(world.reloads, 1);
  }
});

test('a hub that begins anew while people leave for an update lets nobody new come', async () => {
  const world = await agreed();
  world.random = 0;
  await world.hub.told(world.said(1));
  await world.hub.updateAvailable();
  await world.hub.alarm('update');
  await world.begin().wake();
  assert.equal(world.last, 'leave');
  await world.pass(kDrainMs - 1);
  assert.equal(world.reloads, 0);
  await world.hub.told(world.said(0));
  assert.equal(world.reloads, 1);
});

test('an update does not wait for ever for somebody who does not leave', async () => {
  const world = await agreed();
  world.random = 0;
  await world.hub.told(world.said(1));
  await world.hub.updateAvailable();
  await world.hub.alarm('update');
  assert.equal(world.reloads, 0);
  world.now += 30_000;
  await world.begin().wake(); // which gives them no longer
  await world.pass(kDrainMs - 30_000);
  assert.equal(world.reloads, 1);
});

test('after the update it goes on as before', async () => {
  const world = await agreed();
  world.random = 0;
  await world.hub.updateAvailable();
  await world.hub.alarm('update');
  assert.equal(world.reloads, 1);
  world.relay = null;
  await world.begin().wake();
  assert.ok(world.relaying);
});

test('a browser that put the update in by itself leaves nothing to wait for', async () => {
  const world = await agreed();
  world.random = 0;
  await world.hub.told(world.said(1));
  await world.hub.updateAvailable();
  await world.hub.alarm('update');
  world.relay = null;
  await world.begin().renewed();
  assert.ok(world.relaying);
  await world.pass(kDrainMs);
  assert.equal(world.reloads, 0);
});

test('who agreed to a text that an update changed is asked again, once, if it was on', async () => {
  for (const on of [true, false]) {
    const world = await agreed();
    if (!on) await world.hub.switch(false);
    (world.stored as { consent: { version: number } }).consent.version += 1;
    world.relay = null;
    const view = await world.begin().renewed();
    assert.equal(view.state, 'consent-required');
    await world.begin().renewed();
    assert.equal(world.welcomes, on ? 1 : 0);
    assert.equal(world.relay, null);
  }
});
