// Netstate's page in a browser, before an invented netstate that keeps to spec 18: what it shows is what it is told.
import assert from 'node:assert/strict';
import test from 'node:test';
import { type NodeFacts, parseSnapshot, type Snapshot } from '@footbridge/netstate/messages';
import { look } from './axe.js';
import { Chromium, kNoBrowser } from './chromium.js';
import { seriesOf } from './netstate_series.js';
import { NetstateServer } from './netstate_server.js';
import { NetstateWorld, type Wish } from './netstate_world.js';
import type { Page } from './page.js';

const kViews = ['overview', 'graph', 'world', 'table', 'history'];
const kSmall: Wish = { nodes: 40, egresses: 3, edges: 50, isPrivate: true };
const kKeepSaved = `{ const real = URL.createObjectURL; window.saved = [];
  URL.createObjectURL = (blob) => { window.saved.push(blob.text()); return real.call(URL, blob); };
  HTMLAnchorElement.prototype.click = function () {}; }`;
let chromium: Chromium;
const opened: NetstateServer[] = [];

interface Visit {
  world: NetstateWorld;
  server: NetstateServer;
  page: Page;
  close(): Promise<void>;
}

async function visit(
  wish: Wish,
  view: string,
  options: { width?: number; init?: string; token?: string } = {},
): Promise<Visit> {
  const world = new NetstateWorld(wish);
  const server = await NetstateServer.open(world);
  opened.push(server);
  server.series = seriesOf(360, 10, world.at);
  server.token = options.token ?? '';
  const page = await chromium.open(`${server.url}#${view}`, options);
  if (!options.token) await page.eventually("document.querySelector('.feed.live') !== null");
  const close = async () => {
    await page.close();
    assert.deepEqual(
      page.complaints.filter((line) => !/status of (401|503)/.test(line)),
      [],
    );
    const others = page.asked.filter(
      ({ url }) => !url.startsWith(server.url) && !url.startsWith('data:') && !url.startsWith('blob:'),
    );
    assert.deepEqual(others, [], 'asked somebody else');
  };
  return { world, server, page, close };
}

function somebody(id: string, more: Partial<NodeFacts> = {}): NodeFacts {
  return { id, role: 'page', state: 'ready', country: 'IS', people: 0, since: 600_000, tag: '', ...more };
}

const has = (text: string) => `document.querySelector('.place').textContent.includes('${text}')`;
const pause = (ms: number) => `new Promise((done) => setTimeout(done, ${ms}))`;

async function type(page: Page, text: string): Promise<void> {
  for (const key of text) await page.press(key, `Key${key.toUpperCase()}`, key);
}

async function tabTo(page: Page, what: string): Promise<void> {
  for (let presses = 0; presses < 60; ++presses) {
    if (await page.value<boolean>(`document.activeElement.matches(${JSON.stringify(what)})`)) return;
    await page.press('Tab');
  }
  assert.fail(`no way to ${what} by the keyboard`);
}

