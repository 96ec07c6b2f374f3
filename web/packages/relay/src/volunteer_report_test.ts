// What a page lets its worker tell netstate, and when.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import test from 'node:test';

import type { Condition } from './talk.js';
import { Browser, core, turn, waiting } from './test_browser.js';

globalThis.crypto ??= webcrypto as unknown as Crypto; // Node.js 18 has no global one

const netstate = { url: 'https://netstate.example/report', key: '01'.repeat(32), chain: '02'.repeat(40), names: {} };

async function running(more: object = { netstate }) {
  const browser = new Browser();
  browser.more = more;
  const frame = browser.open();
  frame.hear({ command: 'start' });
  await browser.deliver();
  await turn();
  const said = () => browser.said.flatMap((each): (Condition | null)[] => (each.to === 'report' ? [each.so] : []));
  return { browser, frame, said };
}

test('nobody is told anything unless its person wants it, and then once the broker has heard of it', async () => {
  const { browser, frame, said } = await running();
  assert.equal(frame.status().reports, false);
  browser.hear({ from: 'status', status: waiting, turn: 1 });
  browser.tick();
  assert.deepEqual(said(), []);
  frame.hear({ command: 'setReports', on: true });
  assert.deepEqual(said(), [{ state: 'ready', legs: [], up: 0, down: 0 }]);
  assert.equal(frame.status().reports, true);

  const other = await running();
  other.frame.hear({ command: 'setReports', on: true });
  other.browser.tick();
  assert.deepEqual(other.said(), [], 'nobody knows yet whether helping is dangerous here');
  other.browser.hear({ from: 'status', status: { ...waiting, heard: false }, turn: 1 });
  other.browser.tick();
  assert.deepEqual(other.said(), [], 'the broker has not answered');
  other.browser.hear({ from: 'status', status: { ...waiting, heard: false, trouble: 'risky-place' }, turn: 1 });
  other.browser.tick();
  assert.deepEqual(other.said(), []);
});

test('who unticks it, switches off, or turns out to be where it is dangerous is gone', async () => {
  for (const end of ['untick', 'stop', 'risky'] as const) {
    const { browser, frame, said } = await running();
    frame.hear({ command: 'setReports', on: true });
    browser.hear({ from: 'status', status: core, turn: 1 });
    browser.tick();
    assert.equal(said().length, 1);
    if (end === 'untick') frame.hear({ command: 'setReports', on: false });
    if (end === 'stop') frame.hear({ command: 'stop' });
    if (end === 'risky') browser.hear({ from: 'status', status: { ...waiting, trouble: 'risky-place' }, turn: 1 });
    browser.tick();
    browser.tick();
    assert.deepEqual(said().slice(1), [null], end);
  }
});

test('a pause is told, and that it leaves', async () => {
  const { browser, frame, said } = await running();
  frame.hear({ command: 'setReports', on: true });
  browser.hear({ from: 'status', status: { ...waiting, pause: 'hours' }, turn: 1 });
  browser.tick();
  assert.equal(said().at(-1)?.state, 'paused');
  frame.leave();
  assert.equal(said().at(-1)?.state, 'draining');
});

test('where there is nobody to tell, or a browser that cannot sign, nothing is offered', async () => {
  const { frame, browser } = await running({});
  frame.hear({ command: 'setReports', on: true });
  browser.hear({ from: 'status', status: waiting, turn: 1 });
  browser.tick();
  assert.equal(frame.status().reports, undefined);
  assert.ok(!browser.said.some(({ to }) => to === 'report' || to === 'netstate'));

  const { subtle } = globalThis.crypto;
  const importKey = () => Promise.reject(new Error('Unrecognized name'));
  Object.defineProperty(globalThis.crypto, 'subtle', { value: { importKey }, configurable: true });
  try {
    const without = await running();
    assert.equal(without.frame.status().reports, undefined);
  } finally {
    Object.defineProperty(globalThis.crypto, 'subtle', { value: subtle, configurable: true });
  }
});
