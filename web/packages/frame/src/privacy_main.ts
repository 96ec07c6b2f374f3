// The privacy page: what the box says about data, by itself and in any of its languages ("#LANG").
import { kSent, kSentKeys } from './strings/sent.js';
import { loadStrings } from './strings/strings.js';

async function show(): Promise<void> {
  const wishes = [window.location.hash.slice(1), ...navigator.languages];
  const { strings, lang, dir } = await loadStrings(wishes.filter((wish) => wish !== ''));
  document.documentElement.lang = lang;
  document.documentElement.dir = dir;
  document.title = strings.privacy;
  const main = document.createElement('main');
  const add = (tag: string, text: string) => {
    const element = document.createElement(tag);
    element.textContent = text;
    main.append(element);
  };
  add('h1', strings.privacy);
  for (const line of [...strings.privacyText, strings.privacyOwn]) add('p', line);
  const sent = kSent[lang];
  add('h2', sent.title);
  add('p', sent.lead);
  const list = document.createElement('ul');
  for (const key of kSentKeys)
    list.append(Object.assign(document.createElement('li'), { textContent: sent.lines[key] }));
  main.append(list);
  add('h2', strings.reports.title);
  for (const line of strings.reports.text) add('p', line);
  add('h2', strings.consentTitle);
  for (const line of strings.consent) add('p', line);
  add('h2', strings.how);
  for (const line of strings.howText) add('p', line);
  document.body.append(main);
}

void show();
