// Options: what a person may set. Each takes effect at once, and says so.

import { type Choice, ChoiceField } from '@footbridge/frame/choice';
import { make, say } from '@footbridge/frame/dom';
import { LimitFields } from '@footbridge/frame/limit_fields';
import { kLanguages, type Speech } from '@footbridge/frame/strings';
import { kDefaultSettings, kThemes, type Settings } from '../settings.js';
import type { View } from '../talk.js';
import type { Words } from '../words/words.js';
import { keptSection } from './kept_section.js';
import { type Drawing, Page } from './page.js';
import { mayAskFor } from './rights.js';
import { Tick } from './tick.js';

function languages(words: Words): Choice[] {
  const own = (lang: string) => new Intl.DisplayNames(lang, { type: 'language' }).of(lang) ?? lang;
  return [['', words.browserLanguage], ...kLanguages.map((lang): Choice => [lang, own(lang)])];
}

// Says what became of it, on the drawing that is there then: another language is another drawing.
let sayIt = (_word: 'saved' | 'refused' | 'failed' | 'erased' | null) => {};

function draw(speech: Speech, words: Words, page: Page): Drawing {
  const { strings } = speech;
  let settings: Settings = kDefaultSettings;
  let drawn = false;
  let asking = 0;
  const saved = make('p', { class: 'saved', role: 'status' });
  sayIt = (word) => say(saved, word === null ? '' : words[word]);
  // The next change is to this one, whether or not it is answered yet.
  const set = async (change: Partial<Settings>) => {
    sayIt(null);
    settings = { ...settings, ...change };
    ++asking;
    const view = await page.ask({ ask: 'set', settings });
    --asking;
    sayIt(view ? 'saved' : 'failed');
  };
  const themes = kThemes.map((theme): Choice => [theme, words.themes[theme]]);
  const limits = new LimitFields(speech, (chosen) => void set({ limits: chosen }));
  const language = new ChoiceField('language', words.language, (value) => void set({ lang: value }));
  const theme = new ChoiceField('theme', words.theme, (value) => {
    void set({ theme: kThemes.find((known) => known === value) ?? 'auto' });
  });
  const refused = () => sayIt('refused');
  const metered = new Tick('metered', words.metered, { tell: (on) => void set({ metered: on }) });
  const notify = new Tick('notify', words.notify, {
    tell: (on) => void set({ notify: on }),
    right: 'notifications',
    refused,
  });
  const background = new Tick('background', words.keepRunning, {
    tell: (on) => void set({ background: on }),
    right: 'background',
    refused,
  });
  const reports = new Tick('reports', strings.reports.title, { tell: (on) => void set({ reports: on }) });
  const map = make('section', { class: 'fields' }, reports.row);
  map.append(...strings.reports.text.map((line) => make('p', {}, line)));
  map.hidden = true;
  const erase = async () => {
    sayIt(null);
    const view = await page.ask({ ask: 'erase' });
    sayIt(view ? 'erased' : 'failed');
  };
  document.title = words.options;
  const ticks = [metered.row, ...(mayAskFor('background') ? [background.row] : []), notify.row];
  const bounds = make('section', { class: 'fields', 'aria-labelledby': 'limits' });
  bounds.append(make('h2', { id: 'limits' }, strings.limits.title), limits.element);
  const rows = [...ticks, language.row, theme.row, bounds, map];
  const content = make('main', { class: 'wide' }, make('h1', {}, words.options), ...rows);
  content.append(...keptSection(strings, words, erase), saved);
  const show = (view: View) => {
    map.hidden = view.map !== true;
    if (drawn && (asking > 0 || JSON.stringify(settings) === JSON.stringify(view.settings))) return;
    drawn = true;
    settings = view.settings;
    limits.show(settings.limits);
    language.show(languages(words), settings.lang);
    theme.show(themes, settings.theme);
    metered.show(settings.metered);
    background.show(settings.background);
    notify.show(settings.notify);
    reports.show(settings.reports);
  };
  return { content, show };
}

void new Page(draw).run();
