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

const choose = (id: string, value: string) =>
  `{ const it = ${kRoot}.querySelector('${id}'); it.value = '${value}'; it.dispatchEvent(new Event('change')); }`;

async function ownPage(chromium: Chromium, sites: Sites, options: { init?: string } = {}): Promise<Page> {
  const page = await chromium.open(`${sites.ours}/frame.html`, options);
  await page.eventually(`!!${kBox}?.renderRoot?.querySelector('details.limits')`);
  return page;
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

    const next = await ownPage(chromium, sites);
    const limits = await next.value<{ people: number; bytesPerSecond: number; hours: unknown[] }>(kLimits);
    assert.deepEqual([limits.people, limits.bytesPerSecond, limits.hours.length], [7, 250_000, 2]);
    assert.equal(await next.value(`${kRoot}.querySelector('#people').value`), '7');
    assert.equal(await next.value(`${kRoot}.querySelectorAll('.stretch').length`), 2);
    await next.value('localStorage.clear()');
    await next.close();
  });

  await t.test(
    'where the browser keeps nothing, and in pages of others, they hold and it says for how long',
    async () => {
      const page = await ownPage(chromium, sites, { init: kNoStorage });
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
    await page.click(`${kRoot}.querySelector('.switch')`);
    await page.click(`${kRoot}.querySelector('.yes')`);
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
});
