// The extension's pages in Chromium, as a person has them: in all languages, to everybody, at once, and without a complaint.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';

import { kDefaultLimits } from '@footbridge/protocol';
import { look } from './axe.js';
import { kNoBrowser } from './chromium.js';
import { eventually } from './eventually.js';
import { ChromiumWithIt } from './extension_browser.js';
import { packed } from './packed_extension.js';
import type { Page } from './page.js';

const kLanguages = ['en', 'ar', 'es-419', 'fa', 'my', 'ru', 'tr', 'uk', 'zh-Hans', 'zh-Hant'];
const kOpensWithinMs = 200;
const kEffectWithinMs = 1_000;
const kPopupWidth = 340;
// When the popup had said how it is, in milliseconds since it was opened.
const kWhenDrawn = `new MutationObserver((_, it) => {
  if (!document.querySelector('.status')?.textContent) return;
  window.drawnAt = performance.now();
  it.disconnect();
}).observe(document, { childList: true, subtree: true, characterData: true });`;

// The hub's answers, with a network that a test chooses.
const kInNetwork = `const real = chrome.runtime.sendMessage.bind(chrome.runtime);
chrome.runtime.sendMessage = async (what) => {
  const { network: _own, ...view } = await real(what);
  return window.network ? { ...view, network: window.network } : view;
};`;

const view = "chrome.runtime.sendMessage({ to: 'hub', ask: 'view' })";
const ask = (what: object) => `chrome.runtime.sendMessage(${JSON.stringify({ to: 'hub', ...what })})`;
const byDefault = {
  limits: kDefaultLimits,
  lang: 'en',
  theme: 'light',
  metered: false,
  notify: false,
  background: false,
  reports: false,
};

async function drawn(browser: ChromiumWithIt, name: string, width = 800): Promise<Page> {
  const page = await browser.page(name, { width, height: 600, init: kWhenDrawn });
  await page.eventually("!!document.querySelector('main h1')?.textContent");
  return page;
}

