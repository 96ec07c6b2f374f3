// What a person may set, and the language and colours of our pages. What was stored by another version, or is torn, is read
// field by field: a strange one becomes what a new installation has.
import { kMaxPeople, kMinBytesPerSecond } from '@footbridge/protocol';

export type Theme = 'auto' | 'light' | 'dark';
export const kThemes: readonly Theme[] = ['auto', 'light', 'dark'];

export interface Settings {
  people: number; // at once, 1 to kMaxPeople
  bytesPerSecond: number | null; // in each direction; null: no limit
  lang: string; // empty: what the browser prefers
  theme: Theme;
}

export const kDefaultSettings: Readonly<Settings> = { people: 3, bytesPerSecond: null, lang: '', theme: 'auto' };

const kMaxBytesPerSecond = 1_000_000_000; // more is a slip of the hand

function within(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

export function readSettings(value: unknown): Settings {
  const { people, bytesPerSecond, lang, theme } = (value ?? {}) as Record<string, unknown>;
  const byDefault = kDefaultSettings;
  return {
    people: within(people, 1, kMaxPeople) ? people : byDefault.people,
    bytesPerSecond: within(bytesPerSecond, kMinBytesPerSecond, kMaxBytesPerSecond) ? bytesPerSecond : null,
    lang: typeof lang === 'string' && /^[A-Za-z0-9-]{0,20}$/.test(lang) ? lang : byDefault.lang,
    theme: kThemes.find((known) => known === theme) ?? byDefault.theme,
  };
}
