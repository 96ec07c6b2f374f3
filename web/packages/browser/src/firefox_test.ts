// The drive of Firefox does what tests of it rely on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { eventually } from './eventually.js';
import { Firefox, kNoFirefox } from './firefox.js';

const kPage = `data:text/html,<title>a page</title><button onclick="this.textContent = event.isTrusted">no</button>`;

test('Firefox is led', { skip: kNoFirefox, timeout: 100_000 }, async (t) => {
  const firefox = await Firefox.launch({ 'general.useragent.override': 'somebody' });
  t.after(() => firefox.close());

  await t.test('scripts run in a tab, a hand clicks, what they throw is told', async () => {
    const page = await firefox.open(kPage, { init: 'window.early = document.title;' });
    assert.equal(await page.value('Promise.resolve(document.title)'), 'a page');
    assert.equal(await page.value('window.early'), '');
    assert.equal(await page.value('undefined'), undefined);
    await page.click('button');
    await page.eventually("document.querySelector('button').textContent === 'true'");
    await assert.rejects(page.value('nowhere.to.be.found'), /nowhere/);
    await page.close();
    await assert.rejects(page.value('1'));
  });

  await t.test('a setting of the profile holds', async () => {
    const page = await firefox.open(kPage);
    assert.equal(await page.value('navigator.userAgent'), 'somebody');
  });

  await t.test('an unpacked extension is installed and runs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'extension-'));
    const manifest = {
      manifest_version: 2,
      name: 'an extension',
      version: '1',
      browser_specific_settings: { gecko: { id: 'one@example.invalid' } },
      background: { scripts: ['background.js'], persistent: true },
      permissions: ['tabs'],
    };
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    await writeFile(join(folder, 'background.js'), "browser.tabs.create({ url: 'hello.html' });");
    await writeFile(join(folder, 'hello.html'), '<title>hello</title>');
    assert.equal(await firefox.install(folder), 'one@example.invalid');
    const page = await firefox.opened('/hello.html');
    await page.eventually("document.title === 'hello'");
    assert.equal(await page.value('browser.tabs.query({ title: "hello" }).then((found) => found.length)'), 1);
    await rm(folder, { recursive: true });
  });

  await t.test('what is asked of a browser that has ended fails', async () => {
    const other = await Firefox.launch();
    const never = (await other.open(kPage)).value('new Promise(() => {})');
    await Promise.all([assert.rejects(never, /ended/), other.close()]);
    await assert.rejects(other.send('browsingContext.getTree'), /ended/);
  });
});

// Processes of Firefox that were told of this folder.
async function users(folder: string): Promise<number> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => /^[^\0]*firefox/.test(line) && line.split('\0').includes(folder)).length;
}

test('Firefox ends with who leads it, also where that one is killed', {
  skip: kNoFirefox,
  timeout: 60_000,
}, async (t) => {
  const profile = await mkdtemp(join(tmpdir(), 'firefox-'));
  t.after(() => rm(profile, { recursive: true, force: true, maxRetries: 10 }));
  const module = new URL('firefox.js', import.meta.url).href;
  const script = `(await import('${module}')).Firefox.launchIn('${profile}')`;
  const leader = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  t.after(() => leader.kill('SIGKILL'));
  await eventually(async () => (await users(profile)) > 0, 'Firefox runs');
  leader.kill('SIGKILL');
  await eventually(async () => (await users(profile)) === 0, 'Firefox has ended');
});
