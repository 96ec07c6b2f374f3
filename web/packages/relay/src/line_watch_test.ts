import assert from 'node:assert/strict';
import test from 'node:test';

import { kWatchedMs, LineWatch } from './line_watch.js';

test('rates are of what passed since the look before', () => {
  const watch = new LineWatch();
  assert.deepEqual(watch.rates(5_000, { bytesUp: 900, bytesDown: 9_000 }), { upPerSecond: 0, downPerSecond: 0 });
  assert.deepEqual(watch.rates(7_000, { bytesUp: 1_900, bytesDown: 9_001 }), { upPerSecond: 500, downPerSecond: 1 });
  assert.deepEqual(watch.rates(7_000, { bytesUp: 2_900, bytesDown: 9_001 }), { upPerSecond: 0, downPerSecond: 0 });
});

test('who says no more that he looks does not look, and who comes back is told nothing of the time between', () => {
  const watch = new LineWatch();
  assert.equal(watch.isWatched(0), false);
  watch.looked(1_000);
  assert.equal(watch.isWatched(1_000 + kWatchedMs), true);
  watch.rates(1_000, { bytesUp: 0, bytesDown: 0 });
  assert.equal(watch.isWatched(1_001 + kWatchedMs), false);
  watch.looked(60_000);
  assert.equal(watch.rates(60_000, { bytesUp: 5_000, bytesDown: 0 }).upPerSecond, 0);
});
