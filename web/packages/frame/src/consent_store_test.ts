import assert from 'node:assert/strict';
import test from 'node:test';

import { hasAgreed, kConsentVersion, remember } from './consent_store.js';

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
  assert.equal(hasAgreed(box), false);
  remember(1_000, box);
  assert.equal(hasAgreed(box), true);
  box.kept = JSON.stringify({ version: kConsentVersion + 1, time: 1 });
  assert.equal(hasAgreed(box), false);
});

test('what cannot be read is no agreement', () => {
  const box = new Box();
  for (const kept of ['', '{', 'null', '[]', 'true', '"1"']) {
    box.kept = kept;
    assert.equal(hasAgreed(box), false, kept);
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
  remember(1, forbidden);
  assert.equal(hasAgreed(forbidden), false);
  remember(1, null);
  assert.equal(hasAgreed(null), false);
});
