import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { kMaxReporterChainBytes } from './netstate_config.js';
import * as wire from './report_wire.js';
import * as keeper from './state_keeper.js';
import { kGoodbyeMs } from './state_reporter.js';

const { StateKeeper } = keeper;

function idle() {
  const it = new StateKeeper<{ change: string }>(() => 1);
  it.set({ change: 'ready' });
  assert.equal(it.take(0)?.sequence, 1);
  it.taken(20);
  return it;
}

test('nothing is due before anything is known, and the first report at once', () => {
  const it = new StateKeeper<{ change: string }>(() => 0);
  assert.equal(it.next(), null);
  it.set({ change: 'ready' });
  assert.equal(it.next(), 0);
});

test('a change is told once a second has passed, and what has not changed after thirty', () => {
  const it = idle();
  it.set({ change: 'ready' });
  assert.equal(it.next(), 30_000);
  it.set({ change: 'helping' });
  assert.equal(it.take(999), null);
  assert.deepEqual(it.take(1_000), { change: 'helping', sequence: 2 });
});

test('while a request is under way nothing is due; what changes meanwhile is the next', () => {
  const it = idle();
  it.set({ change: 'helping' });
  it.take(1_000);
  it.set({ change: 'paused' });
  assert.equal(it.next(), null);
  assert.equal(it.take(60_000), null);
  it.taken(1_500);
  assert.deepEqual(it.take(2_000), { change: 'paused', sequence: 3 });
});

test('after failures it waits longer and longer, and by chance, but not beyond a minute', () => {
  const it = idle();
  const waits = [1, 2, 3, 4, 5, 6, 7].map((turn) => {
    const now = turn * 1_000_000;
    assert.ok(it.take(now), 'what was not heard is told again');
    it.failed(now, 0);
    return (it.next() ?? 0) - now;
  });
  assert.deepEqual(waits, [3_000, 6_000, 12_000, 24_000, 48_000, 60_000, 60_000]);
  it.take(9_000_000);
  it.taken(9_000_000);
  it.set({ change: 'helping' });
  it.take(9_001_000);
  it.failed(9_001_000, 0);
  assert.equal(it.next(), 9_004_000, 'it was heard meanwhile');
});

test('it comes no sooner than a Retry-After says, and is not silenced for longer than ten minutes', () => {
  const it = idle();
  it.take(100_000);
  it.failed(100_000, 120_000);
  assert.equal(it.next(), 220_000);
  it.take(220_000);
  it.failed(220_000, 999_999_000);
  assert.equal(it.next(), 820_000);
});

// The names in the table are the engine's; these have their unit at their end.
test('timers and bounds are those of the specification', () => {
  const text = readFileSync(new URL('../../../../docs/spec/18-netstate.md', import.meta.url), 'utf8');
  const row = (id: string) =>
    text.match(new RegExp(`^\\| ${id} \\| \`\\w+\` \\| ([^|]+?) \\|`, 'm'))?.[1] ?? assert.fail(id);
  const seconds = (id: string) => Number(row(id).replace(/ s$/, '')) * 1_000;
  const timers = ['NTS-T18', 'NTS-T19', 'NTS-T20', 'NTS-T21', 'NTS-T22', 'NTS-T23'].map(seconds);
  const { kReportGapMs, kReportIdleMs, kReportLimitMs, kReportPauseFromMs, kReportPauseToMs, kReportLongestWaitMs } =
    keeper;
  assert.deepEqual(timers, [
    kReportGapMs,
    kReportIdleMs,
    kReportLimitMs,
    kReportPauseFromMs,
    kReportPauseToMs,
    kReportLongestWaitMs,
  ]);
  assert.equal(row('NTS-T34'), `${kGoodbyeMs} ms`);
  const { kMaxReportLegs, kMaxReportedCount, kReportedKibStep } = wire;
  const bounds = ['NTS-B3', 'NTS-B7', 'NTS-B9', 'NTS-B11'].map((id) => Number(row(id)));
  assert.deepEqual(bounds, [kMaxReporterChainBytes, kMaxReportLegs, kMaxReportedCount, kReportedKibStep]);
});
