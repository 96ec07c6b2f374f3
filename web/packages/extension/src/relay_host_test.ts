import assert from 'node:assert/strict';
import test from 'node:test';

import { kDefaultLimits, type RelayStatus } from '@footbridge/protocol';
import type { Keeper } from '@footbridge/relay';
import { kTellBytesMs, RelayHost } from './relay_host.js';
import type { Told } from './talk.js';

const wish = {
  limits: kDefaultLimits,
  identity: { selfTag: '01'.repeat(16), key: '02'.repeat(32) },
  record: 'aa',
  evenIfRisky: false,
  reports: false,
};

function waiting(down: number): RelayStatus {
  const record = { helpedToday: 1, helped: 1, upToday: 0, downToday: down, up: 0, down, thisMonth: down };
  return { state: 'waiting', helpingNow: 0, helpedToday: 1, bytesUp: 0, bytesDown: down, countries: [], record };
}

function make() {
  const told: Told[] = [];
  const heard: string[] = [];
  const it = {
    told,
    heard,
    now: 0,
    status: waiting(0),
    say: (_: RelayStatus) => {},
    keeper: null as Keeper | null,
  };
  const host = new RelayHost({} as never, (one) => told.push(one), {
    make: (say, _who, keeper) => {
      Object.assign(it, { say, keeper });
      return {
        hear: (said) =>
          heard.push(said.command === 'start' && said.evenIfRisky ? 'start, even if risky' : said.command),
        leave: () => heard.push('leave'),
        end: () => heard.push('end'),
        status: () => it.status,
      };
    },
    now: () => it.now,
  });
  return { it, host };
}

test('the hub hears at once who comes and goes, of bytes each ten seconds, and nothing twice', () => {
  const { it, host } = make();
  host.hear(wish);
  const says = (status: RelayStatus, ms: number) => {
    it.now += ms;
    it.say(status);
    return it.told.length;
  };
  assert.equal(says(waiting(0), 0), 1);
  for (let n = 1; n <= 9; ++n) assert.equal(says(waiting(n * 262_144), kTellBytesMs / 10), 1);
  assert.equal(says(waiting(9_000_000), kTellBytesMs / 10), 2);
  for (let n = 0; n < 5; ++n) assert.equal(says(waiting(9_000_000), kTellBytesMs), 2);
  assert.equal(says({ ...waiting(9_000_000), standbyNow: 1 }, 0), 3);
});

test('leaving, ending and being asked make no relay, and reach the one that is there', () => {
  const { it, host } = make();
  host.end();
  for (const one of ['leave', null, undefined] as const) assert.equal(host.hear(one).status.state, 'off');
  assert.equal(it.keeper, null);
  host.hear(wish);
  host.hear('leave');
  host.hear(null);
  host.end();
  assert.deepEqual(it.heard, ['setLimits', 'start', 'leave', 'stop', 'end']);
});

test('a relay that begins again after a failure has the record that it left last', async () => {
  const { it, host } = make();
  host.hear(wish);
  assert.deepEqual(await it.keeper?.load(), Uint8Array.of(0xaa));
  it.keeper?.save(Uint8Array.of(0xbb));
  assert.deepEqual(await it.keeper?.load(), Uint8Array.of(0xbb));
  assert.equal(it.told.at(-1)?.record, 'bb');
});

test('who decides to help where it may be dangerous has another start, and only one', () => {
  const { it, host } = make();
  for (const evenIfRisky of [false, true, true]) host.hear({ ...wish, evenIfRisky });
  assert.deepEqual(it.heard, ['setLimits', 'start', 'stop', 'start, even if risky', 'start, even if risky']);
});

test('whether the map is told is said when it changes, before it starts', () => {
  const { it, host } = make();
  for (const reports of [false, true, true, false]) host.hear({ ...wish, reports });
  assert.deepEqual(it.heard, ['setLimits', 'start', 'setReports', 'start', 'start', 'setReports', 'start']);
});
