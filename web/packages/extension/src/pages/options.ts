// Options: what a person may set. Each takes effect at once, and says so.

import { type Choice, ChoiceField } from '@footbridge/frame/choice';
import { make, say } from '@footbridge/frame/dom';
import { LimitFields } from '@footbridge/frame/limit_fields';
import { kLanguages, type Speech } from '@footbridge/frame/strings';
import { kDefaultSettings, kThemes, type Settings } from '../settings.js';
import type { View } from '../talk.js';
import type { Words } from '../words/words.js';
import { type Drawing, Page } from './page.js';

function languages(words: Words): Choice[] {
  const own = (lang: string) => new Intl.DisplayNames(lang, { type: 'language' }).of(lang) ?? lang;
  return [['', words.browserLanguage], ...kLanguages.map((lang): Choice => [lang, own(lang)])];
}

// Says whether it is saved, on the drawing that is there then: another language is another drawing.
let sayIt = (_isSaved: boolean) => {};

function draw(speech: Speech, words: Words, page: Page): Drawing {
  const { strings } = speech;
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
  const themes = kThemes.map((theme): Choice => [theme, words.themes[theme]]);
  const limits = new LimitFields(speech, (chosen) => void set({ limits: chosen }));
  const language = new ChoiceField('language', words.language, (value) => void set({ lang: value }));
  const theme = new ChoiceField('theme', words.theme, (value) => {
    void set({ theme: kThemes.find((known) => known === value) ?? 'auto' });
  });
  document.title = words.options;
  const rows = [limits.element, language.row, theme.row];
  const content = make('main', { class: 'wide' }, make('h1', {}, words.options), ...rows, saved);
  content.append(make('h2', {}, strings.privacy), ...words.kept.map((line) => make('p', {}, line)));
  const show = (view: View) => {
    if (drawn && (asking > 0 || JSON.stringify(settings) === JSON.stringify(view.settings))) return;
    drawn = true;
    settings = view.settings;
    limits.show(settings.limits);
    language.show(languages(words), settings.lang);
    theme.show(themes, settings.theme);
  };
  return { content, show };
}

void new Page(draw).run();
