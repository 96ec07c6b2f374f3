import assert from 'node:assert/strict';
import test from 'node:test';

import { kConsentVersion, readAgreed, remember } from './consent_store.js';

class Box {
  kept: string | null = null;
  getItem() {
    return this.kept;
  }
  setItem(_: string, value: string) {
    this.kept = value;
  }
}

test('an agreement is remembered for this version of the text', () => {
  const box = new Box();
  assert.equal(readAgreed(box).agreed, false);
  remember(1_000, false, box);
  assert.equal(readAgreed(box).agreed, true);
  box.kept = JSON.stringify({ version: kConsentVersion + 1, time: 1 });
  assert.equal(readAgreed(box).agreed, false);
});

test('that somebody helps also where it may be dangerous is remembered with his agreement, and goes with it', () => {
  const box = new Box();
  remember(1_000, true, box);
  assert.deepEqual(readAgreed(box), { agreed: true, evenIfRisky: true });
  box.kept = JSON.stringify({ version: kConsentVersion + 1, time: 1, evenIfRisky: true });
  assert.deepEqual(readAgreed(box), { agreed: false, evenIfRisky: false });
  box.kept = JSON.stringify({ version: kConsentVersion, time: 1, evenIfRisky: 'yes' });
  assert.deepEqual(readAgreed(box), { agreed: true, evenIfRisky: false });
  remember(1_000, false, box);
  assert.deepEqual(readAgreed(box), { agreed: true, evenIfRisky: false });
});

test('what cannot be read is no agreement', () => {
  const box = new Box();
  for (const kept of ['', '{', 'null', '[]', 'true', '"1"']) {
    box.kept = kept;
    assert.equal(readAgreed(box).agreed, false, kept);
  }
});

test('where nothing may be kept, nothing is agreed to and nothing fails', () => {
  const forbidden = {
    getItem(): string {
      throw new Error('SecurityError');
    },
    setItem() {
      throw new Error('SecurityError');
    },
  };
  remember(1, true, forbidden);
  assert.equal(readAgreed(forbidden).agreed, false);
  remember(1, true, null);
  assert.equal(readAgreed(null).agreed, false);
});
