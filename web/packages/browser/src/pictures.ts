// Pictures of every layout for people to look at: node build/pictures.js FOLDER.
import { mkdir, writeFile } from 'node:fs/promises';
import { Chromium } from './chromium.js';
import { Sites } from './sites.js';
import { WidgetPage } from './widget_page.js';

const folder = process.argv[2] ?? 'pictures';
await mkdir(folder, { recursive: true });
const sites = await Sites.open();
const chromium = await Chromium.launch();
const ground = '<style>body{font:16px/1.6 system-ui;margin:24px;background:#eef1f3}p{max-width:60ch}</style>';
const text = '<p>Some words of the page around it, so that one sees how it sits there.</p>';
for (const [name, attributes, width] of [
  ['banner-folded', 'data-mock="helping"', 1024],
  ['banner', 'data-mock="helping" data-collapse="false" data-title="true" data-menu="true"', 1024],
  ['banner-dark-fa', 'lang="fa" data-theme="dark" data-mock="helping" data-collapse="false" data-title="true"', 1024],
  ['banner-phone', 'data-mock="helping" data-collapse="false"', 360],
  ['panel', 'data-layout="panel" data-mock="helping" data-share="true" data-menu="true"', 1024],
  ['panel-dark-my', 'lang="my" data-theme="dark" data-layout="panel" data-mock="waiting"', 360],
  ['panel-unavailable', 'data-layout="panel"', 1024],
  ['floating', 'data-layout="floating" data-mock="helping" data-collapse="false"', 1024],
  ['floating-folded', 'data-layout="floating" data-mock="helping"', 1024],
  ['panel-open', 'data-layout="panel" data-mock="helping"', 1024],
  ['panel-open-dark-ar', 'lang="ar" data-theme="dark" data-layout="panel" data-mock="helping"', 360],
  ['panel-risky', 'data-layout="panel" data-mock="risky"', 1024],
] as const) {
  const url = sites.widget(attributes, { head: ground, body: text });
  const it = await WidgetPage.open(chromium, url, { width, height: name.includes('open') ? 2_000 : 900 });
  if (attributes.includes('mock')) {
    if (['banner-folded', 'panel'].includes(name)) {
      await it.click('.switch');
      await it.inFrame("!!document.querySelector('footbridge-box').renderRoot.querySelector('.yes')");
      await writeFile(`${folder}/${name}-asking.png`, await it.page.picture());
      await it.click('.switch');
    }
    await it.agree();
    if (name.includes('open')) {
      await it.frameValue(
        "document.querySelector('footbridge-box').renderRoot.querySelectorAll('details').forEach((each) => { each.open = true; })",
      );
    }
    await it.page.value('scrollTo(0, 0)');
  }
  await it.page.value('new Promise((done) => setTimeout(done, 600))');
  console.log(name, await it.state(), it.page.complaints);
  await writeFile(`${folder}/${name}.png`, await it.page.picture());
  await it.close();
}
await chromium.close();
await sites.close();
