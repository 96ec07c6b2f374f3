// The page that opens after the installation: what it does, and the question. Nothing runs before somebody agrees here.
import { make, say } from '@footbridge/frame/dom';
import type { Speech } from '@footbridge/frame/strings';
import type { View } from '../talk.js';
import type { Words } from '../words/words.js';
import { type Drawing, Page } from './page.js';
import { askAgain } from './rights.js';

function section(title: string, lines: string[]): HTMLElement[] {
  return [make('h2', {}, title), ...lines.map((line) => make('p', {}, line))];
}

function draw({ strings }: Speech, words: Words, page: Page): Drawing {
  const answer = make('p', { class: 'answer', role: 'status', tabindex: -1 });
  let last: View | null = null;
  const choose = (ask: 'agree' | 'decline') => async () => {
    if (ask === 'agree') await askAgain(last);
    if (await page.ask({ ask })) say(answer, ask === 'agree' ? words.thanks : words.declined);
    answer.focus();
  };
  const yes = make('button', { type: 'button', class: 'yes', click: choose('agree') }, strings.agree);
  const no = make('button', { type: 'button', class: 'no', click: choose('decline') }, strings.decline);
  const consent = make(
    'section',
    { class: 'consent', 'aria-labelledby': 'before' },
    make('h2', { id: 'before' }, strings.consentTitle),
    make('ul', {}, ...[...strings.consent, words.background].map((line) => make('li', {}, line))),
    make('div', { class: 'choices' }, yes, no),
    answer,
  );
  document.title = strings.title;
  const content = make(
    'main',
    { class: 'wide' },
    make('h1', {}, strings.title),
    make('p', { class: 'lead' }, strings.lead),
    consent,
    ...section(strings.how, strings.howText.slice(0, 1)), // the rest is of pages that are closed
    ...section(strings.privacyAsk, words.kept),
  );
  const show = (view: View) => {
    last = view;
    yes.hidden = view.state !== 'consent-required';
    if (yes.hidden && answer.textContent === '' && view.on) say(answer, words.thanks);
  };
  return { content, show };
}

void new Page(draw).run();
