import assert from 'node:assert/strict';
import test from 'node:test';

import type { Badge } from './api.js';
import { Face } from './badge.js';
import { kDefaultSettings } from './settings.js';
import type { View, ViewState } from './talk.js';

const nobody = { people: 0, bytesUp: 0, bytesDown: 0 };

function view(state: ViewState, helpingNow = 0, lang = 'en'): View {
  const settings = { ...kDefaultSettings, lang };
  return { state, on: true, helpingNow, today: nobody, ever: nobody, countries: [], pausedUntil: null, settings };
}

// Each picture with the badge and the words beside it, as they came.
async function seen(...views: View[]): Promise<string[]> {
  const all: string[] = [];
  let icon = '';
  let text = '';
  const badge: Badge = {
    setIcon: async ({ path }) => {
      icon = path[16] ?? '';
    },
    setBadgeBackgroundColor: async () => {},
    setBadgeText: async (what) => {
      text = what.text;
    },
    setTitle: async ({ title }) => void all.push([icon, text, title].join(' | ')),
  };
  const face = new Face(badge, []);
  for (const each of views) face.show(each);
  await face.drawn;
  return all;
}

test('picture, number and words follow what happens, each once', async () => {
  const story = [
    view('consent-required'),
    view('off'),
    view('starting'),
    view('waiting'),
    view('helping', 1),
    view('helping', 1),
    view('helping', 12),
    view('waiting'),
    view('paused'),
    view('unavailable'),
  ];
  assert.deepEqual(await seen(...story), [
    'icons/off-16.png |  | Footbridge: Off. It starts when you agree.',
    'icons/off-16.png |  | Footbridge: Off. Nothing is shared.',
    'icons/off-16.png |  | Footbridge: Getting ready…',
    'icons/ready-16.png |  | Footbridge: Ready. Waiting for someone who needs help.',
    'icons/active-16.png | 1 | Footbridge: Helping 1 person now.',
    'icons/active-16.png | 12 | Footbridge: Helping 12 people now.',
    'icons/ready-16.png |  | Footbridge: Ready. Waiting for someone who needs help.',
    'icons/off-16.png |  | Footbridge: Paused.',
    'icons/off-16.png | ! | Footbridge: Not available here.',
  ]);
});

test('another language is said at once', async () => {
  const [, second] = await seen(view('off'), view('off', 0, 'tr'));
  assert.match(second ?? '', /Footbridge: Kapalı/);
});

test('a pause says until when', async () => {
  const until = new Date();
  until.setMinutes(until.getMinutes() + 30);
  const paused = { ...view('paused'), pausedUntil: until.getTime() };
  const [said] = await seen(paused, paused);
  const time = new Intl.DateTimeFormat('en', { timeStyle: 'short' }).format(until);
  assert.equal(said, `icons/off-16.png |  | Footbridge: Paused until ${time}.`);
  assert.equal((await seen(paused, { ...paused, pausedUntil: until.getTime() + 60_000 })).length, 2);
});
