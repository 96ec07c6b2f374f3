// Options: what a person may set. Each takes effect at once, and says so.
import { kLanguages, type Speech } from '@footbridge/frame/strings';
import { kMaxPeople } from '@footbridge/protocol';
import { kDefaultSettings, kThemes, type Settings } from '../settings.js';
import type { View } from '../talk.js';
import type { Words } from '../words/words.js';
import { make, say } from './dom.js';
import { type Drawing, Page } from './page.js';

const kMegabits = [1, 2, 5, 10, 20, 50, 100];
const kBytesPerMegabit = 125_000;

type Choice = [value: string, text: string];

function rates({ lang }: Speech, words: Words, now: number | null): Choice[] {
  const speed = new Intl.NumberFormat(lang, { style: 'unit', unit: 'megabit-per-second' });
  const offered = new Set([...kMegabits.map((each) => each * kBytesPerMegabit), ...(now === null ? [] : [now])]);
  const sorted = [...offered].sort((a, b) => a - b);
  return [['', words.noLimit], ...sorted.map((each): Choice => [String(each), speed.format(each / kBytesPerMegabit)])];
}

function languages(words: Words): Choice[] {
  const own = (lang: string) => new Intl.DisplayNames(lang, { type: 'language' }).of(lang) ?? lang;
  return [['', words.browserLanguage], ...kLanguages.map((lang): Choice => [lang, own(lang)])];
}

function draw(speech: Speech, words: Words, page: Page): Drawing {
  const { strings, lang } = speech;
  let settings: Settings = { ...kDefaultSettings };
  const saved = make('p', { class: 'saved', role: 'status' });
  const set = async (change: Partial<Settings>) => {
    say(saved, '');
    if (await page.ask({ ask: 'set', settings: { ...settings, ...change } })) say(saved, words.saved);
  };
  const list = (id: string, label: string, choices: Choice[], chosen: (value: string) => Partial<Settings>) => {
    const select = make('select', { id, change: () => void set(chosen(select.value)) });
    select.append(...choices.map(([value, text]) => make('option', { value }, text)));
    return { select, row: make('div', { class: 'field' }, make('label', { for: id }, label), select) };
  };
  const number = new Intl.NumberFormat(lang);
  const counts = Array.from({ length: kMaxPeople }, (_, at): Choice => [String(at + 1), number.format(at + 1)]);
  const people = list('people', words.people, counts, (value) => ({ people: Number(value) }));
  const rate = list('rate', words.rate, rates(speech, words, null), (value) => ({
    bytesPerSecond: value === '' ? null : Number(value),
  }));
  const language = list('language', words.language, languages(words), (value) => ({ lang: value }));
  const themes = kThemes.map((theme): Choice => [theme, words.themes[theme]]);
  const theme = list('theme', words.theme, themes, (value) => ({
    theme: kThemes.find((known) => known === value) ?? 'auto',
  }));
  document.title = words.options;
  const rows = [people, rate, language, theme].map(({ row }) => row);
  const content = make('main', { class: 'wide' }, make('h1', {}, words.options), ...rows, saved);
  content.append(make('h2', {}, strings.privacy), ...words.kept.map((line) => make('p', {}, line)));
  const show = (view: View) => {
    if (JSON.stringify(settings) === JSON.stringify(view.settings) && people.select.value !== '') return;
    settings = view.settings;
    people.select.value = String(settings.people);
    const speeds = rates(speech, words, settings.bytesPerSecond);
    rate.select.replaceChildren(...speeds.map(([value, text]) => make('option', { value }, text)));
    rate.select.value = settings.bytesPerSecond === null ? '' : String(settings.bytesPerSecond);
    language.select.value = settings.lang;
    theme.select.value = settings.theme;
  };
  return { content, show };
}

void new Page(draw).run();
