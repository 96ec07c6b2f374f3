// What a page finds out of its network, in the browsers that people have: with STUN servers of ours, which see what they are told to.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';

import { Chromium, kNoBrowser } from './chromium.js';
import { Firefox, kNoFirefox } from './firefox.js';
import { type SeenPort, StunStub } from './stun_stub.js';

const kRelay = new URL('../../relay/build/', import.meta.url);
const kAsPeopleHaveIt = { 'media.peerconnection.ice.obfuscate_host_addresses': true };
const silent: SeenPort = () => null;
const moved =
  (by: number): SeenPort =>
  (port) =>
    10_000 + ((port + by) % 50_000);

interface Tab {
  value<T>(expression: string): Promise<T>;
}

// A page that has the probe, and nothing else.
async function site(t: TestContext): Promise<string> {
  const server = createServer(async ({ url = '/' }, response) => {
    const script = /^\/\w+\.js$/.test(url);
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
    response.end(script ? await readFile(new URL(url.slice(1), kRelay)) : '<!doctype html><title>a page</title>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function finds(t: TestContext, tab: Tab, ...seen: SeenPort[]): Promise<string> {
  const stubs = await Promise.all(seen.map((each, index) => StunStub.open(`127.0.0.${1 + index}`, each)));
  t.after(() => {
    for (const stub of stubs) stub.close();
  });
  const servers = JSON.stringify(stubs.map(({ url }) => ({ urls: url })));
  const found = await tab.value<string>(
    `import('/network_probe.js').then(({ NetworkProbe }) => new NetworkProbe(${servers}).result())`,
  );
  for (const { asked } of stubs) assert.ok(asked > 0, 'nobody asked');
  return found;
}

async function findsEachKind(t: TestContext, tab: Tab): Promise<void> {
  const kinds = await Promise.all([
    finds(t, tab, moved(1), moved(1)),
    finds(t, tab, moved(1), moved(2)),
    finds(t, tab, silent, moved(1), moved(2)),
    finds(t, tab, silent, silent),
    finds(t, tab, silent, moved(1)),
    finds(t, tab),
  ]);
  assert.deepEqual(kinds, ['moderate', 'restricted', 'restricted', 'no-udp', 'unknown', 'unknown']);
}

test('a page in Chromium finds out its network', { skip: kNoBrowser, timeout: 100_000 }, async (t) => {
  const chromium = await Chromium.launch();
  t.after(() => chromium.close());
  await findsEachKind(t, await chromium.open(await site(t)));
});

test('a page in Firefox finds out its network', { skip: kNoFirefox, timeout: 100_000 }, async (t) => {
  const firefox = await Firefox.launch(kAsPeopleHaveIt);
  t.after(() => firefox.close());
  await findsEachKind(t, await firefox.open(await site(t)));
});
