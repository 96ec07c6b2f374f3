import type { Words } from './words.js';

export const en: Words = {
  description: 'Lend a little of your connection to people whose internet is censored.',
  ever: 'People ever',
  sent: 'Data ever',
  pauseHour: 'Pause for an hour',
  resume: 'Go on now',
  options: 'Options',
  language: 'Language',
  browserLanguage: 'As the browser',
  theme: 'Colours',
  themes: { auto: 'As the system', light: 'Light', dark: 'Dark' },
  saved: 'Saved.',
  background: 'It goes on while the browser runs, also without an open page. Its button in the toolbar stops it.',
  thanks: 'Thank you. It is on. The button in the toolbar shows what it does, and stops it.',
  declined: 'It stays off, and nothing was sent. If you change your mind, press its button in the toolbar.',
  kept: [
    'Before you agree, nobody is contacted.',
    'While you help, the server that brings people together and the exit server see your internet address and when you help; the people you help see your address. None of them learns which pages you visit.',
    'You cannot see what passes through you, nor whom it is for. The extension cannot see your pages, tabs or history: it has no permission to.',
    'Your browser keeps what you have set here, how many people you helped and how much data passed, and a random number by which the network knows that you are the same helper as yesterday. Removing the extension removes all of it.',
  ],
  reasons: {
    pause: 'You paused it.',
    update: 'It is being updated, and goes on by itself.',
    'not-loaded':
      'A part of the extension could not be loaded. It tries again by itself; if this stays, install it anew.',
    fault: 'A part of the extension has failed. It starts again by itself.',
    version: 'This version is too old for the network. It goes on when your browser has updated it.',
  },
};
