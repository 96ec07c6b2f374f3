import assert from 'node:assert/strict';
import test from 'node:test';

import { kHiddenForMs, watchBackground, whyCostly } from './background.js';

// A page that is hidden and shown, a connection that changes, and a clock that a test moves.
function world(mayRunHidden: boolean) {
  const page = Object.assign(new EventTarget(), { hidden: false });
  const connection = Object.assign(new EventTarget(), { saveData: false, type: 'wifi' });
  let due: { at: number; run: () => void } | null = null;
  let now = 0;
  const fakes = {
    document: page,
    navigator: { connection },
    setTimeout: (run: () => void, ms: number) => {
      due = { at: now + ms, run };
      return 1;
    },
    clearTimeout: () => {
      due = null;
    },
  };
  for (const [name, value] of Object.entries(fakes)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const stops: string[] = [];
  watchBackground(
    () => mayRunHidden,
    (reason) => stops.push(reason),
  );
  const show = (hidden: boolean) => {
    page.hidden = hidden;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  const pass = (ms: number) => {
    now += ms;
    if (due && due.at <= now) due.run();
  };
  const change = (to: { saveData?: boolean; type?: string }) => {
    Object.assign(connection, to).dispatchEvent(new Event('change'));
  };
  return { stops, show, pass, change };
}

const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
test.afterEach(() => Object.assign(globalThis, real));

test('a page that may not run hidden stops after a minute, and one that comes back sooner goes on', () => {
  const { stops, show, pass } = world(false);
  show(true);
  pass(kHiddenForMs - 1);
  show(false);
  pass(kHiddenForMs);
  assert.deepEqual(stops, []);
  show(true);
  pass(kHiddenForMs);
  assert.deepEqual(stops, ['hidden']);
});

test('a page that may run hidden goes on', () => {
  const { stops, show, pass } = world(true);
  show(true);
  pass(10 * kHiddenForMs);
  assert.deepEqual(stops, []);
});

test('a connection that begins to cost stops it, once', () => {
  const { stops, change } = world(true);
  change({ type: 'ethernet' });
  assert.deepEqual(stops, []);
  change({ type: 'cellular' });
  change({ type: 'cellular' });
  assert.deepEqual(stops, ['metered']);
  change({ type: 'wifi' });
  change({ saveData: true });
  assert.deepEqual(stops, ['metered', 'data-saver']);
});

test('a connection of which nothing is known is not held to cost', () => {
  assert.equal(whyCostly({}), null);
  assert.equal(whyCostly({ type: 'unknown' }), null);
});
