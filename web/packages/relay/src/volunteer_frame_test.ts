import assert from 'node:assert/strict';
import test from 'node:test';

import type { CoreStatus } from '@footbridge/core';
import { Browser, core, running, turn, waiting } from './test_browser.js';

test('who stops while it is loaded starts nothing, and nothing goes on ticking', async () => {
  const browser = new Browser();
  const frame = browser.open();
  frame.hear({ command: 'start' });
  frame.hear({ command: 'stop' });
  await browser.deliver();
  assert.deepEqual([browser.people(), browser.tickers, browser.seen.at(-1)], [[], 0, 'off']);
  frame.hear({ command: 'start' });
  await turn();
  assert.deepEqual([browser.people().length, browser.tickers, browser.workers.length], [1, 1, 1]);
});

test('what cannot be loaded is no trouble of who has stopped', async () => {
  const browser = new Browser();
  const frame = browser.open();
  frame.hear({ command: 'start' });
  frame.hear({ command: 'stop' });
  await browser.deliver(404);
  assert.deepEqual(browser.seen, ['starting', 'off']);
  frame.hear({ command: 'start' });
  await browser.deliver(404);
  assert.equal(browser.seen.at(-1), 'unavailable: not-loaded');
});

test('the core hears once that the network is back, however often it was made', async () => {
  const { browser, frame } = await running();
  browser.workers[0]?.dispatchEvent(new Event('error'));
  assert.equal(browser.seen.at(-1), 'unavailable: worker-lost');
  frame.hear({ command: 'start' });
  await browser.deliver();
  assert.equal(browser.workers.length, 2);
  browser.network.dispatchEvent(new Event('online'));
  assert.equal(browser.said.filter((each) => each.to === 'networkChange').length, 1);
});

test('the network is looked at once people are asked for, and what is found is told to the core and to whoever shows it', async () => {
  const browser = new Browser();
  const frame = browser.open();
  await turn();
  assert.equal(browser.peers.length, 0);
  frame.hear({ command: 'start' });
  await browser.deliver();
  await turn();
  const [tried, ...then] = browser.order; // whether there is WebRTC, which makes no connection
  assert.deepEqual([tried, then], ['peer', ['begin', 'limits', 'people']]);
  browser.hear({ from: 'status', status: waiting, turn: 1 });
  await turn();
  assert.deepEqual(browser.order.slice(4), ['peer', 'network']);
  assert.deepEqual(browser.said.at(-1), { to: 'network', network: 'no-udp' });
  assert.equal(frame.status().network, 'no-udp');
  frame.hear({ command: 'stop' });
  assert.equal(frame.status().network, undefined);
  assert.deepEqual(browser.said.slice(-2), [{ to: 'network', network: 'unknown' }, { to: 'stop' }]);
});

test('the network is not looked at while nobody is asked for: out of hours, at a risky place, before the core has said so', async () => {
  for (const status of [
    { ...waiting, pause: 'hours' as const },
    { ...waiting, pause: 'month-used' as const },
    { ...waiting, heard: false, trouble: 'risky-place' },
  ]) {
    const { browser } = await running();
    browser.hear({ from: 'status', status: waiting, turn: 0 });
    browser.hear({ from: 'status', status, turn: 1 });
    browser.tick();
    await turn();
    assert.equal(browser.order.filter((each) => each === 'peer').length, 1, status.pause + status.trouble);
    browser.hear({ from: 'status', status: waiting, turn: 1 });
    await turn();
    assert.equal(browser.order.at(-1), 'network', 'now it is');
    browser.hear({ from: 'status', status, turn: 1 });
    assert.deepEqual(browser.said.at(-1), { to: 'network', network: 'unknown' });
  }
});

