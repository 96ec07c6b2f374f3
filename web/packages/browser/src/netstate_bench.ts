// Measures netstate's page with 10,000 nodes and 14,000 legs, of which some change all the time, and prints a line of JSON per figure:
// node netstate_bench.js [ROUNDS] [SECONDS of each].
import { Chromium } from './chromium.js';
import { NetstateServer } from './netstate_server.js';
import { NetstateWorld } from './netstate_world.js';
import type { Page } from './page.js';

const rounds = Number(process.argv[2] ?? '3');
const seconds = Number(process.argv[3] ?? '6');
const kChangesOfADelta = 20;
const kDeltaMs = 500;

// When the first snapshot was heard, and when a picture of it had been made.
const kWatch = `window.marks = {}; { const real = EventSource.prototype.addEventListener;
  const painted = () => { const then = new MessageChannel(); then.port1.onmessage = () => { marks.painted ??= performance.now(); };
    requestAnimationFrame(() => then.port2.postMessage(0)); };
  const see = () => (document.querySelector('.matrix') ? painted() : requestAnimationFrame(see));
  EventSource.prototype.addEventListener = function (type, listener) {
    return real.call(this, type, type !== 'snapshot' ? listener : (event) => { marks.heard ??= performance.now(); listener(event); see(); });
  }; }`;

// Frames of each second while somebody moves the picture, and the longest time between two.
const kFrames = (duration: number) => `new Promise((done) => {
  const began = performance.now();
  const perSecond = [];
  let [last, frames, second, stall] = [began, 0, began, 0];
  const each = (now) => {
    stall = Math.max(stall, now - last);
    last = now;
    ++frames;
    netstate.views.graph.camera.pan(Math.sin(now / 300) * 3, 0);
    netstate.views.graph.pick(null);
    if (now - second >= 1000) { perSecond.push((frames * 1000) / (now - second)); [frames, second] = [0, now]; }
    if (now - began < ${duration * 1_000}) requestAnimationFrame(each); else done({ perSecond, stall });
  };
  requestAnimationFrame(each);
})`;

const figures = {
  first_paint: { unit: 'ms', values: [] as number[] },
  usable: { unit: 's', values: [] as number[] },
  frames_per_s: { unit: '/s', values: [] as number[] },
  stall: { unit: 'ms', values: [] as number[] },
  delta: { unit: 'ms', values: [] as number[] },
};

async function deltaMs(page: Page, server: NetstateServer, world: NetstateWorld, number: number): Promise<number> {
  const id = `0000ab${number.toString(16).padStart(2, '0')}`;
  await page.value(`document.querySelector('input[type=search]').value = '${id}';
    document.querySelector('.toolbar').dispatchEvent(new Event('input'))`);
  const began = performance.now();
  server.say(world.change([{ id, role: 'page', state: 'ready', country: 'IS', people: null, since: 0 }]));
  await page.eventually(`document.querySelector('.place tbody .link')?.textContent === '${id}'`);
  return performance.now() - began;
}

const chromium = await Chromium.launch();
for (let round = 0; round < rounds; ++round) {
  const world = new NetstateWorld({ seed: round + 1, nodes: 10_000, egresses: 12, edges: 14_000 });
  const server = await NetstateServer.open(world);
  const overview = await chromium.open(server.url, { width: 1280, height: 900, init: kWatch });
  await overview.eventually('marks.painted !== undefined');
  figures.first_paint.values.push(await overview.value<number>('marks.painted - marks.heard'));
  await overview.close();
  const page = await chromium.open(`${server.url}#graph`, { width: 1280, height: 900 });
  await page.eventually("typeof netstate === 'object' && netstate.views.graph.drawn.nodes === 10000");
  figures.usable.values.push((await page.value<number>('performance.now()')) / 1_000);
  const changes = setInterval(() => server.say(world.step(kChangesOfADelta)), kDeltaMs);
  const { perSecond, stall } = await page.value<{ perSecond: number[]; stall: number }>(kFrames(seconds));
  clearInterval(changes);
  figures.frames_per_s.values.push(...perSecond);
  figures.stall.values.push(stall);
  await page.value("location.hash = '#table'");
  for (let number = 0; number < 5; ++number)
    figures.delta.values.push(await deltaMs(page, server, world, round * 5 + number));
  await page.close();
  await server.close();
}
await chromium.close();
for (const [name, { unit, values }] of Object.entries(figures)) {
  const suffix = unit === '/s' ? '' : `_${unit}`;
  console.log(JSON.stringify({ name: `netstate.page.${name}${suffix}`, unit, values }));
}
