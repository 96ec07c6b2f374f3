import assert from 'node:assert/strict';
import test from 'node:test';

import { kSlowPauseMs, OwnLine } from './own_line.js';
import { kSlowForMs } from './slow_line.js';

const kPause = kSlowPauseMs / 1_000;
const kMinute = kSlowForMs / 1_000;

// A line with two people on it, to whom nothing passes; looked at each second.
function stuck() {
  const wall = new Date(2026, 10, 21, 18, 0, 0).getTime();
  let second = 0;
  const line = new OwnLine(() => wall + second * 1_000);
  const flows = [{}, {}].map((stay) => ({ stay, bytes: 9_000, waiting: 9_000, dropped: 0 }));
  const asked: number[] = [];
  const stays = {
    flows: () => flows,
    links: () => flows.length,
    totals: () => ({ bytesUp: 0, bytesDown: second * 1_000, dropped: 0 }),
    roundTripMs: async () => {
      asked.push(second);
      return 42;
    },
  };
  // The seconds at which a pause began or ended.
  const pass = (seconds: number) => {
    const turns: number[] = [];
    for (const end = second + seconds; second < end; ) {
      ++second;
      if (line.look(second * 1_000, stays, 2, null)) turns.push(second);
    }
    return turns;
  };
  const now = () => second * 1_000;
  line.switchedOn(0);
  return { line, pass, now, asked };
}

test('a pause for a slow line ends by itself, and says on the wall when', () => {
  const { line, pass } = stuck();
  const begins = 1 + kMinute;
  assert.deepEqual(pass(begins), [begins]);
  assert.equal(line.pausedUntil, '2026-11-21T18:11:01');
  assert.deepEqual(pass(kPause), [begins + kPause]);
  assert.equal(line.pausedUntil, null);
  assert.deepEqual(pass(kMinute), [], 'it is judged anew');
  assert.deepEqual(pass(2), [begins + kPause + 1 + kMinute]);
});

test('a person ends it sooner, and the switch does', () => {
  const { line, pass, now } = stuck();
  assert.equal(line.goOn(), false, 'there is none');
  pass(kMinute + 1);
  assert.equal(line.goOn(), true);
  assert.equal(line.pausedUntil, null);
  pass(kMinute + 1);
  assert.notEqual(line.pausedUntil, null);
  line.switchedOff();
  assert.equal(line.pausedUntil, null);
  assert.deepEqual(pass(2 * kMinute), [], 'nothing is judged while it is off');
  line.switchedOn(now());
  assert.equal(line.pausedUntil, null);
});

test('figures are of now: not of who has not looked for seconds, nor of before the switch', async () => {
  const { line, pass, now, asked } = stuck();
  const settled = () => new Promise((done) => setTimeout(done));
  pass(2);
  assert.deepEqual(asked, []);
  line.coreRestarted();
  line.watched(now());
  pass(2);
  await settled();
  const rest = { roundTripMs: 42, links: 2, restarts: 1 };
  assert.deepEqual(line.figures, { upPerSecond: 0, downPerSecond: 1_000, runningSeconds: 4, ...rest });
  line.watched(now());
  pass(1);
  line.switchedOff();
  line.switchedOn(now());
  await settled();
  assert.equal(line.figures, null, 'what was asked before says nothing of now');
});
