// A host's page that means harm (threat T21): it speaks nonsense, forges consent, hands in markup, and has a policy of its own.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { Chromium, kNoBrowser } from './chromium.js';
import { Sites } from './sites.js';
import { WidgetPage } from './widget_page.js';

const kBox = "document.querySelector('footbridge-box')";
const kSeen = `${kBox}.renderRoot.querySelector('main').outerHTML`;
const kMarkup = [
  '<script>parent.pwned = 1</script>',
  '<img src=x onerror="window.pwned = 1">',
  '<svg onload=pwned=1>',
  '"><img src=x onerror=pwned=1>',
  "'><script>pwned=1</script>",
  '<iframe srcdoc="<script>parent.pwned=1</script>">',
  '<a href="javascript:pwned=1">x</a>',
  'javascript:pwned=1',
  '<body onload=pwned=1>',
  '<style>@import "//x"</style>',
  '<math><mtext></table><mglyph><style><img src=x onerror=pwned=1>',
  '<template shadowrootmode=open><img src=x onerror=pwned=1></template>',
  '<details open ontoggle=pwned=1>',
  '<input autofocus onfocus=pwned=1>',
  `$\{pwned=1}`,
  '{{pwned=1}}',
  '<!--<img src="--><img src=x onerror=pwned=1>',
  '\u003cimg src=x onerror=pwned=1\u003e',
  '<video><source onerror=pwned=1>',
  '<footbridge-box></footbridge-box><object data="data:text/html,x">',
];
let chromium: Chromium;
let sites: Sites;

// What the documentation tells embedders to write: a policy, and the two lines of the widget.
async function documented(what: RegExp): Promise<string> {
  const page = await readFile(new URL('../../../../docs/ops/widget.md', import.meta.url), 'utf8');
  const text = what.exec(page)?.[1];
  assert.ok(text, `docs/ops/widget.md has no ${what}`);
  return text.replaceAll('https://volunteer.example', sites.ours);
}
const kPolicy = /^Content-Security-Policy: (default-src .*)$/m;
const kTag = /^(<script type="module".*\n<footbridge-widget><\/footbridge-widget>)$/m;

