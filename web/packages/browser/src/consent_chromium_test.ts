// Nothing is shared without a visitor who sees the box and agrees in it: in every layout, by a real browser's hand.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Chromium, kNoBrowser } from './chromium.js';
import { Sites } from './sites.js';
import { WidgetPage } from './widget_page.js';

const kLayouts = ['banner', 'panel', 'floating'];
// How a browser without IntersectionObserver's second version looks.
const kCannotTell = 'delete IntersectionObserverEntry.prototype.isVisible; try { localStorage.clear() } catch {}';
let chromium: Chromium;
let sites: Sites;

test('consent, in Chromium', { skip: kNoBrowser, timeout: 300_000 }, async (t) => {
  [chromium, sites] = await Promise.all([Chromium.launch(), Sites.open()]);
  t.after(async () => {
    await chromium.close();
    await sites.close();
  });

  await t.test('nothing is asked of anybody but files of ours until the visitor agrees, in every layout', async () => {
    for (const layout of kLayouts) {
      for (const collapse of ['true', 'false']) {
        for (const mock of ['', 'data-mock="helping"']) {
          const attributes = `data-layout="${layout}" data-collapse="${collapse}" ${mock}`;
          const it = await WidgetPage.open(chromium, sites.widget(attributes));
          await it.click('.switch');
          await it.untilState('consent-required');
          const asides =
            "[...document.querySelector('footbridge-box').renderRoot.querySelectorAll('details')].filter((it) => it.checkVisibility()).length";
          assert.equal(await it.frameValue(asides), 1, `${attributes}: the privacy text is there once`);
          await it.click('.choices button:not(.yes)');
          await it.untilState('off');
          assert.equal(sites.brokerAsked, 0, attributes);
          const beyond = it.page.asked.filter(
            ({ kind, url }) => kind !== 'request' || !/^http:\/\/(localhost|127\.0\.0\.1):/.test(url),
          );
          assert.deepEqual(beyond, [], attributes);
          const own = it.page.asked
            .filter(({ url }) => url.startsWith(sites.ours))
            .map(({ url }) => new URL(url).pathname);
          assert.ok(own.length >= 3, attributes);
          for (const path of own)
            assert.match(path, /^\/(widget|frame|chunks\/[\w-]+)\.js$|^\/frame\.html$|^\/page\.css$/, attributes);
          assert.deepEqual(it.page.complaints, [], attributes);
          await it.close();
        }
      }
    }
  });

  await t.test(
    'what carries is fetched after agreeing, asks the broker of the configuration, and says what it hears',
    async () => {
      const it = await WidgetPage.open(chromium, sites.widget('data-collapse="false"'));
      await it.agree();
      await it.inFrame("document.querySelector('footbridge-box').volunteer.reason === 'broker-silent'");
      assert.ok(sites.brokerAsked > 0);
      const fetched = it.page.asked
        .filter(({ kind }) => kind === 'request')
        .map(({ url }) => new URL(url).pathname)
        .filter((path) => !path.startsWith('/chunks'));
      for (const file of ['/config.json', '/core.wasm'])
        assert.equal(fetched.filter((path) => path === file).length, 1);
      assert.deepEqual(it.page.complaints, []);
      await it.click('.switch');
      await it.untilState('off');
      await it.close();
    },
  );

  await t.test('a browser without WebRTC is told so, and the switch starts nothing', async () => {
    const it = await WidgetPage.open(chromium, sites.widget(), { init: 'delete window.RTCPeerConnection' });
    await it.click('.switch');
    assert.equal(await it.state(), 'unavailable');
    assert.match(await it.inBox('.note'), /WebRTC/);
    assert.deepEqual(it.page.complaints, []);
    await it.close();
  });

  await t.test('two widgets of a page are one volunteer', async () => {
    const it = await WidgetPage.open(
      chromium,
      sites.widget('id="a"', { body: '<p><footbridge-widget id="b"></footbridge-widget></p>' }),
    );
    const other = "document.querySelector('#b')";
    await it.agree();
    await it.inFrame("document.querySelector('footbridge-box').volunteer.reason === 'broker-silent'");
    await it.page.eventually(`${other}.state === document.querySelector('#a').state`);
    assert.equal(it.page.asked.filter(({ url }) => url.endsWith('/core.wasm')).length, 1);
    await it.page.value(`${other}.stop()`);
    await it.untilState('off');
    await it.close();
  });

  await t.test('who agrees starts it, Space and Enter do as well, and the switch stops it', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-mock="helping"'));
    await it.agree();
    await it.untilState('helping');
    assert.equal(await it.inBox('.status'), 'Helping 3 people now.');
    assert.equal(
      await it.frameValue("document.querySelector('footbridge-box').renderRoot.querySelector('.switch').ariaChecked"),
      'true',
    );
    await it.page.press(' ', 'Space', ' '); // the switch has the focus after agreeing
    await it.untilState('off');
    await it.page.press('Enter', 'Enter', '\r');
    await it.untilState('helping'); // agreed to already
    await it.close();
  });

  await t.test('agreeing is remembered for the next visit, and a click is needed all the same', async () => {
    const first = await WidgetPage.open(chromium, sites.widget('data-mock="helping"'));
    await first.agree();
    await first.untilState('helping');
    const url = sites.widget('data-mock="helping" data-collapse="false"');
    const second = await WidgetPage.open(chromium, url, { init: 'true' });
    assert.equal(await second.state(), 'off');
    await second.clickInSight('.switch');
    await second.untilState('helping');
    await first.close();
    await second.close();
  });

  await t.test('a page that covers the box, fades, bends or blurs it, gets no start', async () => {
    const over = 'position:fixed;inset:0;background:#fff;opacity:0.01;pointer-events:none;z-index:2147483647';
    for (const [style, more, end] of [
      ['', '', 'helping'],
      ['', `<div style="${over}"></div>`, 'consent-required'],
      ['opacity: 0.02', '', 'consent-required'],
      ['transform: rotate(1deg)', '', 'consent-required'],
      ['filter: blur(4px)', '', 'consent-required'],
    ] as const) {
      const head = `<style>footbridge-widget { ${style} }</style>`;
      const it = await WidgetPage.open(chromium, sites.widget('data-mock="helping"', { head, body: more }));
      await it.key('.switch');
      await it.untilState('consent-required');
      if (end === 'helping') {
        await it.clickInSight('.yes');
        await it.untilState(end);
      } else {
        await it.page.value('new Promise((done) => setTimeout(done, 900))');
        await it.key('.yes');
        await it.inFrame("document.querySelector('footbridge-box').volunteer.reason === 'covered'");
      }
      assert.equal(await it.state(), end, style + more);
      await it.close();
    }
  });

  await t.test('where the browser cannot tell, a window of ours asks, and only its click counts', async () => {
    const url = sites.widget('lang="tr" data-mock="helping"');
    const it = await WidgetPage.open(chromium, url, { init: kCannotTell });
    await it.agree();
    const window = await it.page.opened('/confirm.html');
    assert.equal(await it.state(), 'consent-required');
    await window.eventually("!!document.querySelector('footbridge-confirm')?.renderRoot.querySelector('.yes:enabled')");
    assert.equal(await window.value('document.documentElement.lang'), 'tr');
    await window.value("document.querySelector('footbridge-confirm').renderRoot.querySelector('.yes').click()");
    assert.equal(await it.state(), 'consent-required', 'a click by script confirmed');
    await window.click("document.querySelector('footbridge-confirm').renderRoot.querySelector('.yes')");
    await it.untilState('helping');
    await it.close();
  });

  await t.test('the confirmation window shows nothing inside another page', async () => {
    const body = `<iframe src="${sites.ours}/confirm.html#${'0'.repeat(32)}.en"></iframe>`;
    const page = await chromium.open(sites.host({ body }));
    await page.eventually("location.href !== 'about:blank' && document.readyState === 'complete'");
    for (let i = 0; i < 400 && page.complaints.length === 0; ++i) await new Promise((done) => setTimeout(done, 25));
    assert.ok(
      page.complaints.some((text) => text.includes('frame-ancestors')),
      page.complaints.join(),
    );
    await page.close();
  });

  await t.test('the host stops it, and cannot start it', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-mock="helping"'));
    await it.agree();
    await it.untilState('helping');
    await it.page.value("document.querySelector('footbridge-widget').stop()");
    await it.untilState('off');
    assert.equal(await it.inBox('.note'), 'This page switched it off.');
    await it.page.value("document.querySelector('footbridge-widget').click()");
    assert.equal(await it.state(), 'off');
    await it.close();
  });

  await t.test('taking the widget out of the page ends everything, and putting it back starts nothing', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-mock="helping"'));
    await it.agree();
    await it.untilState('helping');
    await it.page.value("window.kept = document.querySelector('footbridge-widget'); kept.remove(); 0");
    assert.equal(await it.page.value('kept.state'), 'off');
    await it.page.value('document.body.append(kept); 0');
    await it.page.eventually("kept.querySelector('iframe')?.clientHeight > 40");
    assert.equal(await it.page.value('kept.state'), 'off');
    await it.close();
  });
});