test('the extension, in Chromium', { skip: kNoBrowser, timeout: 300_000 }, async (t) => {
  let running: { close(): Promise<void> } | null = null;
  const extension = await packed();
  t.after(async () => {
    await running?.close();
    await extension.close();
  });
  const browser = await ChromiumWithIt.launch(extension.chrome, extension.profile);
  running = browser;
  const complaints = await browser.complaintsOfWorker();

  await t.test('the popup opens at once', async () => {
    const times: number[] = [];
    for (let time = 0; time < 5; ++time) {
      const page = await drawn(browser, 'popup.html', kPopupWidth);
      await page.eventually('window.drawnAt > 0');
      times.push(await page.value<number>('window.drawnAt'));
      await page.close();
    }
    t.diagnostic(`the popup was there after ${times.map(Math.round)} ms`);
    assert.ok(Math.min(...times) < kOpensWithinMs, `${times}`); // the others were of a busy machine
  });

  await t.test('axe finds nothing in any page, and nothing overflows, in every language and theme', async () => {
    for (const [name, width] of [
      ['popup.html', kPopupWidth],
      ['options.html', 360],
      ['welcome.html', 360],
    ] as const) {
      const page = await drawn(browser, name, width);
      for (const [at, lang] of kLanguages.entries()) {
        const settings = { ...byDefault, lang, theme: at % 2 === 0 ? 'dark' : 'light' };
        await page.value(ask({ ask: 'set', settings }));
        await page.eventually(`document.documentElement.lang === '${lang}'`);
        const { violations, passes } = await look(page, '');
        assert.deepEqual(violations, [], `${name} ${lang}`);
        assert.ok(passes > 10);
        assert.ok(await page.value('document.documentElement.scrollWidth <= innerWidth'), `${name} ${lang} overflows`);
        const dir = await page.value<string>('document.documentElement.dir');
        assert.equal(dir, ['ar', 'fa'].includes(lang) ? 'rtl' : 'ltr');
      }
      assert.deepEqual(page.complaints, [], name);
      await page.close();
    }
  });

  await t.test('before somebody agrees the switch leads to the question, and no address is asked', async () => {
    const page = await drawn(browser, 'popup.html', kPopupWidth);
    await page.value(ask({ ask: 'set', settings: byDefault }));
    const before = await eventually(() => browser.tabs('welcome.html'), 'the question after the installation');
    await page.click("document.querySelector('.switch')");
    await eventually(async () => (await browser.tabs('welcome.html')) === before + 1, 'the question once more');
    assert.equal(await page.value(`${view}.then(({ state }) => state)`), 'consent-required');
    assert.equal(await browser.relayDocument(), null);
    assert.equal(extension.asked(), 0);
    await page.close();
  });

  await t.test('what is on says so in the popup, in the badge and its words, and axe agrees', async () => {
    const page = await drawn(browser, 'popup.html', kPopupWidth);
    await page.value(ask({ ask: 'agree' }));
    await page.eventually("document.querySelector('.switch').ariaChecked === 'true'");
    await page.eventually("document.querySelector('.note').textContent.startsWith('The network does not answer')");
    assert.notEqual(await browser.relayDocument(), null);
    assert.ok(extension.asked() > 0);
    assert.deepEqual((await look(page, '')).violations, []);
    await page.eventually("chrome.action.getTitle({}).then((it) => it === 'Footbridge: Getting ready…')");
    await page.click("document.querySelector('.quiet')");
    await page.eventually("document.querySelector('.status').textContent === 'Paused.'");
    assert.match(await page.value('document.querySelector(".note").textContent'), /^Paused until .*\d/);
    assert.deepEqual((await look(page, '')).violations, []);
    await page.eventually('chrome.action.getTitle({}).then((it) => /^Footbridge: Paused until .*\\d/.test(it))');
    await page.click("document.querySelector('.quiet')");
    await page.eventually("document.querySelector('.status').textContent === 'Getting ready…'");
    assert.deepEqual(page.complaints, []);
    await page.close();
  });

  await t.test('what kind of network it is in is said, each with what can be done', async () => {
    const page = await browser.page('popup.html', { width: kPopupWidth, height: 600, init: kInNetwork });
    await page.value(ask({ ask: 'set', settings: byDefault }));
    const said = new Set<string>();
    for (const network of ['open', 'moderate', 'restricted', 'no-udp', 'unknown']) {
      await page.value(`window.network = '${network}'`);
      const read = "[...document.querySelectorAll('.network p')].map((it) => it.textContent)";
      await page.eventually(`${read}.length === 2 && !${JSON.stringify([...said])}.includes(${read}.join())`);
      const [is, step] = await page.value<[string, string]>(read);
      assert.ok(is.length > 20 && step.length > 20, `${is} ${step}`);
      said.add(`${is},${step}`);
    }
    await page.click("document.querySelector('.network summary')");
    await page.eventually("document.querySelector('.network details p').checkVisibility()");
    assert.deepEqual((await look(page, '')).violations, []);
    await page.value('delete window.network');
    await page.eventually("document.querySelector('.network').hidden");
    assert.deepEqual(page.complaints, []);
    await page.close();
  });

  await t.test('each option takes effect within a second', async () => {
    const page = await drawn(browser, 'options.html');
    await page.eventually("!!document.querySelector('#people')?.value");
    for (const [id, value, name, stored] of [
      ['people', '7', 'limits.people', 7],
      ['rate', '250000', 'limits.bytesPerSecond', 250_000],
      ['rate', '', 'limits.bytesPerSecond', null],
      ['day', '1000000000', 'limits.bytesPerDay', 1_000_000_000],
      ['month', '5000000000', 'limits.bytesPerMonth', 5_000_000_000],
      ['theme', 'dark', 'theme', 'dark'],
      ['language', 'tr', 'lang', 'tr'],
    ] as const) {
      const change = `(async () => {
        const it = document.querySelector('#${id}');
        it.value = '${value}';
        const began = performance.now();
        it.dispatchEvent(new Event('change'));
        while ((await ${view}).settings.${name} !== ${JSON.stringify(stored)}) await new Promise((done) => setTimeout(done, 10));
        return performance.now() - began;
      })()`;
      const took = await page.value<number>(change);
      assert.ok(took <= kEffectWithinMs, `${id}: ${took} ms`);
    }
    await page.eventually(
      "document.documentElement.lang === 'tr' && document.documentElement.dataset.theme === 'dark'",
    );
    await page.eventually("document.querySelector('.saved').textContent === 'Kaydedildi.'");
    const chosen = (id: string, value: string) =>
      `{ const it = document.querySelector('#${id}'); it.value = '${value}'; it.dispatchEvent(new Event('change')); }`;
    await page.value(`(() => { ${chosen('people', '4')} ${chosen('rate', '250000')} })()`); // before one is answered
    await page.eventually(
      `${view}.then(({ settings: { limits } }) => limits.people === 4 && limits.bytesPerSecond === 250000)`,
    );
    await page.click("document.querySelector('#hours')");
    const hours = JSON.stringify([{ days: 127, from: 1080, until: 1380 }]);
    await page.eventually(`${view}.then(({ settings }) => JSON.stringify(settings.limits.hours) === '${hours}')`);
    assert.deepEqual((await look(page, '')).violations, []);
    await page.click("document.querySelector('.days input')"); // Monday is left out
    await page.eventually(`${view}.then(({ settings }) => settings.limits.hours[0].days === 126)`);
    // A second stretch, which begins as it ends until somebody mends it: what was valid before holds.
    await page.click("document.querySelector('.hours > .quiet')");
    await page.eventually(`${view}.then(({ settings }) => settings.limits.hours.length === 2)`);
    const until = (time: string) =>
      `{ const it = [...document.querySelectorAll('.times input')].at(-1); it.value = '${time}'; it.dispatchEvent(new Event('change')); }`;
    await page.value(`(() => { ${until('18:00')} })()`);
    await page.eventually("document.querySelector('.wrong').textContent.length > 0");
    assert.deepEqual((await look(page, '')).violations, []);
    await page.value(`(() => { ${until('06:30')} })()`);
    await page.eventually(`${view}.then(({ settings }) => settings.limits.hours[1].until === 390)`);
    await page.eventually("document.querySelector('.wrong').textContent === ''");
    await page.click("document.querySelector('.stretch .quiet')");
    await page.eventually(
      `${view}.then(({ settings: { limits } }) => limits.hours.length === 1 && limits.hours[0].until === 390)`,
    );
    assert.deepEqual(page.complaints, []);
    await page.close();
  });

  await t.test('outside its hours it helps nobody, and says until when', async () => {
    const page = await drawn(browser, 'popup.html', kPopupWidth);
    const tomorrow = 1 << ((new Date().getDay() + 6 + 1) % 7); // bit 0 is Monday
    const hours = [{ days: tomorrow, from: 1438, until: 1439 }];
    await page.value(ask({ ask: 'set', settings: { ...byDefault, limits: { ...kDefaultLimits, hours } } }));
    await page.eventually("document.querySelector('.status').textContent === 'Paused.'");
    await page.eventually("/^It is outside .* Paused until .*11:58/.test(document.querySelector('.note').textContent)");
    await page.value(ask({ ask: 'set', settings: byDefault }));
    await page.eventually("document.querySelector('.status').textContent === 'Getting ready…'");
    assert.deepEqual(page.complaints, []);
    await page.close();
  });

  await t.test('a web page cannot tell that it is there', async () => {
    const site = createServer((_, response) =>
      response.setHeader('Content-Type', 'text/html').end('<title>a site</title>'),
    );
    await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
    const page = await browser.chromium.open(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    await page.eventually("document.title === 'a site'");
    assert.equal(await page.value('typeof globalThis.chrome?.runtime?.sendMessage'), 'undefined');
    for (const file of ['icons/active-16.png', 'config.json', 'popup.html']) {
      const url = JSON.stringify(browser.base + file);
      const fetched = await page.value<string>(`fetch(${url}).then(() => 'there', ({ message }) => message)`);
      assert.equal(fetched, 'Failed to fetch', file);
    }
    const framed = `new Promise((done) => { const it = document.createElement('iframe'); it.src = '${browser.base}popup.html';
      it.onload = it.onerror = () => done(true); document.body.append(it); })`;
    await page.value(framed);
    assert.ok(!(await browser.documents()).includes('popup.html'), 'a page shows one of its documents');
    await page.close();
    site.closeAllConnections();
    site.close();
  });

  await t.test('its worker has complained of nothing, also while no page was open', async () => {
    await new Promise((done) => setTimeout(done, 2_000)); // the relay says how it is to whoever listens
    assert.deepEqual(complaints, []);
  });
});
