import assert from 'node:assert/strict';
import test from 'node:test';

import { kDefaultLimits, kNothing, type RelayCommand, type RelayStatus } from '@footbridge/protocol';
import { CarryingRelay } from './carrying_relay.js';

const said = (command: RelayCommand) =>
  command.command === 'start' && command.evenIfRisky ? 'start, even if risky' : command.command;

// An engine that a test leads, and how often it was fetched.
function world(options: { fails?: boolean } = {}) {
  const heard: string[] = [];
  const seen: string[] = [];
  const it = {
    fetched: 0,
    comes: Promise.resolve(),
    heard,
    seen,
    limits: [] as number[],
    tell: (_: RelayStatus) => {},
  };
  const relay = new CarryingRelay(async (tell) => {
    ++it.fetched;
    it.tell = tell;
    await it.comes;
    if (options.fails) throw new Error('not there');
    return {
      hear: (command: RelayCommand) => {
        if (command.command === 'setLimits') it.limits.push(command.limits.people);
        else heard.push(said(command));
      },
      status: () => kNothing,
    };
  });
  relay.onStatus = ({ state, reason }) => seen.push(reason ? `${state}: ${reason}` : state);
  return Object.assign(it, { relay });
}

const turn = () => new Promise((done) => setImmediate(done));

test('nothing is fetched before it is started, and once for all starts', async () => {
  const it = world();
  await turn();
  assert.equal(it.fetched, 0);
  for (const _ of [1, 2]) {
    it.relay.start(false);
    it.relay.start(false);
    await turn();
    it.relay.stop();
  }
  assert.deepEqual(it.heard, ['start', 'stop', 'start', 'stop']);
  assert.equal(it.fetched, 1);
});

test('that helping may be dangerous is said to the relay with each start, also the first', async () => {
  const it = world();
  for (const evenIfRisky of [true, false, true]) {
    it.relay.start(evenIfRisky);
    await turn();
    it.relay.stop();
  }
  assert.deepEqual(it.heard, ['start, even if risky', 'stop', 'start', 'stop', 'start, even if risky', 'stop']);
});

test('who stops while it is being fetched starts nothing', async () => {
  const { relay, heard, seen } = world();
  relay.start(false);
  relay.stop();
  await turn();
  assert.deepEqual(heard, []);
  assert.deepEqual(seen, ['starting', 'off']);
});

test('who starts, stops and starts while it is being fetched has one of it, started once', async () => {
  const it = world();
  let bring = () => {};
  it.comes = new Promise((done) => {
    bring = done;
  });
  it.relay.start(true);
  it.relay.stop();
  it.relay.start(false);
  bring();
  await turn();
  assert.deepEqual([it.fetched, it.heard, it.seen], [1, ['start'], ['starting', 'off', 'starting']]);
});

test('what cannot be fetched is no trouble of who has stopped', async () => {
  const it = world({ fails: true });
  it.relay.start(false);
  it.relay.stop();
  await turn();
  assert.deepEqual(it.seen, ['starting', 'off']);
});

test('what cannot be fetched is off with the reason, and may be tried again', async () => {
  const it = world({ fails: true });
  it.relay.start(false);
  await turn();
  it.relay.start(false);
  await turn();
  assert.deepEqual(it.seen, ['starting', 'off: not-loaded', 'starting', 'off: not-loaded']);
  assert.equal(it.fetched, 2);
});

test('only a browser that cannot is unavailable; other failures switch it off', async () => {
  const it = world();
  it.relay.start(false);
  await turn();
  for (const reason of ['core-broken', 'no-webrtc']) it.tell({ ...kNothing, state: 'unavailable', reason });
  assert.deepEqual(it.seen.slice(1), ['off: fault', 'unavailable: no-webrtc']);
});

test('what the network says is told in the words of the box, and what passes is not told', async () => {
  const it = world();
  it.relay.start(false);
  await turn();
  for (const reason of ['broker-silent', 'invite-over', 'no-proxy', 'restarted']) {
    it.tell({ ...kNothing, state: 'waiting', reason });
  }
  assert.deepEqual(it.seen.slice(1), [
    'starting: broker-silent',
    'waiting: invite-needed',
    'waiting',
    'waiting: restarted',
  ]);
  it.tell({ ...kNothing, state: 'paused', reason: 'slow' });
  assert.equal(it.seen.at(-1), 'paused: slow');
  it.relay.resume();
  it.relay.watch();
  assert.deepEqual(it.heard, ['start', 'resume', 'watch']);
});

test('limits hold whenever they are set, and cost no fetch', async () => {
  const it = world();
  it.relay.setLimits({ ...kDefaultLimits, people: 7 });
  await turn();
  assert.equal(it.fetched, 0);
  it.relay.start(false);
  await turn();
  it.relay.setLimits({ ...kDefaultLimits, people: 2 });
  assert.deepEqual(it.limits, [7, 2]);
  assert.equal(it.relay.limits.people, 2);
});
