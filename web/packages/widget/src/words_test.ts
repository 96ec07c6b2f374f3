import assert from 'node:assert/strict';
import test from 'node:test';

import { kSpoken, wordsFor } from './words.js';

test('ten languages, each with every word', () => {
  assert.equal(kSpoken.length, 10);
  for (const lang of kSpoken) {
    const { words } = wordsFor([lang]);
    for (const [name, text] of Object.entries(words)) assert.ok(text.length > 0, `${lang}: ${name}`);
  }
});

test('the first wish that we speak is spoken', () => {
  assert.equal(wordsFor(['xx', 'tr-TR', 'en']).lang, 'tr');
  assert.equal(wordsFor(['zh-TW']).lang, 'zh-hant');
  assert.equal(wordsFor(['zh']).lang, 'zh-hans');
  assert.equal(wordsFor(['__proto__', 'constructor']).lang, 'en');
  assert.equal(wordsFor(['fa-IR']).dir, 'rtl');
});
