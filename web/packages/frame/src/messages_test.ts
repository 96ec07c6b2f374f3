import assert from 'node:assert/strict';
import test from 'node:test';

import { kDefaultAppearance, parseAppearance } from './appearance.js';
import { kMark, kMaxHeightPx, marked, parseFrameMessage, parseHostMessage } from './messages.js';

const appearance = { ...kDefaultAppearance };
const nonce = '0123456789abcdef0123456789abcdef';

test('a host sets the looks and says stop', () => {
  const looks = { type: 'appearance', appearance } as const;
  assert.deepEqual(parseHostMessage(marked(looks)), looks);
  assert.deepEqual(parseHostMessage(marked({ type: 'stop' })), { type: 'stop' });
});

test('a host has no word for starting or agreeing', () => {
  for (const type of ['start', 'agree', 'consent', 'confirmed', 'switch', 'state', 'size', 'confirm', 'setLimits']) {
    assert.equal(
      parseHostMessage({ mark: kMark, type, consent: true, nonce, state: 'helping', height: 1 }),
      null,
      type,
    );
  }
});

test('what is added to the looks does not pass with them', () => {
  const more = parseHostMessage({
    mark: kMark,
    type: 'appearance',
    appearance: { ...appearance, consent: true },
    start: 1,
  });
  assert.deepEqual(more, { type: 'appearance', appearance });
});

test('looks with one wrong value are no looks', () => {
  const wrong: unknown[] = [null, 'banner', [], {}];
  for (const [name, value] of Object.entries(appearance)) {
    const others =
      typeof value === 'boolean' ? ['true', 1, null, undefined] : ['<b>', 1, null, undefined, {}, 'a'.repeat(99)];
    for (const other of others) wrong.push({ ...appearance, [name]: other });
  }
  for (const looks of wrong) assert.equal(parseAppearance(looks), null, JSON.stringify(looks));
});

test('what a frame says passes within its bounds', () => {
  const said = [
    { type: 'size', height: kMaxHeightPx },
    { type: 'state', state: 'consent-required', helpingNow: 0 },
    { type: 'confirm', nonce, lang: 'fa', question: 'consent' },
    { type: 'confirm', nonce, lang: 'fa', question: 'risk' },
  ] as const;
  for (const message of said) assert.deepEqual(parseFrameMessage(marked(message)), message);
  const wrong: unknown[] = [
    null,
    'size',
    { type: 'size', height: 10 },
    { mark: kMark, type: 'size', height: kMaxHeightPx + 1 },
    { mark: kMark, type: 'size', height: -1 },
    { mark: kMark, type: 'size', height: '10px' },
    { mark: kMark, type: 'state', state: 'mining', helpingNow: 0 },
    { mark: kMark, type: 'state', state: 'off', helpingNow: -1 },
    { mark: kMark, type: 'confirm', nonce: 'javascript:1', lang: 'en', question: 'consent' },
    { mark: kMark, type: 'confirm', nonce, question: 'consent' },
    { mark: kMark, type: 'confirm', nonce, lang: 'en' },
    { mark: kMark, type: 'confirm', nonce, lang: 'en', question: '<b>' },
    { mark: kMark, type: 'start' },
  ];
  for (const message of wrong) assert.equal(parseFrameMessage(message), null, JSON.stringify(message));
});
