// What a person may choose in the extension's options beyond limits, in Chromium: rights that it asks for only then and gives
// back, connections that cost, a pause that outlives the browser, and what is kept: shown, saved and erased.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';

import { look } from './axe.js';
import { kNoBrowser } from './chromium.js';
import { eventually } from './eventually.js';
import { ChromiumWithIt } from './extension_browser.js';
import { packed } from './packed_extension.js';
import type { Page } from './page.js';

const kEffectWithinMs = 1_000;
const kNeeded = ['alarms', 'offscreen', 'storage'];
const ask = (what: object) => `chrome.runtime.sendMessage(${JSON.stringify({ to: 'hub', ...what })})`;
const view = ask({ ask: 'view' });
// The relay's own word.
const relayIs = (state: string) =>
  `chrome.runtime.sendMessage({ to: 'relay' }).then(({ status }) => status.state === '${state}')`;
const rights = 'chrome.permissions.getAll().then(({ permissions }) => permissions.sort())';
const box = (id: string) => `document.querySelector('#${id}')`;
// Chromium asks the person in a window of its own, which no test can press: its answer stands in window.answers.
const kAnswering = `window.answers = true; window.requests = [];
chrome.permissions.request = async (what) => { requests.push(what.permissions.join()); return answers; };`;
const costs = (saves: boolean) => `(() => {
  Object.defineProperty(NetworkInformation.prototype, 'saveData', { get: () => ${saves}, configurable: true });
  navigator.connection.dispatchEvent(new Event('change'));
})()`;

async function options(browser: ChromiumWithIt, init = ''): Promise<Page> {
  const page = await browser.page('options.html', { width: 800, height: 900, init });
  await page.eventually(`!!${box('people')}?.value`);
  return page;
}

