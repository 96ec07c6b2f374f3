// A view in words.
import { loadStrings, pausedUntil, plural, type Speech } from '@footbridge/frame/strings';
import type { Settings } from './settings.js';
import type { View } from './talk.js';
import { type Words, reasonText as wordOf } from './words/words.js';

// The language that is set, else the first of the browser's that we speak.
export function speechFor({ lang }: Settings, languages: readonly string[]): Promise<Speech> {
  return loadStrings([lang, ...languages].filter((wish) => wish !== ''));
}

export function statusText({ state, helpingNow }: View, { strings, lang }: Speech): string {
  if (state === 'helping') return plural(strings.helping, helpingNow, lang);
  return state === 'consent-required' ? strings.decide : strings[state];
}

// Until when it is paused; empty: it is not, or nobody knows.
export function pauseText(view: View, speech: Speech): string {
  return view.pausedUntil === null ? '' : pausedUntil(view.pausedUntil, Date.now(), speech);
}

// Why it does not help, and until when; empty where there is nothing that a person should know.
export function reasonText(view: View, words: Words, speech: Speech): string {
  const why = wordOf(view.reason, words, speech.strings);
  const until = pauseText(view, speech);
  return until === '' ? why : view.reason === 'pause' ? until : `${why} ${until}`;
}
