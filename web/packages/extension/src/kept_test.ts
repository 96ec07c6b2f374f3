import assert from 'node:assert/strict';
import test from 'node:test';
import { kConsentVersion } from '@footbridge/frame/consent';

import { kDefaultLimits } from '@footbridge/protocol';
import { dropImpossible, kPauseMs, kUpdateJitterMs, readKept } from './kept.js';

const kept = {
  consent: { version: kConsentVersion, time: 1 },
  on: true,
  pausedUntil: 5,
  updateAt: null,
  settings: {
    limits: { ...kDefaultLimits, people: 7, bytesPerDay: 1_000_000 },
    lang: 'fa',
    theme: 'dark',
    metered: true,
    notify: true,
    background: true,
    reports: true,
  },
  helped: { ever: { people: 1, bytesUp: 2, bytesDown: 3 }, today: { people: 0, bytesUp: 0, bytesDown: 0 }, day: 'x' },
  record: 'ab',
  identity: { selfTag: 'ab'.repeat(16), key: 'cd'.repeat(32) },
};

test('what was stored is read as it was', () => {
  const read = readKept(JSON.parse(JSON.stringify(kept)));
  assert.deepEqual(read.settings, kept.settings);
  assert.deepEqual([read.on, read.pausedUntil, read.identity], [true, 5, kept.identity]);
  assert.deepEqual([read.helped, read.record], [kept.helped, 'ab']);
});

test('nothing, or what is no such thing, is off and agreed to by nobody', () => {
  for (const strange of [undefined, null, 3, 'on', [], { on: true }, { on: true, consent: { version: '1' } }]) {
    const { on, consent } = readKept(strange);
    assert.deepEqual([on, consent], [false, null], JSON.stringify(strange));
  }
});

test('who agreed to another text is asked again, and keeps what was counted', () => {
  const read = readKept({ ...kept, consent: { version: kConsentVersion + 1, time: 1 } });
  assert.deepEqual([read.on, read.consent, read.lapsed], [false, null, true]);
  assert.equal(read.helped.ever.people, 1);
  assert.equal(readKept(JSON.parse(JSON.stringify(read))).lapsed, true);
  assert.equal(readKept({ ...kept, on: false, consent: { version: kConsentVersion + 1, time: 1 } }).lapsed, false);
  assert.equal(readKept(kept).lapsed, false);
});

test('a strange setting is as in a new installation, and the others stay', () => {
  const limits = { ...kept.settings.limits, people: 11, hours: 'always' };
  const { settings } = readKept({
    ...kept,
    settings: { limits, lang: '<b>', theme: 'pink', metered: 1, notify: 'yes', background: {} },
  });
  assert.deepEqual(settings.limits, { ...kept.settings.limits, people: kDefaultLimits.people });
  assert.deepEqual([settings.lang, settings.theme], ['', 'auto']);
  assert.deepEqual([settings.metered, settings.notify, settings.background], [false, false, false]);
});

test('half a key is no key', () => {
  assert.equal(readKept({ ...kept, identity: { ...kept.identity, key: 'cd' } }).identity, null);
});

test('a moment that is later than it can have been chosen is none', () => {
  const now = 1_000;
  for (const late of [0, 1]) {
    const stored = {
      ...kept,
      pausedUntil: now + kPauseMs + late,
      notifiedAt: now + late,
      updateAt: now + kUpdateJitterMs + late,
    };
    const read = readKept(stored);
    dropImpossible(read, now);
    const left = late === 0 ? [stored.pausedUntil, stored.notifiedAt, stored.updateAt] : [null, null, null];
    assert.deepEqual([read.pausedUntil, read.notifiedAt, read.updateAt], left);
  }
});
