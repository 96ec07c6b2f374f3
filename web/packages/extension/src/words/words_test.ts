import assert from 'node:assert/strict';
import test from 'node:test';
import { kLanguages, loadStrings } from '@footbridge/frame/strings';

import { kMostDescription, reasonText, wordsOf } from './words.js';

// Every text by its place: "kept.2" and so on.
function texts(value: unknown, place = ''): Map<string, string> {
  if (typeof value === 'string') return new Map([[place, value]]);
  const parts = Object.entries(value as object).map(([name, part]) => texts(part, place ? `${place}.${name}` : name));
  return new Map(parts.flatMap((part) => [...part]));
}

const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort().join();

test('every language says everything, with the same placeholders, and nothing in English', () => {
  const english = texts(wordsOf('en'));
  for (const lang of kLanguages) {
    const said = texts(wordsOf(lang));
    assert.deepEqual([...said.keys()], [...english.keys()], lang);
    for (const [place, text] of said) {
      assert.ok(text.trim().length > 0, `${lang}: ${place}`);
      assert.equal(placeholders(text), placeholders(english.get(place) ?? ''), `${lang}: ${place}`);
      if (lang !== 'en') assert.notEqual(text, english.get(place), `${lang}: ${place}`);
    }
  }
});

test('the words on privacy name everybody who sees the address, servers for STUN too', () => {
  for (const lang of kLanguages)
    assert.ok(
      wordsOf(lang).kept.some((text) => text.includes('STUN')),
      lang,
    );
});

test('descriptions are as short as lists of extensions want them', () => {
  for (const lang of kLanguages) assert.ok(wordsOf(lang).description.length <= kMostDescription, lang);
});

test('a reason is said in words of ours, else in those of the frame, else not at all', async () => {
  const words = wordsOf('en');
  const { strings } = await loadStrings(['en']);
  assert.equal(reasonText('pause', words, strings), 'You paused it.');
  assert.equal(reasonText('broker-silent', words, strings), strings.reasons['broker-silent']);
  for (const reason of ['worker-lost', 'core-broken'])
    assert.equal(reasonText(reason, words, strings), words.reasons.fault);
  for (const reason of ['overloaded', undefined]) assert.equal(reasonText(reason, words, strings), '');
});