test('a hostile page, in Chromium', { skip: kNoBrowser, timeout: 300_000 }, async (t) => {
  [chromium, sites] = await Promise.all([Chromium.launch(), Sites.open()]);
  t.after(async () => {
    await chromium.close();
    await sites.close();
  });

  await t.test('10,000 malformed messages change nothing', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-globe="false"'));
    await it.click('.switch');
    await it.untilState('consent-required');
    const before = await it.frameValue<string>(kSeen);
    await it.page.value(`(() => {
      let seed = 7;
      const some = (n) => (seed = (seed * 48271) % 2147483647) % n;
      const types = ['appearance', 'stop ', 'start', 'agree', 'consent', 'confirmed', 'state', 'size', 'confirm', 'setLimits', '', null, 7];
      const values = [null, undefined, true, 1, -1, NaN, '', 'x'.repeat(9999), [], {}, { length: 9 }, new Date(), new Map([[1, 2]])];
      const frame = document.querySelector('footbridge-widget iframe').contentWindow;
      for (let i = 0; i < 10000; ++i) {
        const appearance = { layout: ['panel', 'x', 1][some(3)], theme: values[some(values.length)], lang: '<b>', globe: values[some(13)] };
        const message = { mark: some(9) ? 'footbridge/1' : 'other', type: types[some(types.length)], appearance, nonce: '0'.repeat(some(40)),
          consent: true, state: 'helping', helpingNow: 9, height: 9, status: values[some(values.length)] };
        frame.postMessage(some(4) ? message : values[some(values.length)], '*');
      }
      return new Promise((done) => setTimeout(done, 1000));
    })()`);
    assert.equal(await it.frameValue(kSeen), before);
    assert.equal(await it.state(), 'consent-required');
    assert.deepEqual(it.page.complaints, []);
    await it.set('data-layout', 'panel'); // it still listens to what is well formed
    await it.inFrame(`${kBox}.renderRoot.querySelector('main.panel') !== null`);
    await it.close();
  });

  await t.test('consent that the page forges, by whatever message from wherever, starts nothing', async () => {
    const other = `<iframe name="other" srcdoc="<script>onmessage = (e) => top.frames[0].postMessage(e.data, '*')</script>"></iframe>`;
    const it = await WidgetPage.open(chromium, sites.widget('', { body: other }));
    await it.click('.switch');
    await it.untilState('consent-required');
    await it.page.value(`(() => {
      const frame = document.querySelector('footbridge-widget iframe').contentWindow;
      const nonce = '0'.repeat(32);
      for (const type of ['start', 'agree', 'agreed', 'consent', 'confirmed', 'switch']) {
        for (const mark of ['footbridge/1', undefined]) {
          for (const message of [{ mark, type, nonce }, { mark, type, command: 'start', consent: true, version: 1 }]) {
            frame.postMessage(message, '*');
            document.querySelector('[name=other]').contentWindow.postMessage(message, '*');
          }
        }
      }
      const event = { isTrusted: true, bubbles: true, composed: true };
      document.querySelector('footbridge-widget iframe').dispatchEvent(new MouseEvent('click', event));
      document.querySelector('footbridge-widget').dispatchEvent(new CustomEvent('footbridge-state', { detail: { state: 'helping' } }));
      new BroadcastChannel('footbridge-relay').postMessage({ status: { state: 'helping' } });
      localStorage.setItem('footbridge-consent', '{"version":1}');
      return new Promise((done) => setTimeout(done, 500));
    })()`);
    assert.equal(await it.state(), 'consent-required');
    assert.equal(await it.frameValue(`${kBox}.volunteer.status.state`), 'off');
    assert.equal(sites.brokerAsked, 0);
    assert.deepEqual(
      it.page.asked.filter(({ kind, url }) => kind !== 'request' || /core\.wasm|config\.json|worker\.js/.test(url)),
      [],
    );
    await it.close();
  });

  await t.test('a frame of the same origin as its page stays off and says why', async () => {
    const page = await chromium.open(`${sites.ours}/sample.html`);
    await page.eventually("document.querySelector('footbridge-widget iframe')?.clientHeight > 40");
    await page.value("document.querySelector('footbridge-widget').remove()");
    const tag = "Object.assign(document.createElement('footbridge-widget'), { id: 'w' })";
    await page.value(`document.body.append(${tag})`);
    await page.eventually("document.querySelector('#w').state === 'unavailable'");
    await page.close();
  });

  await t.test('markup in what a broker says, and in every attribute, is text', async () => {
    const it = await WidgetPage.open(chromium, sites.widget('data-layout="panel" data-mock="helping"'));
    await it.agree();
    await it.untilState('helping');
    for (const text of kMarkup) {
      const said = JSON.stringify(text);
      await it.frameValue(`(() => {
        const box = ${kBox}, { strings } = box.speech;
        const status = { state: 'helping', reason: ${said}, helpingNow: 1, helpedToday: 1, bytesUp: 1, bytesDown: 1, countries: [{ country: ${said}, people: 1 }] };
        const shown = { status, state: 'helping', reason: ${said}, isOn: true };
        const of = (real, name) => (typeof real[name] === 'function' ? real[name].bind(real) : real[name]);
        box.volunteer = new Proxy(box.volunteer, { get: (real, name) => (name in shown ? shown[name] : of(real, name)) });
        box.speech = { ...box.speech, strings: { ...strings, title: ${said}, lead: ${said}, from: ${said}, howText: [${said}] } };
        return box.updateComplete;
      })()`);
      assert.equal(await it.inBox('h1'), text.trim());
      assert.equal(await it.inBox('.lead'), text.trim());
      const strange = `${kBox}.renderRoot.querySelectorAll('script, img, iframe, object, style, a, video, math, footbridge-box').length`;
      assert.equal(await it.frameValue(strange), 0, text);
    }
    for (const text of kMarkup) {
      for (const name of [
        'data-layout',
        'data-theme',
        'lang',
        'data-title',
        'data-info-link',
        'data-share',
        'data-keep-text',
      ])
        await it.set(name, text);
      const around =
        "document.querySelector('footbridge-widget').renderRoot.querySelectorAll('script, img, iframe, object, a[href^=j]').length";
      assert.equal(await it.page.value(around), 0, text);
    }
    assert.equal(await it.page.value("'pwned' in window"), false);
    assert.equal(await it.frameValue("'pwned' in window"), false);
    await it.close();
  });

  await t.test('a page of the strictest policy works with the documented sources, without one violation', async () => {
    const headers = { 'Content-Security-Policy': await documented(kPolicy) };
    const it = await WidgetPage.open(
      chromium,
      sites.widget('data-mock="helping" data-collapse="false" data-toast="true"', { headers }),
    );
    await it.inFrame(`${kBox}.renderRoot.querySelector('canvas')?.width > 100`);
    await it.agree();
    await it.untilState('helping');
    assert.deepEqual(it.page.complaints, []);
    await it.close();
  });

  await t.test(
    'the two lines of the documentation make a volunteer of a plain page, under the documented policy',
    async () => {
      const headers = { 'Content-Security-Policy': await documented(kPolicy) };
      const it = await WidgetPage.open(chromium, sites.host({ body: await documented(kTag), headers }));
      await it.agree();
      await it.inFrame(`${kBox}.volunteer.reason === 'broker-silent'`);
      assert.ok(sites.brokerAsked > 0);
      assert.deepEqual(it.page.complaints, []);
      await it.close();
    },
  );

  await t.test('a page that pins the widget gets that one or none', async () => {
    const text = await readFile(new URL('../../../../build/web/widget.js', import.meta.url));
    const right = `sha384-${createHash('sha384').update(text).digest('base64')}`;
    const body = '<footbridge-widget></footbridge-widget>';
    for (const [integrity, defined] of [
      [right, true],
      [`sha384-${'A'.repeat(64)}`, false],
    ] as const) {
      const head = `<script type="module" crossorigin integrity="${integrity}" src="${sites.ours}/widget.js"></script>`;
      const page = await chromium.open(sites.host({ head, body }));
      await page.eventually("location.href !== 'about:blank' && document.readyState === 'complete'");
      assert.equal(await page.value("!!customElements.get('footbridge-widget')"), defined);
      await page.close();
    }
  });
});
