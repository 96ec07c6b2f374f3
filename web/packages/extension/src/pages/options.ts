// Options: what a person may set. Each takes effect at once, and says so.
import { kLanguages, type Speech } from '@footbridge/frame/strings';
import { kMaxPeople, type RelayLimits } from '@footbridge/protocol';
import { kDefaultSettings, kThemes, type Settings } from '../settings.js';
import type { View } from '../talk.js';
import type { Words } from '../words/words.js';
import { make, say } from './dom.js';
import { HoursField } from './hours_field.js';
import { type Drawing, Page } from './page.js';

const kMegabits = [1, 2, 5, 10, 20, 50, 100];
const kBytesPerMegabit = 125_000;
const kGigabytesPerDay = [0.1, 0.5, 1, 2, 5, 10, 50];
const kGigabytesPerMonth = [1, 5, 10, 50, 100, 500, 1000];
const kBytesPerGigabyte = 1_000_000_000;

type Choice = [value: string, text: string];

// A choice of amounts in that unit, or none; what is chosen now is among them, whoever set it.
function amounts(offered: readonly number[], bytes: number, unit: string, { lang }: Speech, words: Words) {
  const text = new Intl.NumberFormat(lang, { style: 'unit', unit });
  return (now: number | null): Choice[] => {
    const all = new Set([...offered.map((each) => Math.round(each * bytes)), ...(now === null ? [] : [now])]);
    const sorted = [...all].sort((a, b) => a - b);
    return [['', words.noLimit], ...sorted.map((each): Choice => [String(each), text.format(each / bytes)])];
  };
}

function languages(words: Words): Choice[] {
  const own = (lang: string) => new Intl.DisplayNames(lang, { type: 'language' }).of(lang) ?? lang;
  return [['', words.browserLanguage], ...kLanguages.map((lang): Choice => [lang, own(lang)])];
}

class List {
  readonly select: HTMLSelectElement;
  readonly row: HTMLElement;

  constructor(id: string, label: string, chosen: (value: string) => void) {
    this.select = make('select', { id, change: () => chosen(this.select.value) });
    this.row = make('div', { class: 'field' }, make('label', { for: id }, label), this.select);
  }

  show(choices: Choice[], value: string): void {
    this.select.replaceChildren(...choices.map(([each, text]) => make('option', { value: each }, text)));
    this.select.value = value;
  }
}

// Says whether it is saved, on the drawing that is there then: another language is another drawing.
let sayIt = (_isSaved: boolean) => {};

function draw(speech: Speech, words: Words, page: Page): Drawing {
  const { strings, lang } = speech;
  let settings: Settings = kDefaultSettings;
  let drawn = false;
  let asking = 0;
  const saved = make('p', { class: 'saved', role: 'status' });
  sayIt = (isSaved) => say(saved, isSaved ? words.saved : '');
  // The next change is to this one, whether or not it is answered yet.
  const set = async (change: Partial<Settings>) => {
    sayIt(false);
    settings = { ...settings, ...change };
    ++asking;
    const view = await page.ask({ ask: 'set', settings });
    --asking;
    if (view) sayIt(true);
  };
  const limit = (change: Partial<RelayLimits>) => void set({ limits: { ...settings.limits, ...change } });
  const amount = (value: string) => (value === '' ? null : Number(value));
  const number = new Intl.NumberFormat(lang);
  const counts = Array.from({ length: kMaxPeople }, (_, at): Choice => [String(at + 1), number.format(at + 1)]);
  const rates = amounts(kMegabits, kBytesPerMegabit, 'megabit-per-second', speech, words);
  const daily = amounts(kGigabytesPerDay, kBytesPerGigabyte, 'gigabyte', speech, words);
  const monthly = amounts(kGigabytesPerMonth, kBytesPerGigabyte, 'gigabyte', speech, words);
  const themes = kThemes.map((theme): Choice => [theme, words.themes[theme]]);
  const people = new List('people', words.people, (value) => limit({ people: Number(value) }));
  const rate = new List('rate', words.rate, (value) => limit({ bytesPerSecond: amount(value) }));
  const day = new List('day', words.perDay, (value) => limit({ bytesPerDay: amount(value) }));
  const month = new List('month', words.perMonth, (value) => limit({ bytesPerMonth: amount(value) }));
  const hours = new HoursField(speech, words, (chosen) => limit({ hours: chosen }));
  const language = new List('language', words.language, (value) => void set({ lang: value }));
  const theme = new List('theme', words.theme, (value) => {
    void set({ theme: kThemes.find((known) => known === value) ?? 'auto' });
  });
  document.title = words.options;
  const rows = [people.row, rate.row, day.row, month.row, hours.element, language.row, theme.row];
  const content = make('main', { class: 'wide' }, make('h1', {}, words.options), ...rows, saved);
  content.append(make('h2', {}, strings.privacy), ...words.kept.map((line) => make('p', {}, line)));
  const show = (view: View) => {
    if (drawn && (asking > 0 || JSON.stringify(settings) === JSON.stringify(view.settings))) return;
    drawn = true;
    settings = view.settings;
    const { limits } = settings;
    people.show(counts, String(limits.people));
    rate.show(rates(limits.bytesPerSecond), String(limits.bytesPerSecond ?? ''));
    day.show(daily(limits.bytesPerDay), String(limits.bytesPerDay ?? ''));
    month.show(monthly(limits.bytesPerMonth), String(limits.bytesPerMonth ?? ''));
    hours.show(limits.hours);
    language.show(languages(words), settings.lang);
    theme.show(themes, settings.theme);
  };
  return { content, show };
}

void new Page(draw).run();
