// How it looks and reads: every layout, theme, direction and state is accessible; attributes act at once; nothing leaks either way; no
// language is too long for a narrow page; the privacy link and text are always there.
import assert from 'node:assert/strict';
import test from 'node:test';

import { loadStrings } from '@footbridge/frame/strings';
import { look } from './axe.js';
import { Chromium, kNoBrowser } from './chromium.js';
import { Sites } from './sites.js';
import { WidgetPage } from './widget_page.js';

const kLayouts = ['banner', 'panel', 'floating'];
const kThemes = ['light', 'dark'];
const kLanguages = ['en', 'ar', 'es-419', 'fa', 'my', 'ru', 'tr', 'uk', 'zh-Hans', 'zh-Hant'];
const kBox = "document.querySelector('footbridge-box')";
const kWidget = "document.querySelector('footbridge-widget')";
// All that is folded away, with hours to choose.
const kOpenAll = `${kBox}.updateComplete.then(() => {
  const root = ${kBox}.renderRoot;
  for (const each of root.querySelectorAll('details')) each.open = true;
  const only = root.querySelector('#hours');
  if (only && !only.checked) only.click();
})`;
const kStates = ['off', 'consent-required', 'starting', 'waiting', 'helping', 'paused', 'unavailable', 'risky'];
const kSentKeys = 11; // of web/packages/frame/src/strings/sent.ts
const kMarked = ['panel', 'fa', 'dark', 'consent-required'].join();
let chromium: Chromium;
let sites: Sites;

async function inState(state: string, lang: string): Promise<WidgetPage> {
  const mock = state === 'off' || state === 'consent-required' ? 'true' : state;
  const attributes = `lang="${lang}" data-mock="${mock}" data-collapse="false" data-title="true" data-menu="true" data-share="true"`;
  const it = await WidgetPage.open(chromium, sites.widget(attributes), { height: 1600 });
  if (state === 'consent-required') await it.click('.switch');
  if (!['off', 'consent-required', 'unavailable'].includes(state)) await it.agree();
  await it.untilState(state === 'risky' ? 'consent-required' : state);
  if (state === 'risky') await it.inFrame(`${kBox}.renderRoot.querySelector('[role=dialog]') !== null`);
  return it;
}