test('the page of netstate, in Chromium', { skip: kNoBrowser, timeout: 240_000 }, async (t) => {
  chromium = await Chromium.launch();
  t.after(async () => {
    await chromium.close();
    await Promise.all(opened.map((server) => server.close()));
  });

  await t.test('a change is there within a second, and one that was missed when the line is there again', async () => {
    const { world, server, page, close } = await visit(kSmall, 'table');
    const waits: number[] = [];
    for (const id of ['00000a01', '00000a02', '00000a03']) {
      const began = Date.now();
      server.say(world.change([somebody(id)]));
      await page.eventually(has(id));
      waits.push(Date.now() - began);
    }
    assert.ok(Math.min(...waits) <= 1_000, `${waits}`);
    server.interrupt();
    server.say(world.change([somebody('00000a04')], ['00000a01']));
    await page.eventually(has('00000a04'));
    assert.deepEqual(server.resumed, [String(world.version - 1)]);
    assert.equal(await page.value(has('00000a01')), false);
    await close();
  });

  await t.test('five seconds of silence are said, and a word ends them', async () => {
    const { world, server, page, close } = await visit(kSmall, 'overview');
    const banner = "!document.querySelector('.banner').hidden";
    assert.equal(await page.value(banner), false);
    server.silent = true;
    await page.eventually(banner);
    server.silent = false;
    server.say(world.change([somebody('00000a01')]));
    await page.eventually(`!(${banner})`);
    await page.eventually(has('Iceland'));
    await close();
  });

  await t.test('who has only a keyboard finds a node by country and role, and what is with it', async () => {
    const { world, page, close } = await visit({ nodes: 3_000, egresses: 4, edges: 3_500, isPrivate: true }, 'table');
    await tabTo(page, 'input[type=search]');
    await type(page, 'japan extension');
    const wanted = [...world.nodes.values()].filter(({ country, role }) => country === 'JP' && role === 'extension');
    assert.ok(wanted.length > 5);
    await page.eventually(`document.querySelector('.place .note').textContent.startsWith('${wanted.length} of 3,000')`);
    await tabTo(page, 'th:nth-child(5) button');
    await page.press('Enter', 'Enter', '\r');
    await page.press('Enter', 'Enter', '\r');
    assert.equal(await page.value("document.querySelector('th:nth-child(5)').ariaSort"), 'descending');
    await tabTo(page, 'tbody .link');
    const most = Math.max(...wanted.map(({ people }) => people ?? 0));
    const first = await page.value<string>('document.activeElement.textContent');
    assert.equal(world.nodes.get(first)?.people, most);
    await page.press('Enter', 'Enter', '\r');
    await page.eventually(`document.activeElement.textContent === 'Extension ${first}'`);
    const legs = [...world.edges.values()].filter(({ from }) => from === first).length;
    assert.equal(await page.value("document.querySelectorAll('.legs li').length"), legs);
    await page.press('Escape');
    assert.equal(await page.value('document.activeElement.textContent'), first, 'the focus is where it was');
    await close();
  });

  await t.test('nobody is kept out of any view, light or dark', async () => {
    const { page, close } = await visit(kSmall, 'overview');
    for (const scheme of ['light', 'dark']) {
      await page.media({ 'prefers-color-scheme': scheme });
      for (const view of kViews) {
        await page.value(`location.hash = '#${view}'; document.querySelector('footer details').open = true`);
        await page.eventually(`document.querySelector('.place').dataset.view === '${view}'`);
        if (view === 'history') await page.eventually("document.querySelector('.chart .mean') !== null");
        const { violations, passes } = await look(page, '');
        assert.deepEqual(violations, [], `${view}, ${scheme}`);
        assert.ok(passes > 20);
      }
    }
    await page.value("document.documentElement.dir = 'rtl'");
    assert.ok(
      await page.value('document.documentElement.scrollWidth <= innerWidth'),
      'from right to left it fits, too',
    );
    await close();
  });

  await t.test('the graph draws as many lines as there are people, and every node once', async () => {
    const { world, page, close } = await visit(kSmall, 'graph');
    await page.eventually(`netstate.views.graph.drawn.nodes === ${world.nodes.size}`);
    const drawn = await page.value<{
      nodes: number;
      edges: { from: string; to: string; lines: number; people: number }[];
    }>('netstate.views.graph.drawn');
    assert.equal(drawn.nodes, world.nodes.size);
    assert.equal(drawn.edges.length, world.edges.size);
    for (const { from, to, lines, people } of drawn.edges) {
      assert.equal(people, world.edges.get(`${from} ${to}`)?.people);
      assert.equal(lines, people >= 1 && people <= 5 ? people : 1);
    }
    await page.click("document.querySelector('.stage canvas')"); // somebody or nobody: it must not fail
    await close();
  });

  await t.test('a hidden tab draws nothing, and for who wants no motion nodes do not glide', async () => {
    const { world, server, page, close } = await visit({ ...kSmall, nodes: 400, edges: 500 }, 'graph');
    const frames = () => page.value<number>('netstate.views.graph.frames');
    await page.eventually('netstate.views.graph.frames > 5');
    const other = await chromium.open(`${server.url}netstate.css`);
    await other.bringToFront();
    await page.eventually('document.hidden');
    const before = await frames();
    server.say(world.step(20));
    await page.value(pause(1_000));
    assert.equal(await frames(), before);
    await other.close();
    await page.bringToFront();
    await page.media({ 'prefers-reduced-motion': 'reduce' });
    await page.value('location.reload()');
    await page.eventually("typeof netstate === 'object' && netstate.views.graph.drawn.nodes > 390");
    await page.value(pause(300));
    assert.ok((await frames()) < 12, `${await frames()} pictures`);
    await close();
  });

  await t.test('the world is drawn from what is here', async () => {
    const { world, page, close } = await visit(kSmall, 'world');
    await page.eventually('netstate.views.world.map.drawn > 0');
    const pairs = new Set(
      [...world.edges.values()].map(
        ({ from, to }) => `${world.nodes.get(from)?.country} ${world.nodes.get(to)?.country}`,
      ),
    );
    assert.equal(await page.value('netstate.views.world.map.drawn'), pairs.size);
    assert.equal(await page.value("document.querySelectorAll('.world tbody tr').length"), Math.min(40, pairs.size));
    await close();
  });

  await t.test('charts show what netstate has counted', async () => {
    const { server, page, close } = await visit(kSmall, 'history');
    await page.eventually("document.querySelector('.chart .mean') !== null");
    const told = server.series as ReturnType<typeof seriesOf>;
    assert.deepEqual(await page.value('netstate.views.history.series.values.people'), told.people);
    await page.value("document.querySelector('figure details').open = true");
    await page.eventually("document.querySelectorAll('figure tbody tr').length > 10");
    const shown = await page.value<string[]>(
      "[...document.querySelectorAll('figure:first-child tbody td')].map((cell) => cell.textContent)",
    );
    const newest = told.people.slice(-shown.length).reverse();
    assert.deepEqual(
      shown,
      newest.map((people) => (people === null ? 'fewer than 8' : String(people))),
    );
    await close();
  });

  await t.test('the last hour is shown again, and what is saved is what is shown', async () => {
    const { world, server, page, close } = await visit(kSmall, 'table', { init: kKeepSaved });
    const before = world.snapshot();
    for (let round = 0; round < 120; ++round) server.say(world.step(1));
    await page.eventually(`netstate.live.version === ${world.version}`);
    const saved = async (): Promise<Snapshot | null> => {
      await page.value(
        "[...document.querySelectorAll('.saving button')].find((it) => it.textContent === 'JSON').click()",
      );
      return parseSnapshot(JSON.parse(await page.value<string>('window.saved.at(-1)')));
    };
    const sorted = ({ nodes }: Snapshot) => nodes.map(({ id }) => id).sort();
    assert.deepEqual(await saved(), world.snapshot());
    await page.click("document.querySelector('.actions > button')");
    await page.eventually("!document.querySelector('.replay').hidden");
    // It is over in two seconds, perhaps before a click: that would begin it again.
    await page.value('netstate.player.pause(performance.now())');
    await page.value(
      "{ const it = document.querySelector('.replay input'); it.value = 0; it.dispatchEvent(new Event('input')); }",
    );
    assert.deepEqual(sorted((await saved()) as Snapshot), sorted(before));
    await page.click("document.querySelector('.replay .play')");
    await page.eventually(`netstate.shown.version === ${world.version}`, '', 'a minute of it is over in a second');
    assert.deepEqual(sorted((await saved()) as Snapshot), sorted(world.snapshot()));
    await page.value("[...document.querySelectorAll('.saving button')].find((it) => it.textContent === 'SVG').click()");
    const svg = await page.value<string>('window.saved.at(-1)');
    assert.equal(svg.match(/<circle |<polygon /g)?.length, world.nodes.size);
    await page.click("document.querySelector('.replay button:last-child')");
    assert.equal(await page.value("document.querySelector('.replay').hidden"), true);
    await close();
  });

  await t.test('a netstate that wants a token is told it once', async () => {
    const { server, page, close } = await visit(kSmall, 'table', { token: 'open-sesame' });
    const submit = async (token: string) => {
      await page.eventually("!document.querySelector('.token').hidden");
      await page.value(`document.querySelector('.token input').value = '${token}'`);
      await page.click("document.querySelector('.token button')");
    };
    const said = (words: string) => `document.querySelector('.wrong').textContent.includes('${words}')`;
    await submit('wrong');
    await page.eventually(said('not the token'));
    server.tokenTrouble = 503;
    await submit('open-sesame');
    await page.eventually(said('Try again'));
    server.tokenTrouble = 0;
    await submit('open-sesame');
    await page.eventually("document.querySelectorAll('.place tbody tr').length === 40");
    assert.equal(await page.value('document.cookie'), '');
    await close();
  });

  await t.test('ten thousand nodes are there, and the page does what it is asked meanwhile', async () => {
    const { page, close } = await visit({ nodes: 10_000, egresses: 12, edges: 14_000 }, 'graph');
    await page.eventually('netstate.views.graph.drawn.nodes === 10000');
    assert.equal(await page.value('netstate.views.graph.drawn.lines'), 14_000);
    await page.value("location.hash = '#overview'");
    await page.eventually(has('Germany'));
    await close();
  });
});
