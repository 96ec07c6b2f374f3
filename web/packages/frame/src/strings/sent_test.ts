import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { kSent, kSentKeys } from './sent.js';
import { kLanguages } from './strings.js';

const page = readFileSync(new URL('../../../../../docs/ops/widget.md', import.meta.url), 'utf8');

test('the privacy page has words for just what the table of what is sent lists, in every language', () => {
  const listed = [...page.matchAll(/^\| (?:none: |`(?:Poll|Request)\.).*\| `([a-z]+)` \|$/gm)].map((row) => row[1]);
  assert.deepEqual(listed, [...kSentKeys]);
  for (const lang of kLanguages) {
    assert.deepEqual(Object.keys(kSent[lang].lines), [...kSentKeys], lang);
    for (const words of [kSent[lang].title, kSent[lang].lead, ...Object.values(kSent[lang].lines)])
      assert.ok(words.length >= 8, `${lang}: ${words}`);
  }
});
