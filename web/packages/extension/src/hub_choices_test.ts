// What a person may choose beyond on and off: connections that cost, notifications, rights, and to erase it all.
import assert from 'node:assert/strict';
import test from 'node:test';

import { kDefaultLimits, kNothing } from '@footbridge/protocol';
import { kDrainMs, kWatchMs } from './hub.js';
import { agreed, World } from './hub_world.js';
import { kNotifyEveryMs, kPauseMs } from './kept.js';
import { kDefaultSettings, type Settings } from './settings.js';

const set = (world: World, change: Partial<Settings>) => world.hub.set({ ...kDefaultSettings, ...change });

test('a connection that costs is not used unasked, and the reason is said', async () => {
  const world = new World();
  world.costly = 'metered';
  const view = await world.hub.agree();
  assert.deepEqual([view.on, view.state, view.reason, view.pausedUntil], [true, 'paused', 'metered', null]);
  assert.deepEqual(
    world.wishes.filter((wish) => wish !== null),
    [],
  );
});

test('who ticks it helps also where it costs', async () => {
  const world = new World();
  world.costly = 'data-saver';
  await world.hub.agree();
  assert.equal((await set(world, { metered: true })).state, 'waiting');
  assert.ok(world.relaying);
  assert.equal((await set(world, { metered: false })).reason, 'data-saver');
  assert.equal(world.last, null);
});

test('a connection that becomes one that costs ends it at once, and a cheap one brings it back within a minute', async () => {
  const world = await agreed();
  await world.hub.told(world.said(1));
  world.costly = 'metered';
  assert.equal((await world.hub.wake()).reason, 'metered');
  assert.equal(world.last, null);
  await world.pass(kDrainMs - 1);
  assert.ok(world.relay, 'its document ended before its record was kept');
  await world.pass(1); // although it is looked at each minute whether it costs still
  assert.equal(world.relay, null);
  assert.ok(world.alarms.has('watch'));
  world.costly = null;
  await world.begin().wake();
  assert.ok(world.relaying);
  world.costly = 'metered';
  await world.pass(kWatchMs);
  assert.equal(world.last, null);
  world.costly = null;
  await world.pass(kWatchMs);
  assert.ok(world.relaying);
});

test('what is off, or paused by hand, says that and not what the connection costs', async () => {
  const world = await agreed();
  world.costly = 'metered';
  assert.equal((await world.hub.pause()).reason, 'pause');
  await world.pass(kPauseMs);
  assert.equal((await world.hub.view()).reason, 'metered');
  const off = await world.hub.switch(false);
  assert.deepEqual([off.state, off.reason], ['off', undefined]);
  await world.pass(kDrainMs);
  assert.deepEqual([...world.alarms], []);
});

test('who asked for it is told of somebody new, and not again for a while, also by another hub', async () => {
  const world = await agreed();
  world.rights.add('notifications');
  await set(world, { notify: true });
  await world.hub.told(world.said(0));
  assert.equal(world.told.length, 0);
  await world.hub.told(world.said(1));
  assert.deepEqual(
    world.told.map(({ state, helpingNow }) => [state, helpingNow]),
    [['helping', 1]],
  );
  world.now += kNotifyEveryMs - 1;
  await world.begin().told(world.said(2));
  assert.equal(world.told.length, 1);
  world.now += 1;
  await world.hub.told(world.said(2, 2, 500)); // nobody new
  assert.equal(world.told.length, 1);
  await world.hub.told(world.said(3));
  assert.equal(world.told.length, 2);
});

test('who did not ask for it is told nothing', async () => {
  const world = await agreed();
  await world.hub.told(world.said(1));
  assert.equal(world.told.length, 0);
});

test('a right is given back when nothing needs it', async () => {
  const world = await agreed();
  world.rights.add('notifications').add('background');
  const both = { notify: true, background: true };
  await set(world, both);
  assert.deepEqual([...world.rights], ['notifications', 'background']);
  await world.hub.pause();
  assert.deepEqual([...world.rights], ['notifications', 'background']);
  await world.hub.switch(false);
  assert.deepEqual([...world.rights], ['notifications']);
  assert.equal((await world.hub.view()).settings.background, true, 'the wish for it was forgotten');
  world.rights.add('background'); // as the page asks for in the click
  await world.hub.switch(true);
  assert.deepEqual([...world.rights], ['notifications', 'background']);
  await set(world, { background: true });
  assert.deepEqual([...world.rights], ['background']);
  await set(world, {});
  assert.deepEqual([...world.rights], []);
});