test('looks, in Chromium', { skip: kNoBrowser, timeout: 600_000 }, async (t) => {
  [chromium, sites] = await Promise.all([Chromium.launch('--force-prefers-reduced-motion'), Sites.open()]);
  t.after(async () => {
    await chromium.close();
    await sites.close();
  });

  await t.test('axe finds nothing in any layout, theme, direction and state', async () => {
    let looked = 0;
    const seen = new Set<string>();
    for (const lang of ['en', 'fa']) {
      for (const state of kStates) {
        const it = await inState(state, lang);
        for (const layout of kLayouts) {
          for (const theme of kThemes) {
            await it.set('data-layout', layout);
            await it.set('data-theme', theme);
            await it.inFrame(
              `${kBox}.renderRoot.querySelector('main.${layout}') && ${kBox}.getAttribute('theme') === '${theme}'`,
            );
            if (layout !== 'panel') await it.inFrame(`(${kBox}.folded = false, true)`);
            await it.frameValue(kOpenAll);
            for (const of of ['', '/frame.html']) {
              const { violations, passes } = await look(it.page, of);
              assert.deepEqual(violations, [], `${layout} ${theme} ${lang} ${state} ${of}`);
              assert.ok(passes > 5);
              ++looked;
            }
            seen.add([layout, lang, theme, state].join());
          }
        }
        await it.close();
      }
    }
    assert.ok(seen.has(kMarked));
    assert.equal(looked, kLayouts.length * kThemes.length * 2 * kStates.length * 2);
  });

  await t.test('a changed attribute shows at once, without a new frame', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-mock="helping"'));
    await it.frameValue('window.same = true');
    for (const [name, value, seen] of [
      ['data-layout', 'panel', `${kBox}.renderRoot.querySelector('main.panel') !== null`],
      ['data-theme', 'dark', `${kBox}.getAttribute('theme') === 'dark'`],
      ['data-globe', 'false', `${kBox}.renderRoot.querySelector('canvas') === null`],
      ['data-branding', 'false', `${kBox}.renderRoot.querySelector('.mark') === null`],
      ['data-menu', 'true', `${kBox}.renderRoot.querySelectorAll('.asides summary').length === 2`],
      ['lang', 'ar', "document.documentElement.dir === 'rtl'"],
    ] as const) {
      await it.set(name, value);
      await it.inFrame(seen);
    }
    assert.equal(await it.frameValue('window.same'), true);
    await it.close();
  });

  await t.test('each kind of network is said in words, with what to do, while it is on and looked at', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-mock="starting" data-collapse="false"'));
    const shown = (network: string) =>
      it.frameValue<string[] | null>(`(async () => {
        const box = ${kBox}, status = { ...box.volunteer.status, ...${network} };
        Object.defineProperty(box.volunteer, 'status', { configurable: true, value: status });
        box.requestUpdate();
        await box.updateComplete;
        const line = box.renderRoot.querySelector('.network');
        return line && [...line.querySelectorAll('p')].map((each) => each.textContent);
      })()`);
    assert.equal(await shown("{ network: 'moderate' }"), null, 'nobody has agreed');
    await it.agree();
    assert.equal(await shown('{ network: undefined }'), null);
    const { networks } = (await loadStrings(['en'])).strings;
    const { 'no-udp': shutOut, ...others } = networks;
    for (const [network, { is, step }] of Object.entries(others)) {
      assert.deepEqual(await shown(JSON.stringify({ state: 'waiting', network })), [is, step], network);
    }
    // Where nobody can come it is said instead, with a button to try again.
    assert.equal(await shown("{ state: 'waiting', network: 'no-udp' }"), null);
    assert.ok((await it.inBox('.note[role=status]')).includes(`${shutOut.is} ${shutOut.step}`));
    assert.notEqual(await it.inBox('button.retry'), '');
    await it.close();
  });

  await t.test('several on a page are each as they are told', async () => {
    const more = '<footbridge-widget id="b" lang="fa" data-layout="panel" data-theme="dark"></footbridge-widget>';
    const it = await WidgetPage.open(chromium, sites.widget('data-layout="banner"', { body: more }));
    await it.page.eventually("document.querySelector('#b iframe').clientHeight > 100");
    const places = await it.page.value<string[]>(
      "[...document.querySelectorAll('footbridge-widget')].map((w) => w.renderRoot.querySelector('.around').className)",
    );
    assert.deepEqual(
      places.map((text) => text.trim()),
      ['around banner', 'around panel dark'],
    );
    await it.close();
  });

  await t.test('styles leak neither way, and the page gets no names but the element', async () => {
    const head =
      '<style>* { color: red !important; font-size: 50px !important } iframe { display: none !important; width: 10px !important; border: 9px solid !important }</style>';
    const it = await WidgetPage.open(chromium, sites.widget('data-layout="panel"', { head }));
    assert.equal(
      await it.frameValue(`getComputedStyle(${kBox}.renderRoot.querySelector('h1')).color`),
      'rgb(18, 35, 46)',
    );
    assert.equal(
      await it.page.value(`getComputedStyle(${kWidget}.renderRoot.querySelector('.foot a')).fontSize`),
      '13px',
    );
    assert.equal(await it.page.value(`getComputedStyle(${kWidget}.querySelector('iframe')).borderTopWidth`), '0px');
    assert.equal(await it.page.value("getComputedStyle(document.querySelector('h1')).color"), 'rgb(255, 0, 0)');
    // Lit leaves its version, for who wonders why it is there twice; a number is a frame.
    const bare = await chromium.open(sites.host({ body: '' }));
    await bare.eventually("location.href !== 'about:blank' && document.readyState === 'complete'");
    const before = new Set(await bare.value<string[]>('Object.getOwnPropertyNames(window)'));
    await bare.close();
    const names = await it.page.value<string[]>('Object.getOwnPropertyNames(window)');
    assert.deepEqual(
      names.filter((name) => !before.has(name) && !/^(lit|reactiveElement|\d)/.test(name)),
      [],
    );
    await it.close();
  });

  await t.test(
    'every language fits into a page of 320 px, with its privacy link and text, in every layout',
    async () => {
      for (const lang of kLanguages) {
        const it = await WidgetPage.open(chromium, sites.widget(`lang="${lang}" data-mock="helping"`), {
          width: 320,
          height: 700,
        });
        for (const layout of kLayouts) {
          await it.set('data-layout', layout);
          await it.inFrame(`${kBox}.renderRoot.querySelector('main.${layout}') !== null`);
          await it.frameValue(`(${kBox}.folded = false, true)`);
          await it.frameValue(kOpenAll);
          const wide = `${kBox}.renderRoot.querySelector('main').scrollWidth - ${kBox}.renderRoot.querySelector('main').clientWidth`;
          assert.equal(await it.frameValue(wide), 0, `${lang} ${layout}`);
          assert.equal(
            await it.frameValue('document.documentElement.scrollWidth <= innerWidth'),
            true,
            `${lang} ${layout}`,
          );
          const link = await it.page.value<string>(`${kWidget}.renderRoot.querySelector('.foot a').href`);
          assert.match(link, /\/privacy\.html#/);
          assert.ok((await it.inBox('details .text')).length > 100, `${lang} ${layout}: no privacy text`);
        }
        assert.equal(await it.frameValue('document.documentElement.lang'), lang);
        await it.close();
      }
    },
  );

  await t.test('the privacy page speaks every language', async () => {
    const titles = new Set<string>();
    for (const lang of kLanguages) {
      const page = await chromium.open(`${sites.ours}/privacy.html#${lang}`);
      await page.eventually("document.querySelectorAll('main p').length > 6");
      assert.equal(await page.value("document.querySelectorAll('main li').length"), kSentKeys, lang);
      titles.add(await page.value<string>('document.title'));
      const { violations } = await look(page, '');
      assert.deepEqual(violations, [], lang);
      await page.close();
    }
    assert.ok(titles.size >= 8, [...titles].join()); // some share a word
  });

  await t.test('the exit toast comes once, while helping, and Escape closes it', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-mock="helping"'));
    const leave = "document.dispatchEvent(new MouseEvent('mouseout', { clientY: -1, relatedTarget: null })); 0";
    const toast = `${kWidget}.renderRoot.querySelector('.toast')`;
    await it.page.value(leave);
    assert.equal(await it.page.value(`${toast} === null`), true);
    await it.agree();
    await it.untilState('helping');
    await it.page.value(leave);
    await it.page.eventually(`${toast} !== null`);
    await it.page.value("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })); 0");
    await it.page.eventually(`${toast} === null`);
    await it.page.value(leave);
    await it.page.value(`${kWidget}.updateComplete`);
    assert.equal(await it.page.value(`${toast} === null`), true);
    await it.close();
  });

  await t.test('the editor writes attributes and the tag to copy', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-mock="helping" data-editor="true"'));
    const field = `${kWidget}.renderRoot.querySelector('#editor select')`;
    await it.page.eventually(`${field} !== null`);
    await it.page.value(`${field}.value = 'panel'; ${field}.dispatchEvent(new Event('change')); 0`);
    await it.inFrame(`${kBox}.renderRoot.querySelector('main.panel') !== null`);
    const tag = await it.page.value<string>(`${kWidget}.renderRoot.querySelector('#editor textarea').value`);
    assert.match(tag, /<footbridge-widget data-layout="panel" data-mock="helping"><\/footbridge-widget>$/);
    const { violations } = await look(it.page, '');
    assert.deepEqual(violations, []);
    await it.close();
  });
});
