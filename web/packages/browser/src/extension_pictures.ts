// Pictures of the extension's pages for people to look at: node build/extension_pictures.js FOLDER.
import { mkdir, writeFile } from 'node:fs/promises';
import { ChromiumWithIt } from './extension_browser.js';
import { packed } from './packed_extension.js';
import type { Page } from './page.js';

const folder = process.argv[2] ?? 'pictures';
await mkdir(folder, { recursive: true });
const extension = await packed();
const browser = await ChromiumWithIt.launch(extension.chrome, extension.profile);
const ask = (page: Page, what: object) =>
  page.value<{ settings: object }>(`chrome.runtime.sendMessage(${JSON.stringify({ to: 'hub', ...what })})`);

async function take(page: Page, name: string): Promise<void> {
  await page.value('new Promise((done) => setTimeout(done, 1_300))'); // it looks each second
  await writeFile(`${folder}/${name}.png`, await page.picture());
  console.log(name, page.complaints);
}

for (const [lang, theme] of [
  ['en', 'light'],
  ['en', 'dark'],
  ['fa', 'dark'],
  ['my', 'light'],
]) {
  const name = `${lang}-${theme}`;
  for (const [file, width, height] of [
    ['welcome', 800, 1200],
    ['options', 800, 2000],
    ['popup', 340, 620],
  ] as const) {
    const page = await browser.page(`${file}.html`, { width, height });
    await page.eventually("!!document.querySelector('main')");
    const { settings } = await ask(page, { ask: 'view' });
    await ask(page, { ask: 'set', settings: { ...settings, lang, theme } });
    if (file === 'popup') {
      await take(page, `popup-${name}-asks`);
      await ask(page, { ask: 'agree' });
      await take(page, `popup-${name}-on`);
      await ask(page, { ask: 'pause' });
    }
    if (file === 'options') {
      await page.value("(document.querySelector('details').open = true, document.querySelector('#erase').click(), 0)");
      await page.click("document.querySelector('#hours')");
    }
    await take(page, `${file}-${name}`);
    if (file === 'popup') await ask(page, { ask: 'erase' });
    await page.close();
  }
}
await browser.close();
await extension.close();
