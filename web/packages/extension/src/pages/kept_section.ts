// What is kept of a person: shown as it is stored, then saved as a file or erased, if he likes.
import { make } from '@footbridge/frame/dom';
import type { Strings } from '@footbridge/frame/strings';
import { api } from '../api.js';
import { exported } from '../exported.js';
import type { Words } from '../words/words.js';

export function keptSection(strings: Strings, words: Words, erase: () => Promise<void>): HTMLElement[] {
  const text = make('pre', { id: 'held', role: 'region', tabindex: 0, dir: 'ltr', 'aria-label': words.holds });
  const link = make('a', { id: 'file', class: 'quiet', download: 'footbridge.json' }, words.saveFile);
  const look = async () => {
    text.textContent = JSON.stringify(exported(await api.storage.local.get(null)), null, 2);
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([`${text.textContent}\n`], { type: 'application/json' }));
  };
  const holds = make('details', { toggle: () => void (holds.open && look()) });
  holds.append(make('summary', {}, words.holds), text, make('p', {}, words.leftOut), make('div', {}, link));

  const no = make('button', { type: 'button', class: 'no', click: () => ask(false) }, words.eraseNo);
  const yes = make('button', { type: 'button', class: 'yes', id: 'erase-yes' }, words.eraseYes);
  const question = make(
    'div',
    { class: 'consent', role: 'group', 'aria-labelledby': 'erase-ask' },
    make('p', { id: 'erase-ask' }, words.eraseAsk),
    make('div', { class: 'choices' }, yes, no),
  );
  const first = make('button', { type: 'button', class: 'quiet', id: 'erase', click: () => ask(true) }, words.erase);
  const ask = (asks: boolean) => {
    question.hidden = !asks;
    first.hidden = asks;
    (asks ? no : first).focus();
  };
  yes.addEventListener('click', async () => {
    await erase();
    holds.open = false;
    ask(false);
  });
  question.hidden = true;
  return [
    make('h2', {}, strings.privacy),
    ...words.kept.map((line) => make('p', {}, line)),
    holds,
    make('div', {}, first),
    question,
  ];
}
