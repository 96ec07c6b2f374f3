import assert from 'node:assert/strict';
import test from 'node:test';

import { chooseLanguage, directionOf, fromWhere, kLanguages, loadStrings, megabytes, plural } from './strings.js';

// Every text by its place: "consent.2" and so on.
function texts(value: unknown, place = ''): Map<string, string> {
  if (typeof value === 'string') return new Map([[place, value]]);
  const parts = Object.entries(value as object).map(([name, part]) => texts(part, place ? `${place}.${name}` : name));
  return new Map(parts.flatMap((part) => [...part]));
}

const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort().join();

test('the words on privacy name everybody who sees the address, servers for STUN too', async () => {
  for (const lang of kLanguages)
    assert.ok(
      (await loadStrings([lang])).strings.privacyText.some((text) => text.includes('STUN')),
      lang,
    );
});

test('every language says everything, with the same placeholders', async () => {
  const english = texts((await loadStrings(['en'])).strings);
  assert.equal(kLanguages.length, 10);
  for (const lang of kLanguages) {
    const speech = await loadStrings([lang]);
    assert.equal(speech.lang, lang);
    const said = texts(speech.strings);
    for (const [place, text] of english) {
      if (place.startsWith('helping.')) continue;
      assert.ok((said.get(place) ?? '').trim().length > 0, `${lang}: ${place}`);
      assert.equal(placeholders(said.get(place) ?? ''), placeholders(text), `${lang}: ${place}`);
    }
    const extra = [...said.keys()].filter((place) => !english.has(place) && !place.startsWith('helping.'));
    assert.deepEqual(extra, [], lang);
  }
});

test('no language has been left in English', async () => {
  const english = texts((await loadStrings(['en'])).strings);
  for (const lang of kLanguages.filter((name) => name !== 'en')) {
    for (const [place, text] of texts((await loadStrings([lang])).strings)) {
      assert.notEqual(text, english.get(place), `${lang}: ${place}`);
    }
  }
});

test('every plural form of every language names the number, or is that number in words', async () => {
  for (const lang of kLanguages) {
    const { strings } = await loadStrings([lang]);
    const rules = new Intl.PluralRules(lang);
    for (const category of rules.resolvedOptions().pluralCategories) {
      assert.ok(strings.helping[category] ?? strings.helping.other, `${lang}: ${category}`);
    }
    const forms = new Set([0, 1, 2, 3, 5, 11, 100].map((n) => plural(strings.helping, n, lang)));
    assert.equal(forms.size, 7, `${lang}: two numbers look alike`);
  }
});

test('Russian and Arabic decline', async () => {
  const { strings: ru } = await loadStrings(['ru']);
  assert.match(plural(ru.helping, 21, 'ru'), /21 человеку/);
  assert.match(plural(ru.helping, 22, 'ru'), /22 людям/);
  const { strings: ar } = await loadStrings(['ar']);
  assert.match(plural(ar.helping, 2, 'ar'), /شخصين/);
});

test('a language is chosen by the first wish that is spoken here', () => {
  assert.equal(chooseLanguage(['de-CH', 'fa-IR', 'en']), 'fa');
  assert.equal(chooseLanguage(['es-MX']), 'es-419');
  assert.equal(chooseLanguage(['zh-HK']), 'zh-Hant');
  assert.equal(chooseLanguage(['zh-CN']), 'zh-Hans');
  assert.equal(chooseLanguage(['', 'x', '__proto__']), 'en');
  assert.deepEqual(
    [...kLanguages].filter((lang) => directionOf(lang) === 'rtl'),
    ['ar', 'fa'],
  );
});

test('bytes are said as the language says them', () => {
  assert.equal(megabytes(141_000_000, 'en'), '141 MB');
  assert.equal(megabytes(2_400_000_000, 'en'), '2.4 GB');
});

const somewhere = { country: '??', people: 2 };
const iran = { country: 'IR', people: 1 };
const china = { country: 'CN', people: 3 };

test('where people are is said as each language says it, most of them first, and elsewhere last', async () => {
  const said: Partial<Record<string, string>> = {
    en: 'From: China (3), Iran, and elsewhere (2)',
    fa: 'از: چین (۳)، ایران، و جاهای دیگر (۲)',
    tr: 'Nereden: Çin (3), İran ve başka yerler (2)',
    'zh-Hans': '来自：中国 (3)、伊朗和其他地方 (2)',
  };
  for (const lang of kLanguages) {
    const line = fromWhere([somewhere, iran, china], await loadStrings([lang])).replaceAll('\u200f', ''); // of Persian
    assert.equal(line, said[lang] ?? line);
    assert.ok(!/[{}?]/.test(line), `${lang}: ${line}`);
  }
});

test('where nobody is known to be anywhere, nothing is said', async () => {
  const speech = await loadStrings(['en']);
  assert.equal(fromWhere([], speech), '');
  assert.equal(fromWhere([somewhere], speech), '');
});

test('what is no country code is said as it is', async () => {
  const line = fromWhere([{ country: '<img src=x>', people: 1 }], await loadStrings(['en']));
  assert.equal(line, 'From: <img src=x>');
});
