// A view in words.
import { plural, type Speech } from '@footbridge/frame/strings';
import type { View } from './talk.js';

export function statusText({ state, helpingNow }: View, { strings, lang }: Speech): string {
  if (state === 'helping') return plural(strings.helping, helpingNow, lang);
  return state === 'consent-required' ? strings.decide : strings[state];
}