test('a wish whose right is not there, or not any more, is none', async () => {
  const world = await agreed();
  const refused = await set(world, { notify: true, background: true });
  assert.deepEqual([refused.settings.notify, refused.settings.background], [false, false]);
  world.rights.add('notifications');
  assert.equal((await set(world, { notify: true })).settings.notify, true);
  world.rights.clear(); // by the browser's own page
  await world.hub.rightsChanged();
  assert.equal((await world.begin().wake()).settings.notify, false);
});

test('who switches it off has it off, whatever becomes of rights', async () => {
  const world = await agreed();
  world.noRights = true;
  assert.equal((await world.hub.switch(false)).state, 'off');
  assert.equal(world.last, null);
});

test('erasing leaves nothing stored, no right, nothing that runs, and whoever wants it again is asked', async () => {
  const world = await agreed();
  const before = world.relaying.identity;
  world.rights.add('notifications').add('background');
  await set(world, { notify: true, background: true, lang: 'tr', limits: { ...kDefaultLimits, people: 7 } });
  await world.hub.told(world.said(2, 40, 500, 'abcd'));
  const last = world.said(0, 40, 900, 'ef01');
  const view = await world.hub.erase();
  assert.deepEqual(
    [view.on, view.state, view.settings, view.ever.people],
    [false, 'consent-required', kDefaultSettings, 0],
  );
  assert.equal(world.relay, null);
  await world.hub.told(last); // was on its way
  assert.deepEqual([world.stored, [...world.rights], [...world.alarms]], [undefined, [], []]);
  assert.equal(world.shown.at(-1)?.helpingNow, kNothing.helpingNow);
  await world.begin().wake();
  assert.equal((await world.hub.switch(true)).state, 'consent-required');
  assert.equal(world.welcomes, 1);
  await world.hub.agree();
  assert.notDeepEqual(world.relaying.identity, before);
  assert.equal(world.relaying.record, null);
});

async function warned(): Promise<World> {
  const world = await agreed();
  const { status, record } = world.said(0);
  world.relay = { status: { ...status, reason: 'risky-place' }, record };
  await world.hub.told(world.relay);
  await world.pass(kWatchMs);
  return world;
}

test('where helping may be dangerous nobody is asked for until the person has decided, also after a restart', async () => {
  const world = await warned();
  assert.equal(world.last, null);
  world.wishes = [];
  world.relay = null;
  world.begin();
  const view = await world.hub.wake();
  assert.deepEqual([view.on, view.state, view.reason], [true, 'paused', 'risky-place']);
  assert.deepEqual(world.wishes, []);
  const after = await world.hub.helpAnyway();
  assert.equal(after.state, 'waiting');
  assert.equal(world.relaying.evenIfRisky, true);
  world.begin();
  await world.hub.wake();
  assert.equal(world.relaying.evenIfRisky, true);
});

test('who stays off where it may be dangerous has decided nothing, and is asked when he switches on', async () => {
  const world = await warned();
  assert.equal((await world.hub.switch(false)).state, 'off');
  await world.hub.helpAnyway();
  await world.hub.switch(true);
  assert.equal(world.relaying.evenIfRisky, false);
});

test('a decision to help where it may be dangerous goes with the agreement', async () => {
  const world = await warned();
  await world.hub.helpAnyway();
  await world.hub.decline();
  await world.hub.agree();
  assert.equal(world.relaying.evenIfRisky, false);
});

test('what cannot be erased is written over, so that nothing of it runs in the next hub', async () => {
  const world = await agreed();
  await world.hub.told(world.said(2, 40, 500, 'abcd'));
  world.fails = 'erase';
  assert.equal((await world.hub.erase()).state, 'consent-required');
  const wishes = world.wishes.length;
  assert.equal((await world.begin().wake()).ever.people, 0);
  assert.equal((await world.hub.switch(true)).state, 'consent-required');
  assert.ok(!world.wishes.slice(wishes).some((wish) => wish !== null));
});

test('the map is told only when the person has said so, and is offered where there is one', async () => {
  const world = await agreed();
  assert.equal(world.relaying.reports, false);
  assert.equal((await world.hub.view()).map, undefined);
  const told = world.said(0);
  told.status.reports = false;
  await world.hub.told(told);
  assert.equal((await world.hub.view()).map, true);
  await world.hub.set({ ...kDefaultSettings, reports: true });
  assert.equal(world.relaying.reports, true);
});