test('of a network that has changed nothing is shown or said any more', async () => {
  const { browser, frame } = await running();
  browser.hear({ from: 'status', status: waiting, turn: 1 });
  await turn();
  assert.equal(frame.status().network, 'no-udp');
  browser.network.dispatchEvent(new Event('online'));
  assert.equal(frame.status().network, undefined);
  assert.deepEqual(browser.said.slice(-2), [{ to: 'network', network: 'unknown' }, { to: 'networkChange' }]);
  frame.hear({ command: 'stop' });
});

test('a core that takes the place of another is told nothing of a network that may be another by then', async () => {
  const { browser, frame } = await running();
  browser.hear({ from: 'status', status: waiting, turn: 1 });
  await turn();
  assert.equal(browser.order.at(-1), 'network');
  browser.workers[0]?.dispatchEvent(new Event('error'));
  frame.hear({ command: 'start' });
  await browser.deliver();
  await turn();
  assert.deepEqual(browser.order.slice(6), ['peer', 'begin', 'limits', 'people']);
  frame.hear({ command: 'stop' });
});

test('a gate that traps costs a message; one that keeps trapping is given up', async (t) => {
  t.mock.method(console, 'warn', () => {});
  const { browser } = await running();
  const noSlot = 200; // a bug of the core, for which the gate stops
  for (let epoch = 1; epoch <= 4; ++epoch) {
    assert.equal(browser.seen.at(-1), 'starting', `after ${epoch - 1}`);
    browser.hear({ from: 'command', run: 0, command: { do: 'makeAnswer', at: { number: noSlot, epoch }, offer: '' } });
    const channel = Object.assign(new EventTarget(), { readyState: 'open' });
    browser.peers.at(-1)?.dispatchEvent(Object.assign(new Event('datachannel'), { channel }));
  }
  assert.equal(browser.seen.at(-1), 'unavailable: core-broken');
});

test('who leaves ends nothing of those who are helped, and can come back, or end it', async () => {
  const { browser, frame } = await running();
  const stops = () => browser.said.filter((each) => each.to === 'stop').length;
  browser.hear({ from: 'status', status: waiting, turn: 1 });
  await turn();
  frame.leave();
  assert.deepEqual([browser.people().at(-1), stops(), browser.seen.at(-1)], [0, 0, 'off']);
  assert.deepEqual(browser.said.at(-1), { to: 'network', network: 'unknown' });
  const asked = browser.peers.length;
  browser.network.dispatchEvent(new Event('online'));
  await turn();
  assert.equal(browser.peers.length, asked, 'who leaves asks no server');
  frame.hear({ command: 'start' });
  await turn();
  assert.ok((browser.people().at(-1) ?? 0) > 0);
  frame.leave();
  frame.hear({ command: 'stop' });
  assert.equal(stops(), 1);
  frame.leave();
  assert.equal(browser.people().at(-1), 0);
});

test('one that has ended for good says, hears and makes nothing, also if its parts come only then', async (t) => {
  const { browser, frame } = await running();
  frame.end();
  const [seen, said] = [browser.seen.length, browser.said.length];
  browser.network.dispatchEvent(new Event('online'));
  assert.deepEqual([browser.seen.length, browser.said.length, browser.seen.at(-1)], [seen, said, 'off']);
  assert.deepEqual([browser.terminated, browser.tickers], [1, 0]);

  const late = new Browser();
  const other = late.open();
  other.hear({ command: 'start' });
  other.end();
  const compile = t.mock.method(WebAssembly, 'compile');
  late.bring();
  while (compile.mock.callCount() === 0) await turn();
  await compile.mock.calls[0]?.result;
  await turn();
  assert.equal(late.workers.length, 0);
});

