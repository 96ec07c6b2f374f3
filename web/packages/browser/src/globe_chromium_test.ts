// The globe costs nothing where it is not seen.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Chromium, kNoBrowser } from './chromium.js';
import { Sites } from './sites.js';
import { WidgetPage } from './widget_page.js';

const kCount = `window.drawn = 0; { const real = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...a) { ++window.drawn; return real.apply(this, a); }; }`;
// Of the picture that was drawn last.
const kArcs = `window.arcs = 0; { const it = CanvasRenderingContext2D.prototype, { clearRect, bezierCurveTo } = it;
  it.clearRect = function (...a) { window.arcs = 0; return clearRect.apply(this, a); };
  it.bezierCurveTo = function (...a) { ++window.arcs; return bezierCurveTo.apply(this, a); }; }`;
// Another tab of this site, whose relay runs, has the lock.
const kOtherTab = "void navigator.locks.request('footbridge-relay', () => new Promise(() => {}))";
const kSecond = 'new Promise((done) => setTimeout(done, 1000))';
const kBox = "document.querySelector('footbridge-box')";
let chromium: Chromium;
let still: Chromium; // of somebody who wants no motion
let sites: Sites;

async function drawnInASecond(it: WidgetPage): Promise<number> {
  const before = await it.frameValue<number>('window.drawn');
  await it.page.value(kSecond);
  return (await it.frameValue<number>('window.drawn')) - before;
}

test('the globe, in Chromium', { skip: kNoBrowser, timeout: 200_000 }, async (t) => {
  const launched = [Chromium.launch(), Chromium.launch('--force-prefers-reduced-motion')] as const;
  [chromium, still, sites] = await Promise.all([...launched, Sites.open()]);
  t.after(async () => {
    await chromium.close();
    await still.close();
    await sites.close();
  });

  await t.test('it is fetched when it is shown, and not before', async () => {
    const fetched = (it: WidgetPage) => it.page.asked.some(({ url }) => url.includes('globe_view'));
    const it = await WidgetPage.open(chromium, sites.widget('data-globe="false" data-layout="panel"'));
    await it.page.value(kSecond);
    assert.equal(fetched(it), false);
    await it.set('data-globe', 'true');
    await it.inFrame(`${kBox}.renderRoot.querySelector('canvas')?.width > 100`);
    assert.equal(fetched(it), true);
    await it.close();
    const folded = await WidgetPage.open(chromium, sites.widget());
    await folded.page.value(kSecond);
    assert.equal(fetched(folded), false);
    await folded.close();
  });

  await t.test('it turns when seen, and draws nothing when scrolled away or taken off', async () => {
    const tall = '<div style="height:3000px"></div>';
    const options = { init: kCount };
    const it = await WidgetPage.open(chromium, sites.widget('data-layout="panel"', { body: tall }), options);
    await it.inFrame('window.drawn > 3');
    // The frame's foot is in view, so the browser goes on asking it for pictures; the globe is not.
    await it.page.value(
      "scrollBy(0, document.querySelector('footbridge-widget iframe').getBoundingClientRect().bottom - 100)",
    );
    await it.page.value(kSecond);
    assert.equal(await drawnInASecond(it), 0);
    await it.page.value('scrollTo(0, 2500)');
    await it.page.value(kSecond);
    assert.equal(await drawnInASecond(it), 0);
    await it.page.value('scrollTo(0, 0)');
    const before = await it.frameValue<number>('window.drawn');
    await it.inFrame(`window.drawn > ${before}`);
    await it.set('data-globe', 'false');
    await it.inFrame(`${kBox}.renderRoot.querySelector('canvas') === null`);
    assert.equal(await drawnInASecond(it), 0);
    await it.close();
  });

  await t.test('it draws nothing in a hidden tab', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-layout="panel"'), { init: kCount });
    await it.inFrame('window.drawn > 3');
    const other = await chromium.open(sites.host({ body: 'another tab' }));
    await other.bringToFront();
    await it.page.eventually('document.hidden');
    await it.page.value('new Promise((done) => setTimeout(done, 200))');
    assert.equal(await drawnInASecond(it), 0);
    await other.close();
    await it.close();
  });

  await t.test('for who wants no motion it draws once', async () => {
    const it = await WidgetPage.open(still, sites.widget('data-layout="panel"'), { init: kCount });
    await it.inFrame('window.drawn > 0');
    await it.page.value(kSecond);
    assert.equal(await it.frameValue('window.drawn'), 1);
    await it.close();
  });

  await t.test('its arcs and the words say the same, and nothing where nobody knows', async () => {
    const it = await WidgetPage.open(still, sites.widget('data-layout="panel"'), { init: kArcs });
    await it.inFrame(`${kBox}.renderRoot.querySelector('canvas')?.width > 100`);
    const tell = async (countries: unknown[]) => {
      const status = { state: 'helping', helpingNow: 3, helpedToday: 3, bytesUp: 1, bytesDown: 1, countries };
      await it.frameValue(`new BroadcastChannel('footbridge-relay').postMessage(${JSON.stringify({ status })})`);
    };
    const shows = (line: string, arcs: number) =>
      it.inFrame(`(${kBox}.renderRoot.querySelector('.from')?.textContent ?? '') === '${line}' && arcs === ${arcs}`);
    const iran = { country: 'IR', people: 2 };
    const nobodyKnows = { country: '??', people: 1 };
    await it.frameValue(kOtherTab);
    await tell([nobodyKnows, iran]);
    await shows('From: Iran (2) and elsewhere', 1);
    await tell([iran, { country: 'RU', people: 1 }]);
    await shows('From: Iran (2) and Russia', 2);
    await tell([{ country: '192.0.2.1', people: 1 }]); // is no status, so what was said last holds
    await tell([nobodyKnows]);
    await shows('', 0);
    await it.untilState('helping');
    assert.doesNotMatch(await it.frameValue<string>(`${kBox}.renderRoot.innerHTML`), /\d+\.\d+\.\d+/);
    await it.close();
  });

  await t.test('without it the box works', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-layout="panel" data-mock="helping"'), {
      init: 'delete window.HTMLCanvasElement.prototype.getContext',
    });
    await it.agree();
    await it.untilState('helping');
    assert.match(await it.inBox('.from'), /Iran/);
    await it.close();
  });
});
