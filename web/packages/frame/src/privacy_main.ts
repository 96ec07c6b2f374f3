// The privacy page: what the box says about data, by itself and in any of its languages ("#LANG").
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
  add('h2', strings.consentTitle);
  for (const line of strings.consent) add('p', line);
  add('h2', strings.how);
  for (const line of strings.howText) add('p', line);
  document.body.append(main);
}

void show();