test("the record is held while people may come, and what another tab counted meanwhile is the core's before it is on", async () => {
  const browser = new Browser();
  let kept = Uint8Array.of(1);
  let held = false;
  browser.keeper = {
    load: async () => {
      held = true;
      return kept;
    },
    save: (record) => {
      kept = Uint8Array.from(record);
    },
    release: () => {
      held = false;
    },
  };
  const frame = browser.open();
  frame.hear({ command: 'start' });
  await browser.deliver();
  assert.equal(held, true);
  frame.hear({ command: 'stop' });
  assert.equal(held, false);
  browser.hear({ from: 'keep', record: Uint8Array.of(2) });
  frame.hear({ command: 'start' });
  await turn();
  assert.ok(!browser.order.includes('restore'), 'nobody else has counted');
  frame.hear({ command: 'stop' });
  kept = Uint8Array.of(3);
  browser.order.length = 0;
  frame.hear({ command: 'start' });
  await turn();
  assert.deepEqual(browser.order.slice(0, 4), ['peer', 'restore', 'limits', 'people']);
  assert.ok(browser.said.some((each) => each.to === 'restore' && each.kept[0] === 3));
  browser.workers[0]?.dispatchEvent(new Event('error'));
  assert.equal(held, false, 'what has failed held it on');
});

test('who switches off and on sees nothing of before, also when the worker is late to hear of it', async () => {
  const { browser, frame } = await running();
  const said = (turn: number, status: CoreStatus) => browser.hear({ from: 'status', status, turn });
  const nowTurn = () => browser.said.flatMap((each) => (each.to === 'people' ? [each.turn] : [])).at(-1) ?? 0;
  said(nowTurn(), core);
  assert.deepEqual([frame.status().state, frame.status().helpingNow], ['helping', 2]);
  const before = nowTurn();
  frame.hear({ command: 'stop' });
  assert.deepEqual([frame.status().state, frame.status().helpingNow], ['off', 0]);
  assert.deepEqual(frame.status().countries, []);
  said(before, { ...core, trouble: 'broker-silent' });
  assert.equal(frame.status().reason, undefined);
  frame.hear({ command: 'start' });
  await turn();
  assert.deepEqual([frame.status().state, frame.status().helpingNow], ['starting', 0]);
  said(before, core);
  assert.equal(frame.status().state, 'starting');
  assert.equal(frame.status().record?.helped, 9, 'what is ever is no matter of the switch');
  said(nowTurn(), { ...core, people: 0 });
  assert.equal(frame.status().state, 'waiting');
});

test('WebRTC that fails when it is used is none, and may be there at the next try', async () => {
  const browser = new Browser();
  const frame = browser.open();
  const { RTCPeerConnection } = globalThis;
  Object.assign(globalThis, {
    RTCPeerConnection: class {
      constructor() {
        throw new DOMException('blocked', 'NotAllowedError');
      }
    },
  });
  frame.hear({ command: 'start' });
  assert.equal(browser.seen.at(-1), 'unavailable: no-webrtc');
  Object.assign(globalThis, { RTCPeerConnection });
  frame.hear({ command: 'start' });
  await browser.deliver();
  assert.equal(browser.seen.at(-1), 'starting');
});

test('a link that cannot be made is an answer that failed, and no error', async () => {
  const { browser } = await running();
  Object.assign(globalThis, {
    RTCPeerConnection: class {
      constructor() {
        throw new DOMException('blocked', 'NotAllowedError');
      }
    },
  });
  const command = { do: 'makeAnswer', at: { number: 0, epoch: 1 }, offer: '' };
  browser.hear({ from: 'command', run: 0, command });
  const event = browser.said.find((each) => each.to === 'event');
  assert.equal(event?.to === 'event' && event.event.what, 'answerFailed');
});

test('a core is told when it begins whether helping may be dangerous, so who decides anew has another one', async () => {
  const { browser, frame } = await running();
  const told = () => browser.said.flatMap((each) => (each.to === 'begin' ? [each.config.evenIfRisky] : []));
  frame.hear({ command: 'stop' });
  frame.hear({ command: 'start' });
  await turn();
  assert.deepEqual(told(), [false]);
  frame.hear({ command: 'stop' });
  frame.hear({ command: 'start', evenIfRisky: true });
  await browser.deliver();
  assert.deepEqual(told(), [false, true]);
  assert.equal(browser.people().length, 3);
});
