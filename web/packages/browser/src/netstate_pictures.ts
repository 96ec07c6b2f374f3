// Pictures of netstate's page for people to look at: node build/netstate_pictures.js FOLDER [WHICH]. Some of them are in docs/images.
import { mkdir, writeFile } from 'node:fs/promises';
import { Chromium } from './chromium.js';
import { seriesOf } from './netstate_series.js';
import { NetstateServer } from './netstate_server.js';
import { NetstateWorld, type Wish } from './netstate_world.js';

const folder = process.argv[2] ?? 'pictures';
const only = process.argv[3] ?? '';
await mkdir(folder, { recursive: true });
const kWide = 1280;
const kSome: Wish = { nodes: 20, egresses: 2, edges: 22, isPrivate: true };
const kMany: Wish = { nodes: 2_000, egresses: 6, edges: 2_800 };

const browsers = { light: await Chromium.launch(), dark: await Chromium.launch('--force-dark-mode') };
const pictures: [name: string, wish: Wish, view: string, theme: 'light' | 'dark', width: number][] = [
  ['empty', { nodes: 0 }, 'overview', 'light', kWide],
  ['overview', kMany, 'overview', 'light', kWide],
  ['overview-dark', kMany, 'overview', 'dark', kWide],
  ['20', kSome, 'graph', 'light', kWide],
  ['20-dark', kSome, 'graph', 'dark', kWide],
  ['2000', kMany, 'graph', 'light', kWide],
  ['2000-dark', kMany, 'graph', 'dark', kWide],
  ['world', kMany, 'world', 'light', kWide],
  ['world-dark', kMany, 'world', 'dark', kWide],
  ['table', kSome, 'table', 'light', kWide],
  ['history', kMany, 'history', 'light', kWide],
  ['history-dark', kMany, 'history', 'dark', kWide],
  ['phone', kSome, 'overview', 'light', 390],
];
for (const [name, wish, view, theme, width] of pictures) {
  if (!name.startsWith(only)) continue;
  const world = new NetstateWorld(wish);
  const server = await NetstateServer.open(world);
  server.series = seriesOf(360, 10, world.at);
  const page = await browsers[theme].open(`${server.url}#${view}`, { width, height: 900 });
  await page.eventually("document.querySelector('.feed.live') !== null");
  await page.eventually("document.querySelector('.place > section') !== null");
  await page.value('new Promise((done) => setTimeout(done, 4000))');
  console.log(name, page.complaints);
  await writeFile(`${folder}/netstate-${name}.webp`, await page.picture('webp'));
  await page.close();
  await server.close();
}
await Promise.all([browsers.light.close(), browsers.dark.close()]);
