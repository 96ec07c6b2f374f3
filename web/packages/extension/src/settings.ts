// What a person may set: the relay's limits, when it helps, what it tells, and the language and colours of our pages. What was stored by another version, or is
// torn, is read field by field: a strange one becomes what a new installation has.
import { kDefaultLimits, type RelayLimits, readLimits } from '@footbridge/protocol';

export type Theme = 'auto' | 'light' | 'dark';
export const kThemes: readonly Theme[] = ['auto', 'light', 'dark'];

export interface Settings {
  limits: RelayLimits;
  lang: string; // empty: what the browser prefers
  theme: Theme;
  metered: boolean; // it helps also where the connection costs
  notify: boolean; // it tells of people who come, and has the right to
  background: boolean; // the browser goes on without a window, while it is on. Chrome's
  reports: boolean; // the network's map is told how it is, where there is one
}

export const kDefaultSettings: Readonly<Settings> = {
  limits: kDefaultLimits,
  lang: '',
  theme: 'auto',
  metered: false,
  notify: false,
  background: false,
  reports: false,
};

export function readSettings(value: unknown): Settings {
  const { limits, lang, theme, metered, notify, background, reports } = (value ?? {}) as Record<string, unknown>;
  return {
    limits: readLimits(limits),
    lang: typeof lang === 'string' && /^[A-Za-z0-9-]{0,20}$/.test(lang) ? lang : '',
    theme: kThemes.find((known) => known === theme) ?? 'auto',
    metered: metered === true,
    notify: notify === true,
    background: background === true,
    reports: reports === true,
  };
}
