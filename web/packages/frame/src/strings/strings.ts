// What the frame says, in the visitor's language. Each language is a file of its own, loaded when it is needed; loadStrings
// never fails: what cannot be loaded is said in English. Which language: the first of `wishes` that we speak.
import { type CountryCount, kUnknownCountry, type RelayNetwork } from '@footbridge/protocol';
import { en } from './en.js';

export type ReasonKey =
  | 'not-loaded'
  | 'fault'
  | 'restarted'
  | 'broker-silent'
  | 'invite-needed'
  | 'unreachable'
  | 'version'
  | 'no-webrtc'
  | 'same-origin'
  | 'covered'
  | 'not-confirmed'
  | 'hidden'
  | 'data-saver'
  | 'metered'
  | 'stopped-by-page'
  | 'hours'
  | 'day-used'
  | 'month-used'
  | 'slow'
  | 'risky-place';

export interface LimitStrings {
  title: string;
  people: string;
  rate: string;
  perDay: string;
  perMonth: string;
  noLimit: string;
  hours: string;
  hoursFrom: string;
  hoursUntil: string;
  days: string;
  add: string;
  remove: string;
  clock: string; // {zone} is the time zone's name
  wrong: string;
  kept: string;
  notKept: string;
}

export interface DetailStrings {
  title: string;
  up: string;
  down: string;
  roundTrip: string;
  links: string;
  running: string;
  restarts: string;
}

export interface Strings {
  title: string;
  lead: string;
  lend: string;
  off: string;
  starting: string;
  waiting: string;
  // By plural category of Intl.PluralRules; {n} is the number.
  helping: { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;
  paused: string;
  unavailable: string;
  decide: string;
  reasons: Record<ReasonKey, string>;
  pausedUntil: string; // {time}
  networkAsk: string;
  // How it is to be reached through this network, and what a person can do about it.
  networks: Record<RelayNetwork, { is: string; step: string }>;
  resume: string; // after a pause
  retry: string;
  costly: string;
  now: string;
  today: string;
  ever: string; // people
  data: string;
  sent: string; // data ever
  visitOnly: string;
  recordLost: string;
  // {list} is the countries, and who is in none that is known is elsewhere.
  from: string;
  elsewhere: string;
  limits: LimitStrings;
  details: DetailStrings;
  // To let the network's map know: the switch, and who is told what.
  reports: { title: string; text: string[] };
  tellNews: string;
  news: string;
  keepOpen: string;
  consentTitle: string;
  consent: string[];
  agree: string;
  decline: string;
  confirm: string;
  openWindow: string;
  more: string;
  less: string;
  how: string;
  howText: string[];
  privacy: string;
  privacyAsk: string;
  privacyText: string[];
  // Where the box is a page by itself.
  privacyOwn: string;
  mock: string;
  globe: string;
  // What is asked where helping may be dangerous.
  risk: { title: string; text: string[]; stayOff: string; helpAnyway: string };
  closeWindow: string;
}

export interface Speech {
  lang: Language;
  dir: 'ltr' | 'rtl';
  strings: Strings;
}

export const kLanguages = ['en', 'ar', 'es-419', 'fa', 'my', 'ru', 'tr', 'uk', 'zh-Hans', 'zh-Hant'] as const;
export type Language = (typeof kLanguages)[number];

const kLoaders: Record<Language, () => Promise<Strings>> = {
  en: async () => en,
  ar: async () => (await import('./ar.js')).ar,
  'es-419': async () => (await import('./es_419.js')).es419,
  fa: async () => (await import('./fa.js')).fa,
  my: async () => (await import('./my.js')).my,
  ru: async () => (await import('./ru.js')).ru,
  tr: async () => (await import('./tr.js')).tr,
  uk: async () => (await import('./uk.js')).uk,
  'zh-Hans': async () => (await import('./zh_hans.js')).zhHans,
  'zh-Hant': async () => (await import('./zh_hant.js')).zhHant,
};

export function chooseLanguage(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    const [language, ...rest] = wish.toLowerCase().split('-');
    if (language === 'zh')
      return rest.some((part) => ['hant', 'tw', 'hk', 'mo'].includes(part)) ? 'zh-Hant' : 'zh-Hans';
    const found = kLanguages.find((ours) => ours.split('-')[0] === language);
    if (found) return found;
  }
  return 'en';
}

export function directionOf(lang: Language): 'ltr' | 'rtl' {
  return lang === 'ar' || lang === 'fa' ? 'rtl' : 'ltr';
}

export async function loadStrings(wishes: readonly string[]): Promise<Speech> {
  const lang = chooseLanguage(wishes);
  try {
    return { lang, dir: directionOf(lang), strings: await kLoaders[lang]() };
  } catch {
    return { lang: 'en', dir: 'ltr', strings: en };
  }
}

export function plural(forms: Strings['helping'], n: number, lang: Language): string {
  const form = forms[new Intl.PluralRules(lang).select(n)] ?? forms.other;
  return form.replace('{n}', new Intl.NumberFormat(lang).format(n));
}

export function megabytes(bytes: number, lang: Language): string {
  const [value, unit] = bytes < 1e9 ? [bytes / 1e6, 'megabyte'] : [bytes / 1e9, 'gigabyte'];
  const digits = value < 10 && value > 0 ? 1 : 0;
  const style = { style: 'unit', unit, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(lang, style).format(value);
}

// Bytes of a second, as they are counted elsewhere.
export function rate(bytes: number, lang: Language): string {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kilobyte-per-second'] : [bytes / 1e6, 'megabyte-per-second'];
  return new Intl.NumberFormat(lang, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

// In the unit that has a small number.
export function duration(seconds: number, lang: Language): string {
  const [unit, of] = seconds < 120 ? ['second', 1] : seconds < 7_200 ? ['minute', 60] : ['hour', 3_600];
  return new Intl.NumberFormat(lang, { style: 'unit', unit, maximumFractionDigits: 0 }).format(
    Math.floor(seconds / of),
  );
}

// The line that says where people are, with their number where there are several. Empty where that is known of nobody.
export function fromWhere(counts: readonly CountryCount[], { lang, strings }: Speech): string {
  if (counts.every(({ country }) => country === kUnknownCountry)) return '';
  const names = new Intl.DisplayNames(lang, { type: 'region', style: 'short' });
  const nameOf = (country: string) => {
    if (country === kUnknownCountry) return strings.elsewhere;
    return /^[A-Z]{2}$/.test(country) ? (names.of(country) ?? country) : country; // Intl would throw at what is no code
  };
  const number = new Intl.NumberFormat(lang);
  const rank = ({ country, people }: CountryCount) => (country === kUnknownCountry ? 0 : people);
  const list = [...counts]
    .sort((a, b) => rank(b) - rank(a))
    .map(({ country, people }) => (people > 1 ? `${nameOf(country)} (${number.format(people)})` : nameOf(country)));
  return strings.from.replace('{list}', new Intl.ListFormat(lang, { type: 'conjunction' }).format(list));
}

const kSoonMs = 12 * 3_600_000; // what is farther needs its day

// Until when it is paused, in Unix milliseconds.
export function pausedUntil(until: number, now: number, { strings, lang }: Speech): string {
  const soon = until - now < kSoonMs;
  const style = soon
    ? ({ timeStyle: 'short' } as const)
    : ({ weekday: 'long', hour: 'numeric', minute: '2-digit' } as const);
  return strings.pausedUntil.replace('{time}', new Intl.DateTimeFormat(lang, style).format(until));
}
