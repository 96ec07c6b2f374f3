// What a visitor sets in the box: it acts at once, is kept where the box is a page by itself and nowhere else, and says so.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Chromium, kNoBrowser } from './chromium.js';
import type { Page } from './page.js';
import { Sites } from './sites.js';
import { WidgetPage } from './widget_page.js';

const kBox = "document.querySelector('footbridge-box')";
const kRoot = `${kBox}.renderRoot`;
const kLimits = `${kBox}.volunteer.limits`;
const kNoStorage =
  "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } })";

// How often what passes was drawn, from then on.
const kCountDrawn = `window.drawn = 0; new MutationObserver(() => ++window.drawn).observe(
  ${kRoot}.querySelector('.passing'), { childList: true, subtree: true, characterData: true })`;
// All that is said in the place for news.
const kWatchNews = `window.said = []; setInterval(() => {
  const text = ${kBox}?.renderRoot?.querySelector('.news')?.textContent;
  if (text && text !== window.said.at(-1)) window.said.push(text);
}, 50);`;

const choose = (id: string, value: string) =>
  `{ const it = ${kRoot}.querySelector('${id}'); it.value = '${value}'; it.dispatchEvent(new Event('change')); }`;

// Our own page, of which nothing was kept; agreed to, if it is to be on.
async function ownPage(chromium: Chromium, sites: Sites, init = 'localStorage.clear()', hash = ''): Promise<Page> {
  const page = await chromium.open(`${sites.ours}/frame.html${hash}`, { init });
  await page.eventually(`!!${kBox}?.renderRoot?.querySelector('details.limits')`);
  return page;
}

async function switchOn(page: Page): Promise<void> {
  await page.click(`${kRoot}.querySelector('.switch')`);
  await page.eventually(`!!${kRoot}.querySelector('.yes')`);
  await page.click(`${kRoot}.querySelector('.yes')`);
}

