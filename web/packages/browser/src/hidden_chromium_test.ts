// A volunteer whose tab is not seen. Figures over six minutes are made by scripts/bench web-hidden.
import assert from 'node:assert/strict';
import test from 'node:test';

import { kNoBrowser } from './chromium.js';
import { watchHidden } from './hidden.js';
import { kRoundMs } from './idle_page.js';
import { median } from './median.js';

const kSeconds = 28;

test('a hidden tab asks for clients as it did, and relays', { skip: kNoBrowser, timeout: 120_000 }, async (t) => {
  const { rounds, ticksPerSecond, visible, hidden } = await watchHidden({ seconds: kSeconds, rates: 3, rateMs: 1_500 });
  t.diagnostic(
    `rounds ${rounds.map(Math.round)} ms, MB/s ${visible.map((each) => each.toFixed(1))}, hidden ${hidden.map((each) => each.toFixed(1))}`,
  );
  assert.ok(ticksPerSecond < 0.5, `${ticksPerSecond}: its page was not throttled, so this said nothing`);
  assert.ok(rounds.length >= 5, `${rounds}`);
  const ratio = median(rounds) / kRoundMs; // 1.5 where the page itself, which is throttled, asks
  assert.ok(ratio >= 0.8 && ratio <= 1.3, `${rounds}`);
  // How much of what a tab that is seen relays is a figure, of a quiet machine.
  assert.ok(
    hidden.every((rate) => rate > 0),
    'nothing was relayed',
  );
});
