// What opens at the extension's button: the switch, what it does in words, and what came of it.
import { make, say } from '@footbridge/frame/dom';
import { fromWhere, megabytes, type Speech } from '@footbridge/frame/strings';
import { api } from '../api.js';
import { reasonText, statusText } from '../status_text.js';
import type { View } from '../talk.js';
import type { Words } from '../words/words.js';
import { type Drawing, Page } from './page.js';
import { askAgain } from './rights.js';

const kFigures = ['now', 'today', 'ever', 'data', 'sent'] as const;

function figures({ helpingNow, today, ever }: View, lang: Speech['lang']): Record<(typeof kFigures)[number], string> {
  const number = (value: number) => new Intl.NumberFormat(lang, { notation: 'compact' }).format(value);
  return {
    now: number(helpingNow),
    today: number(today.people),
    ever: number(ever.people),
    data: megabytes(today.bytesUp + today.bytesDown, lang),
    sent: megabytes(ever.bytesUp + ever.bytesDown, lang),
  };
}

// How it can be reached through its network, and what a person can do about it; what he has opened stays open.
class NetworkLine {
  readonly element: HTMLElement;
  readonly #is = make('p');
  readonly #step = make('p');
  readonly #speech: Speech;
  readonly #words: Words;

  constructor(speech: Speech, words: Words) {
    this.#speech = speech;
    this.#words = words;
    const details = make('details', {}, make('summary', {}, speech.strings.networkAsk), this.#step);
    this.element = make('div', { class: 'network' }, this.#is, details);
  }

  show({ network }: View): void {
    this.element.hidden = network === undefined;
    if (network === undefined) return;
    const { is, step } = this.#speech.strings.networks[network];
    say(this.#is, is);
    say(this.#step, network === 'open' ? this.#words.networkOpen : step); // nobody has a page here to leave open
  }
}

// By hand, or for a slow line: he can end it.
function hasPaused(view: View | null): boolean {
  return view?.reason === 'pause' || view?.reason === 'slow';
}

function draw(speech: Speech, words: Words, page: Page): Drawing {
  const { strings, lang } = speech;
  let last: View | null = null;
  const turn = async (on: boolean) => {
    if (on) await askAgain(last);
    await page.ask({ ask: 'switch', on });
  };
  const status = make('p', { id: 'status', class: 'status', role: 'status' });
  const note = make('p', { class: 'note', role: 'status' });
  const from = make('p', { class: 'from' });
  const network = new NetworkLine(speech, words);
  const toggle = make('button', {
    type: 'button',
    role: 'switch',
    class: 'switch',
    'aria-labelledby': 'lend',
    'aria-describedby': 'status',
    click: () => void turn(!last?.on),
  });
  const pause = make('button', {
    type: 'button',
    class: 'quiet',
    click: () => void page.ask({ ask: hasPaused(last) ? 'resume' : 'pause' }),
  });
  const risk = make(
    'section',
    { class: 'risk', 'aria-labelledby': 'risk' },
    make('h2', { id: 'risk' }, strings.risk.title),
    ...strings.risk.text.map((line) => make('p', {}, line)),
    make(
      'div',
      { class: 'choices' },
      make('button', { type: 'button', class: 'yes', click: () => void turn(false) }, strings.risk.stayOff),
      make('button', { type: 'button', click: () => void page.ask({ ask: 'helpAnyway' }) }, strings.risk.helpAnyway),
    ),
  );
  const values = new Map(kFigures.map((name) => [name, make('dd')]));
  const names = { now: strings.now, today: strings.today, ever: strings.ever, data: strings.data, sent: strings.sent };
  const list = kFigures.map((name) => make('div', {}, make('dt', {}, names[name]), values.get(name) ?? ''));
  const open = (event: Event, what: () => Promise<unknown>) => {
    event.preventDefault();
    void what().then(() => window.close());
  };
  const welcome = () => api.tabs.create({ url: api.runtime.getURL('welcome.html') });
  const content = make(
    'main',
    { class: 'popup' },
    make('h1', {}, strings.title),
    make('div', { class: 'row' }, make('span', { id: 'lend', class: 'lend' }, strings.lend), toggle),
    status,
    note,
    risk,
    make('dl', {}, ...list),
    from,
    network.element,
    make(
      'div',
      { class: 'asides' },
      pause,
      make('a', { href: 'options.html', click: (e) => open(e, () => api.runtime.openOptionsPage()) }, words.options),
      make('a', { href: 'welcome.html', click: (e) => open(e, welcome) }, strings.how),
    ),
  );
  document.title = strings.title;
  const show = (view: View) => {
    last = view;
    toggle.setAttribute('aria-checked', String(view.on));
    status.dataset.state = view.state;
    say(status, statusText(view, speech));
    risk.hidden = view.reason !== 'risky-place';
    say(note, risk.hidden ? reasonText(view, words, speech) : '');
    for (const [name, value] of Object.entries(figures(view, lang)))
      say(values.get(name as 'now') as HTMLElement, value);
    say(from, fromWhere(view.countries, speech));
    network.show(view);
    pause.hidden = !view.on;
    say(pause, hasPaused(view) ? strings.resume : words.pauseHour);
  };
  return { content, show };
}

void new Page(draw).run();
