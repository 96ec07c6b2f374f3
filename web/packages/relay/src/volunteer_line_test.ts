import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { kDefaultLimits } from '@footbridge/protocol';
import { kSlowPauseMs } from './own_line.js';
import { kSlowBytesPerSecond } from './slow_line.js';
import { Stays } from './stays.js';
import { core, running, turn } from './test_browser.js';

// A line with two people on which so many bytes pass each second while others wait, looked at each second.
async function onLine(t: TestContext, bytesPerSecond: number) {
  let [now, bytes] = [performance.now(), 0];
  t.mock.method(performance, 'now', () => now);
  const { browser, frame } = await running();
  browser.hear({ from: 'status', status: core, turn: 1 });
  const stays = [{}, {}];
  t.mock.method(Stays.prototype, 'flows', () =>
    stays.map((stay) => ({ stay, bytes: bytes / 2 + 9_000, waiting: 9_000, dropped: 0 })),
  );
  const asked = t.mock.method(Stays.prototype, 'roundTripMs', async () => 42);
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; ++second) {
      now += 1_000;
      bytes += bytesPerSecond;
      browser.tick();
      await turn();
    }
  };
  return { browser, frame, pass, asked };
}

test('a line that is too slow for a minute is paused for, and goes on when the person says so', async (t) => {
  const { browser, frame, pass } = await onLine(t, kSlowBytesPerSecond / 2);
  await pass(30);
  assert.equal(browser.seen.at(-1), 'helping');
  await pass(40);
  assert.equal(browser.seen.at(-1), 'paused: slow');
  assert.match(frame.status().changesAt ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  assert.equal(browser.people().at(-1), 0, 'nobody new comes, who is there may go elsewhere');
  frame.hear({ command: 'setLimits', limits: { ...kDefaultLimits, people: 5 } });
  frame.hear({ command: 'start' });
  await pass(70);
  assert.deepEqual([browser.seen.at(-1), browser.people().at(-1)], ['paused: slow', 0]);
  frame.hear({ command: 'resume' });
  assert.deepEqual([browser.seen.at(-1), browser.people().at(-1)], ['helping', 5]);
  assert.equal(frame.status().changesAt, undefined);
  await pass(30);
  assert.equal(browser.seen.at(-1), 'helping');
});

test('a pause for a slow line that nobody ends asks for people again by itself', async (t) => {
  const { browser, pass } = await onLine(t, 0);
  await pass(62);
  assert.deepEqual([browser.seen.at(-1), browser.people().at(-1)], ['paused: slow', 0]);
  await pass(kSlowPauseMs / 1_000);
  assert.deepEqual([browser.seen.at(-1), browser.people().at(-1)], ['helping', kDefaultLimits.people]);
});

test('a line that carries enough is not paused for', async (t) => {
  const { browser, pass } = await onLine(t, kSlowBytesPerSecond * 2);
  await pass(120);
  assert.equal(browser.seen.at(-1), 'helping');
});

test('what passes is looked at while somebody says that he looks, and not else', async (t) => {
  const { frame, pass, asked } = await onLine(t, 1_000_000);
  await pass(5);
  assert.deepEqual([asked.mock.callCount(), frame.status().line], [0, undefined]);
  frame.hear({ command: 'watch' });
  await pass(2);
  assert.equal(asked.mock.callCount(), 2);
  assert.equal(frame.status().line?.roundTripMs, 42);
  assert.equal(frame.status().line?.runningSeconds, 7);
  await pass(5);
  assert.ok(asked.mock.callCount() <= 3, `${asked.mock.callCount()}`);
  assert.equal(frame.status().line, undefined);
});
