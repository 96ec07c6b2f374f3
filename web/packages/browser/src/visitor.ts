// A visitor of a page with a widget, for tests that are written elsewhere: node visitor.js chromium|firefox URL [OPTION…]
// Opens the page in that browser and does what it reads, a line each; answers each with a line of JSON:
//   agree   switches on and agrees          off   the switch, once
//   anyway  helps although it may be dangerous, when he is warned of that (Chromium only)
//   map     shows himself on the network's map, once there is one to choose (Chromium only)
//   read    {told, state, warned, status, asked, complaints}: what the page and the box say, what was asked of the network by
//           now (the last two by Chromium only)
// OPTIONs are Chromium's.
// Ends when its input does, and the browser with it.
import { createInterface } from 'node:readline';

import { Chromium } from './chromium.js';
import { Firefox } from './firefox.js';
import { WidgetPage } from './widget_page.js';

interface Person {
  agree(): Promise<unknown>;
  off(): Promise<unknown>;
  anyway(): Promise<unknown>;
  map(): Promise<unknown>;
  read(): Promise<unknown>;
}

const kDeeds: readonly (keyof Person)[] = ['agree', 'off', 'anyway', 'map', 'read'];
const kTold = "document.querySelector('#told')?.textContent ?? ''";
const kState = "document.querySelector('footbridge-widget').state";
const kWarned = "document.querySelector('footbridge-box').volunteer.isWarning";
const kStatus = "({ ...document.querySelector('footbridge-box').volunteer.status })";

async function inChromium(browser: Chromium, url: string): Promise<Person> {
  const it = await WidgetPage.open(browser, url);
  return {
    agree: () => it.agree(),
    off: () => it.click('.switch'),
    anyway: () => it.clickInSight('.anyway'),
    map: () => it.showOnMap(),
    read: async () => ({
      told: await it.page.value(kTold),
      state: await it.state(),
      warned: await it.frameValue(kWarned),
      status: await it.frameValue(kStatus),
      asked: it.page.asked,
      complaints: it.page.complaints,
    }),
  };
}

// Firefox cannot vouch for what a visitor sees, so the box asks in a window of its own, too.
async function inFirefox(browser: Firefox, url: string): Promise<Person> {
  const page = await browser.open(url);
  const frame = await page.frame('/frame.html');
  const inBox = (selector: string) =>
    `document.querySelector('footbridge-box')?.renderRoot?.querySelector('${selector}')`;
  await frame.eventually(`!!${inBox('.switch')}`);
  return {
    agree: async () => {
      await frame.clickOn(inBox('.switch'));
      await frame.eventually(`!!${inBox('.yes')}`);
      await frame.clickOn(inBox('.yes'));
      const window = await browser.opened('/confirm.html');
      const yes = "document.querySelector('footbridge-confirm')?.renderRoot?.querySelector('.yes:enabled')";
      await window.eventually(`!!${yes}`);
      await window.clickOn(yes);
      await page.bringToFront();
    },
    off: () => frame.clickOn(inBox('.switch')),
    anyway: () => Promise.reject(new Error('in Chromium only')),
    map: () => Promise.reject(new Error('in Chromium only')),
    read: async () => ({
      told: await page.value(kTold),
      state: await page.value(kState),
      warned: await frame.value(kWarned),
      status: await frame.value(kStatus),
      asked: [],
      complaints: [],
    }),
  };
}

const [kind, url = '', ...options] = process.argv.slice(2);
const browser = kind === 'firefox' ? await Firefox.launch() : await Chromium.launch(...options);
try {
  const person = browser instanceof Firefox ? await inFirefox(browser, url) : await inChromium(browser, url);
  for await (const line of createInterface({ input: process.stdin })) {
    const deed = kDeeds.find((known) => known === line);
    process.stdout.write(`${JSON.stringify((deed && (await person[deed]())) ?? null)}\n`);
  }
} finally {
  await browser.close();
}