test('what a visitor sets, in Chromium', { skip: kNoBrowser, timeout: 300_000 }, async (t) => {
  const [chromium, sites] = await Promise.all([Chromium.launch(), Sites.open()]);
  t.after(async () => {
    await chromium.close();
    await sites.close();
  });

  await t.test('limits are folded away at first, and are there at the next visit of our own page', async () => {
    const page = await ownPage(chromium, sites);
    assert.equal(await page.value(`${kRoot}.querySelector('details.limits').open`), false);
    await page.value(`${kRoot}.querySelector('details.limits').open = true`);
    await page.value(`(() => { ${choose('#people', '7')} ${choose('#rate', '250000')} })()`);
    await page.click(`${kRoot}.querySelector('#hours')`);
    await page.click(`${kRoot}.querySelector('.hours > .quiet')`);
    await page.eventually(`${kLimits}.hours.length === 2`);
    assert.equal(await page.value(`${kRoot}.querySelector('.limits > .aside').textContent`), 'Kept in this browser.');
    assert.deepEqual(page.complaints, []);
    await page.close();

    const next = await ownPage(chromium, sites, 'true');
    const limits = await next.value<{ people: number; bytesPerSecond: number; hours: unknown[] }>(kLimits);
    assert.deepEqual([limits.people, limits.bytesPerSecond, limits.hours.length], [7, 250_000, 2]);
    assert.equal(await next.value(`${kRoot}.querySelector('#people').value`), '7');
    assert.equal(await next.value(`${kRoot}.querySelectorAll('.stretch').length`), 2);
    await next.close();
  });

  await t.test(
    'where the browser keeps nothing, and in pages of others, they hold and it says for how long',
    async () => {
      const page = await ownPage(chromium, sites, kNoStorage);
      await page.value(`(() => { ${choose('#people', '7')} })()`);
      await page.eventually(`${kLimits}.people === 7`);
      assert.match(await page.value(`${kRoot}.querySelector('.limits > .aside').textContent`), /^Nothing is kept here/);
      assert.deepEqual(page.complaints, []);
      await page.close();

      const url = sites.widget('data-layout="panel"', { body: '<footbridge-widget id="b"></footbridge-widget>' });
      const it = await WidgetPage.open(chromium, url, {});
      assert.match(await it.inBox('.limits > .aside'), /^Nothing is kept here/);
      await it.frameValue(`(() => { ${choose('#people', '7')} })()`);
      await it.inFrame(`${kLimits}.people === 7`);
      assert.equal(await it.frameValue("localStorage.getItem('footbridge-limits')"), null);
      await it.close();
    },
  );

  await t.test('outside its hours it is paused, says until when, and goes on when they are lifted', async () => {
    const page = await ownPage(chromium, sites);
    await switchOn(page);
    await page.eventually(`${kBox}.volunteer.state === 'starting'`);
    const tomorrow = 1 << ((new Date().getDay() + 6 + 1) % 7); // bit 0 is Monday
    const hours = JSON.stringify([{ days: tomorrow, from: 1438, until: 1439 }]);
    await page.value(`${kBox}.volunteer.setLimits({ ...${kLimits}, hours: ${hours} })`);
    await page.eventually(`${kBox}.volunteer.state === 'paused'`);
    await page.eventually(`/^It is outside .* Paused until .*11:58/.test(${kRoot}.querySelector('.note').textContent)`);
    await page.value(`${kBox}.volunteer.setLimits({ ...${kLimits}, hours: [] })`);
    await page.eventually(`${kBox}.volunteer.state === 'starting'`);
    assert.deepEqual(page.complaints, []);
    await page.close();
  });

  await t.test('what passes is asked for while its part is open, once a second at most, and not after', async () => {
    const page = await ownPage(chromium, sites);
    await switchOn(page);
    await page.eventually(`${kBox}.volunteer.state === 'starting'`);
    const line = `${kBox}.volunteer.status.line`;
    const figures = `${kRoot}.querySelectorAll('.passing dd').length`;
    await page.eventually(`${kBox}.volunteer.reason === 'broker-silent'`);
    assert.deepEqual(await page.value(`[${line} === undefined, ${figures}]`), [true, 0]);
    await page.click(`${kRoot}.querySelector('.passing summary')`);
    await page.eventually(`${line}?.runningSeconds > 0`);
    await page.eventually(`${figures} === 6`);
    await page.value(kCountDrawn);
    await page.value('new Promise((done) => setTimeout(done, 3_000))');
    assert.ok((await page.value<number>('window.drawn')) <= 4, 'drawn oftener than once a second');
    await page.click(`${kRoot}.querySelector('.passing summary')`);
    await page.eventually(`${line} === undefined && ${figures} === 0`);
    assert.deepEqual(page.complaints, []);
    await page.close();
  });

  await t.test('our own page has what was ever, others have this visit and say so', async () => {
    const own = await ownPage(chromium, sites, 'localStorage.clear()', '#mock=helping');
    const values = `[...${kRoot}.querySelectorAll('.facts > dl dd')].map((it) => it.textContent)`;
    assert.deepEqual((await own.value<string[]>(values)).slice(1), ['–', '–', '–', '–'], 'it is not known yet');
    await switchOn(own);
    await own.eventually(`${kBox}.volunteer.state === 'helping'`);
    assert.deepEqual(await own.value(values), ['3', '4', '92', '141 MB', '4.4 GB']);
    await own.close();

    const it = await WidgetPage.open(chromium, sites.widget('data-layout="panel" data-mock="helping"'));
    await it.agree();
    await it.untilState('helping');
    assert.deepEqual(await it.frameValue(values), ['3', '4', '141 MB']);
    assert.match(await it.inBox('.facts > .aside'), /^On other people’s pages only this visit is counted/);
    await it.close();
  });

  await t.test('a pause for a slow line says so, and of all in the page only a hand ends it', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-mock="paused"'));
    await it.agree();
    await it.untilState('paused');
    assert.match(await it.inBox('.note[role="status"]'), /^Paused, because your connection was too slow/);
    await it.frameValue(`${kRoot}.querySelector('.resume').click()`);
    assert.equal(await it.state(), 'paused', 'a script went on');
    await it.click('.resume');
    await it.untilState('waiting');
    await it.close();
  });

  await t.test('somebody new is said once in ten seconds to who wants to hear it', async () => {
    const url = sites.widget('data-layout="panel" data-mock="true"');
    const it = await WidgetPage.open(chromium, url, { init: `${kWatchNews} localStorage.clear()` });
    await it.click('.news-field input');
    await it.agree();
    await it.inFrame(`${kBox}.volunteer.status.helpingNow >= 3`);
    assert.deepEqual(await it.frameValue('window.said'), ['Somebody new reaches the open internet through you.']);
    await it.close();
  });

  await t.test(
    'where the connection costs it is off and says so; where WebRTC is shut it says what to do',
    async () => {
      const saves =
        "Object.defineProperty(navigator, 'connection', { value: Object.assign(new EventTarget(), { saveData: true }) })";
      const costly = await ownPage(chromium, sites, saves);
      assert.match(await costly.value(`${kRoot}.querySelector('.note').textContent`), /^Your device saves data/);
      assert.equal(await costly.value(`${kBox}.volunteer.state`), 'off');
      await costly.close();

      const kShut = 'window.RTCPeerConnection = class { constructor() { throw new Error("shut"); } }';
      const it = await WidgetPage.open(chromium, sites.widget(), { init: `${kShut}; localStorage.clear()` });
      await it.agree();
      await it.untilState('unavailable');
      assert.match(await it.inBox('.note'), /WebRTC.* then try again/);
      await it.frameValue('window.same = true');
      await it.click('.retry');
      await it.inFrame(`window.same === undefined && !!${kRoot}?.querySelector('.switch')`);
      await it.untilState('off');
      assert.deepEqual(it.page.complaints, []);
      await it.close();
    },
  );

  await t.test('a floating box that is higher than its page is within reach', async () => {
    const url = sites.widget('data-layout="floating" data-collapse="false" data-mock="helping"');
    const it = await WidgetPage.open(chromium, url, { height: 400 });
    await it.agree();
    await it.untilState('helping');
    await it.click('.asides summary');
    assert.ok(await it.frameValue(`${kRoot}.querySelector('.asides details').open`));
    await it.close();
  });
});