test('choices in the extension, in Chromium', { skip: kNoBrowser, timeout: 200_000 }, async (t) => {
  let running: { close(): Promise<void> } | null = null;
  const extension = await packed();
  t.after(async () => {
    await running?.close();
    await extension.close();
  });
  let browser = await ChromiumWithIt.launch(extension.chrome, extension.profile);
  running = browser;

  await t.test('going on without a window is a right that it has only while that is ticked and it is on', async () => {
    const page = await options(browser);
    assert.deepEqual(await page.value(rights), kNeeded);
    await page.value(ask({ ask: 'agree' }));
    await page.click(box('background'));
    await page.eventually(`${view}.then(({ settings }) => settings.background)`);
    assert.deepEqual(await page.value(rights), ['alarms', 'background', 'offscreen', 'storage']);
    const popup = await browser.page('popup.html');
    await popup.eventually("document.querySelector('.switch')?.ariaChecked === 'true'");
    await popup.click("document.querySelector('.switch')");
    await popup.eventually(`${rights}.then((all) => !all.includes('background'))`);
    await popup.eventually("document.querySelector('.switch').ariaChecked === 'false'");
    await popup.click("document.querySelector('.switch')");
    await popup.eventually(`${rights}.then((all) => all.includes('background'))`);
    await popup.eventually(`${view}.then(({ on, settings }) => on && settings.background)`);
    await page.click(box('background'));
    await page.eventually(`${rights}.then((all) => !all.includes('background'))`);
    assert.deepEqual([...page.complaints, ...popup.complaints], []);
    await popup.close();
    await page.close();
  });

  await t.test('the right to notify is asked for in the tick, and a refusal unticks it', async () => {
    const page = await options(browser, kAnswering);
    assert.deepEqual(await page.value('requests'), []);
    await page.value('window.answers = false');
    await page.click(box('notify'));
    await page.eventually("document.querySelector('.saved').textContent === 'The browser did not allow it.'");
    assert.deepEqual(await page.value('requests'), ['notifications']);
    assert.equal(await page.value(`${box('notify')}.checked`), false);
    assert.equal(await page.value(`${view}.then(({ settings }) => settings.notify)`), false);
    assert.deepEqual(page.complaints, []);
    await page.close();
  });

  await t.test('a connection that costs pauses it at once, with the reason, until a box is ticked', async () => {
    const page = await options(browser);
    await page.eventually(`${view}.then(({ state }) => state === 'starting')`);
    await browser.inWorker(costs(true));
    await page.eventually(`${view}.then(({ state, reason }) => state === 'paused' && reason === 'data-saver')`);
    await page.eventually(relayIs('off'));
    const popup = await browser.page('popup.html');
    await popup.eventually("document.querySelector('.note')?.textContent.startsWith('Your device saves data.')");
    assert.deepEqual((await look(popup, '')).violations, []);
    const took = await page.value<number>(`(async () => {
      const began = performance.now();
      ${box('metered')}.click();
      while (!(await ${relayIs('starting')})) await new Promise((done) => setTimeout(done, 10));
      return performance.now() - began;
    })()`);
    assert.ok(took <= kEffectWithinMs, `${took} ms`);
    await page.click(box('metered'));
    await page.eventually(relayIs('off'));
    await browser.inWorker(costs(false));
    await page.eventually(relayIs('starting'));
    assert.deepEqual([...page.complaints, ...popup.complaints], []);
    await popup.close();
    await page.close();
  });

  await t.test('a pause, its end and its alarm are there when the browser is', async () => {
    const page = await browser.page('popup.html');
    await page.eventually("document.querySelector('.quiet')?.hidden === false");
    await page.click("document.querySelector('.quiet')");
    await page.eventually(`${view}.then(({ reason }) => reason === 'pause')`);
    const until = await page.value<number>(`${view}.then(({ pausedUntil }) => pausedUntil)`);
    assert.ok(Math.abs(until - Date.now() - 3_600_000) < 60_000);
    await browser.close();
    browser = await ChromiumWithIt.launch(extension.chrome, extension.profile);
    running = browser;
    const again = await browser.page('popup.html');
    await again.eventually(`${view}.then(({ reason, pausedUntil }) => reason === 'pause' && pausedUntil === ${until})`);
    await again.eventually("document.querySelector('.note').textContent.startsWith('Paused until ')");
    await again.eventually("chrome.action.getTitle({}).then((it) => it.startsWith('Footbridge: Paused until '))");
    await again.eventually(`chrome.alarms.get('resume').then((it) => Math.abs(it.scheduledTime - ${until}) < 1000)`);
    assert.equal(await browser.relayDocument(), null);
    await again.close();
  });

  await t.test('what is kept is shown as it is stored, without keys, and saved as a file', async () => {
    const page = await options(browser);
    await page.value(ask({ ask: 'resume' }));
    await browser.chromium.send('Browser.setDownloadBehavior', {
      behavior: 'allow',
      downloadPath: extension.profile,
    });
    assert.equal(await page.value(`${box('file')}.checkVisibility()`), false, 'it is saved before it is shown');
    await page.click("document.querySelector('summary')");
    await page.eventually(`${box('held')}.textContent !== ''`);
    const { identity, ...rest } = await page.value<Record<string, unknown>>(
      'chrome.storage.local.get(null).then(({ kept }) => kept)',
    );
    const text = await page.value<string>(`${box('held')}.textContent`);
    const { key, selfTag } = identity as Record<string, string>;
    assert.deepEqual(JSON.parse(text), rest);
    assert.ok(!text.includes(key as string) && !text.includes(selfTag as string));
    await page.click(box('file'));
    const saved = await eventually(async () => {
      assert.ok((await readdir(extension.profile)).includes('footbridge.json'));
      return readFile(join(extension.profile, 'footbridge.json'), 'utf8');
    }, 'the file');
    assert.equal(saved, `${text}\n`);
    assert.deepEqual((await look(page, '')).violations, []);
    await page.close();
  });

  await t.test('erasing asks first; then nothing is stored, nothing runs, and consent is asked for anew', async () => {
    const page = await options(browser);
    await page.value(ask({ ask: 'view' }));
    await eventually(() => browser.relayDocument(), 'a relay that runs');
    await page.click(box('erase'));
    await page.eventually("document.activeElement.className === 'no'");
    assert.deepEqual((await look(page, '')).violations, []);
    await page.click("document.querySelector('.no')");
    assert.notDeepEqual(await page.value('chrome.storage.local.get(null)'), {});
    await page.click(box('erase'));
    await page.click(box('erase-yes'));
    await page.eventually("document.querySelector('.saved').textContent === 'Everything is erased. It is off.'");
    assert.deepEqual(await page.value('chrome.storage.local.get(null)'), {});
    assert.deepEqual(await page.value('chrome.alarms.getAll()'), []);
    assert.deepEqual(await page.value(rights), kNeeded);
    assert.equal(await browser.relayDocument(), null);
    assert.equal(await page.value(`${view}.then(({ state }) => state)`), 'consent-required');
    const popup = await browser.page('popup.html');
    await popup.eventually("!!document.querySelector('.switch')");
    const before = await browser.tabs('welcome.html');
    await popup.click("document.querySelector('.switch')");
    await eventually(async () => (await browser.tabs('welcome.html')) === before + 1, 'the question');
    assert.equal(await browser.relayDocument(), null);
    assert.deepEqual([...page.complaints, ...popup.complaints], []);
  });
});
