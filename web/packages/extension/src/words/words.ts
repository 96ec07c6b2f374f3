// What the extension says beyond what the frame says: the person's language chooses both. `Strings` has whatever both say.
import { kSaid } from '@footbridge/frame/said_reasons';
import type { Language, Strings } from '@footbridge/frame/strings';
import { ar } from './ar.js';
import { en } from './en.js';
import { es419 } from './es_419.js';
import { fa } from './fa.js';
import { my } from './my.js';
import { ru } from './ru.js';
import { tr } from './tr.js';
import { uk } from './uk.js';
import { zhHans } from './zh_hans.js';
import { zhHant } from './zh_hant.js';

// Beyond those of the frame, or in other words: nobody has a page here that could be loaded again.
export type ReasonWord = 'pause' | 'data-saver' | 'metered' | 'update' | 'not-loaded' | 'fault' | 'version';

export interface Words {
  description: string; // in lists of extensions; at most kMostDescription characters
  pauseHour: string;
  networkOpen: string; // what can be done where the network is open
  options: string;
  language: string;
  browserLanguage: string;
  theme: string;
  themes: Record<'auto' | 'light' | 'dark', string>;
  saved: string;
  metered: string;
  notify: string;
  keepRunning: string; // Chrome's
  refused: string; // a right, by the person or the browser
  failed: string;
  holds: string;
  saveFile: string;
  leftOut: string; // of that file
  erase: string;
  eraseAsk: string;
  eraseYes: string;
  eraseNo: string;
  erased: string;
  background: string;
  thanks: string;
  declined: string;
  kept: string[]; // what is stored, and who learns what
  reasons: Record<ReasonWord, string>;
}

export const kMostDescription = 132;

const kWords: Record<Language, Words> = {
  en,
  ar,
  'es-419': es419,
  fa,
  my,
  ru,
  tr,
  uk,
  'zh-Hans': zhHans,
  'zh-Hant': zhHant,
};

export function wordsOf(lang: Language): Words {
  return kWords[lang];
}

// Empty where there is nothing that a person should know.
export function reasonText(reason: string | undefined, words: Words, { reasons }: Strings): string {
  const own: Readonly<Record<string, string>> = words.reasons;
  const said = kSaid[reason ?? ''];
  return own[said ?? reason ?? ''] ?? (said ? reasons[said] : '');
}
