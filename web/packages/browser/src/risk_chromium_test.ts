// The notice where helping may be dangerous, as a visitor's eye and hand have it: it holds the keyboard, Escape leaves it off, and
// only a click of somebody who sees it goes on.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Chromium, kNoBrowser } from './chromium.js';
import { Sites } from './sites.js';
import { WidgetPage } from './widget_page.js';

const kRoot = "document.querySelector('footbridge-box').renderRoot";
const kVolunteer = "document.querySelector('footbridge-box').volunteer";
const kFocused = `${kRoot}.activeElement?.className ?? ''`;
const kWarns = `${kRoot}.querySelector('[role=dialog]') !== null`;
const kRisky = 'data-mock="risky" data-collapse="false"';
let chromium: Chromium;
let sites: Sites;

async function warned(init?: string): Promise<WidgetPage> {
  const it = await WidgetPage.open(chromium, sites.widget(kRisky), init ? { init } : {});
  await it.agree();
  await it.inFrame(kWarns);
  return it;
}

test('the notice where helping may be dangerous, in Chromium', { skip: kNoBrowser, timeout: 300_000 }, async (t) => {
  [chromium, sites] = await Promise.all([Chromium.launch(), Sites.open()]);
  t.after(async () => {
    await chromium.close();
    await sites.close();
  });

  await t.test('is a dialog that keeps the focus and gives it back; Escape stays off', async () => {
    const it = await warned();
    await it.untilState('consent-required');
    assert.equal(await it.frameValue(`${kVolunteer}.status.state`), 'off');
    const dialog = `${kRoot}.querySelector('[role=dialog]')`;
    assert.equal(await it.frameValue(`${dialog}.ariaModal`), 'true');
    assert.match(await it.inBox('#risk'), /dangerous/);
    assert.match(await it.inBox('#risk-text'), /invite/);
    assert.equal(await it.frameValue(`${kRoot}.querySelector('.switch').closest('[inert]') !== null`), true);
    await it.inFrame(`(${kFocused}) === 'stay'`);
    for (const [shift, next] of [
      [false, 'anyway'],
      [false, 'stay'],
      [true, 'anyway'],
      [true, 'stay'],
    ] as const) {
      await it.page.press('Tab', 'Tab', '', shift);
      await it.inFrame(`(${kFocused}) === '${next}'`);
    }
    await it.page.press('Escape');
    await it.inFrame(`!(${kWarns}) && (${kFocused}) === 'switch'`);
    await it.untilState('off');
    await it.clickInSight('.switch'); // agreed to already; nothing was decided about the place
    await it.inFrame(kWarns);
    assert.deepEqual(it.page.complaints, []);
    await it.close();
  });

  await t.test('help anyway is remembered for the next visit', async () => {
    const first = await warned();
    await first.clickInSight('.anyway');
    await first.untilState('waiting');
    await first.inFrame(`(${kFocused}) === 'switch'`);
    const second = await WidgetPage.open(chromium, sites.widget(kRisky), { init: 'true' });
    await second.clickInSight('.switch');
    await second.untilState('waiting');
    assert.equal(await second.frameValue(kWarns), false);
    await first.close();
    await second.close();
  });

  await t.test('where nothing may be kept it counts for this page', async () => {
    const it = await warned(
      "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no storage'); } })",
    );
    await it.clickInSight('.anyway');
    await it.untilState('waiting');
    for (const state of ['off', 'waiting']) {
      await it.clickInSight('.switch');
      await it.untilState(state);
    }
    assert.deepEqual(it.page.complaints, []);
    await it.close();
  });

  await t.test('neither a script nor a page that covers it decides', async () => {
    const it = await warned();
    await it.frameValue(`${kRoot}.querySelector('.anyway').click()`);
    await it.frameValue(`${kRoot}.querySelector('.anyway').dispatchEvent(new MouseEvent('click', { bubbles: true }))`);
    const types = ['helpAnyway', 'evenIfRisky', 'start', 'confirmed'];
    await it.page.value(`(() => {
      const frame = document.querySelector('footbridge-widget iframe').contentWindow;
      for (const type of ${JSON.stringify(types)})
        for (const mark of ['footbridge/1', undefined])
          frame.postMessage({ mark, type, command: 'start', evenIfRisky: true, question: 'risk', nonce: '0'.repeat(32) }, '*');
      const veil = document.createElement('div');
      veil.style = 'position:fixed;inset:0;background:#fff;opacity:0.01;pointer-events:none;z-index:2147483647';
      document.body.append(veil);
      return new Promise((done) => setTimeout(done, 900));
    })()`);
    await it.key('.anyway');
    await it.inFrame(`${kVolunteer}.reason === 'covered'`);
    assert.equal(await it.frameValue(`${kVolunteer}.isWarning`), true);
    assert.equal(await it.frameValue(`${kVolunteer}.status.state`), 'off');
    assert.equal(await it.state(), 'consent-required');
    await it.close();
  });
});
