// The extension's pages in Firefox, as a person has them: to everybody, and with the rights that Firefox grants.
import assert from 'node:assert/strict';
import test from 'node:test';

import { lookInFirefox } from './axe.js';
import { FirefoxWithIt } from './extension_browser.js';
import { kNoFirefox } from './firefox.js';
import { packed } from './packed_extension.js';

const view = "browser.runtime.sendMessage({ to: 'hub', ask: 'view' })";
const ask = (what: object) => `browser.runtime.sendMessage(${JSON.stringify({ to: 'hub', ...what })})`;
const rights = 'browser.permissions.getAll().then(({ permissions }) => permissions.sort())';

test('the extension, in Firefox', { skip: kNoFirefox, timeout: 200_000 }, async (t) => {
  let running: { close(): Promise<void> } | null = null;
  const extension = await packed();
  t.after(async () => {
    await running?.close();
    await extension.close();
  });
  // What a test cannot press, the browser grants unasked.
  const browser = await FirefoxWithIt.launch(extension.firefox, extension.profile, {
    'extensions.webextOptionalPermissionPrompts': false,
  });
  running = browser;

  await t.test('axe finds nothing in any page, in both themes and directions, before and after consent', async () => {
    for (const name of ['welcome.html', 'options.html', 'popup.html']) {
      const page = await browser.open(name);
      await page.eventually("!!document.querySelector('main h1')?.textContent");
      for (const agrees of [false, true]) {
        await page.value(ask({ ask: agrees ? 'agree' : 'decline' }));
        for (const [lang, theme, dir] of [
          ['en', 'light', 'ltr'],
          ['fa', 'dark', 'rtl'],
        ]) {
          const { settings } = await page.value<{ settings: object }>(view);
          await page.value(ask({ ask: 'set', settings: { ...settings, lang, theme } }));
          await page.eventually(
            `document.documentElement.dir === '${dir}' && document.documentElement.dataset.theme === '${theme}'`,
          );
          await page.value("(document.querySelector('details') ?? {}).open = true");
          const { violations, passes } = await lookInFirefox(page);
          assert.deepEqual(violations, [], `${name} ${lang} ${agrees}`);
          assert.ok(passes > 10);
        }
      }
      await page.close();
    }
  });

  await t.test('a right is asked for in its tick, and there is none to go on without a window', async () => {
    const page = await browser.open('options.html');
    await page.eventually("!!document.querySelector('#people')?.value");
    assert.equal(await page.value("document.querySelector('#background') === null"), true);
    assert.deepEqual(await page.value(rights), ['alarms', 'storage']);
    await page.clickOn("document.querySelector('#notify')");
    await page.eventually(`${view}.then(({ settings }) => settings.notify)`);
    assert.deepEqual(await page.value(rights), ['alarms', 'notifications', 'storage']);
    await page.clickOn("document.querySelector('#notify')");
    await page.eventually(`${rights}.then((all) => !all.includes('notifications'))`);
    await page.clickOn("document.querySelector('#notify')");
    await page.eventually(`${view}.then(({ settings }) => settings.notify)`);
    await page.value("browser.permissions.remove({ permissions: ['notifications'] })"); // as in the browser's own page
    await page.eventually(`${view}.then(({ settings }) => !settings.notify)`);
    await page.eventually("!document.querySelector('#notify').checked");
    await page.close();
  });

  await t.test('erasing leaves nothing stored, no right, and another volunteer to whoever agrees again', async () => {
    const page = await browser.open('options.html');
    await page.eventually("!!document.querySelector('#people')?.value");
    const identity = "browser.storage.local.get('kept').then(({ kept }) => kept.identity.key)";
    await page.value(ask({ ask: 'agree' }));
    const before = await page.value<string>(identity);
    await page.clickOn("document.querySelector('#notify')");
    await page.eventually(`${view}.then(({ settings }) => settings.notify)`);
    await page.clickOn("document.querySelector('#erase')");
    await page.clickOn("document.querySelector('#erase-yes')");
    await page.eventually(`${view}.then(({ state }) => state === 'consent-required')`);
    await page.eventually("document.querySelector('.saved').textContent !== ''");
    assert.deepEqual(await page.value('browser.storage.local.get(null)'), {});
    assert.deepEqual(await page.value(rights), ['alarms', 'storage']);
    const asked = extension.asked();
    await page.value(ask({ ask: 'agree' }));
    assert.notEqual(await page.value<string>(identity), before);
    await page.eventually(`${view}.then(({ reason }) => reason === 'broker-silent')`);
    assert.ok(extension.asked() > asked, 'the next volunteer asks nobody');
    await page.close();
  });
});
