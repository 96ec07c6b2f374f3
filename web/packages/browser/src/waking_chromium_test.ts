// A page that relays, when its tab was frozen, and when its network went away: it asks its broker again, and says what is true.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { Chromium, kNoBrowser } from './chromium.js';
import { eventually } from './eventually.js';
import type { Page } from './page.js';

const kBuilt = fileURLToPath(new URL('../../../../build/web/relay/', import.meta.url));
const kTypes: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm', '': 'text/html' };
const kNobody = Uint8Array.of(0x08, 1, 0x22, 0); // a broker's answer to a poll: nobody is there
const kHoldMs = 1_200; // longer than what counts as an answer that came too soon
const kFrozenMs = 5_000;

// The page, and a broker that holds each poll for so long, or until the end.
class Place {
  asked = 0;
  readonly #server: Server;

  private constructor(holdMs: number) {
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://x').pathname;
      if (request.method === 'POST') {
        ++this.asked;
        if (holdMs !== Number.POSITIVE_INFINITY) setTimeout(() => response.end(kNobody), holdMs);
        return;
      }
      if (path === '/config.json') {
        response.end(JSON.stringify({ brokers: [{ url: `${this.url}broker` }], relays: [] }));
        return;
      }
      readFile(`${kBuilt}${path === '/' ? 'index.html' : path}`).then(
        (text) => response.writeHead(200, { 'Content-Type': kTypes[extname(path)] ?? 'text/plain' }).end(text),
        () => response.writeHead(204).end(),
      );
    });
  }

  static async open(holdMs = Number.POSITIVE_INFINITY): Promise<Place> {
    const it = new Place(holdMs);
    await new Promise<void>((done) => it.#server.listen(0, '127.0.0.1', done));
    return it;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

test('a page that relays, in Chromium', { skip: kNoBrowser, timeout: 100_000 }, async (t) => {
  const chromium = await Chromium.launch();
  t.after(() => chromium.close());

  // A page whose button has been pressed, and has asked once.
  const during = async (place: Place, deeds: (page: Page) => Promise<void>) => {
    const page = await chromium.open(place.url);
    try {
      await page.eventually(
        "document.querySelector('button')?.textContent === 'Start' && !!document.querySelector('output').textContent",
      );
      await page.click("document.querySelector('button')");
      await eventually(() => place.asked > 0, 'it asks');
      await deeds(page);
      assert.deepEqual(page.complaints, []);
    } finally {
      await page.close();
      await place.close();
    }
  };
  const says = (state: string) => `JSON.parse(document.querySelector('output').textContent).state === '${state}'`;

  await t.test('asks again when the network is back, whatever it was waiting for', async () => {
    const place = await Place.open();
    await during(place, async (page) => {
      await page.offline(true);
      await page.eventually('!navigator.onLine');
      assert.equal(place.asked, 1);
      await page.offline(false);
      await eventually(() => place.asked > 1, 'it asks again');
    });
  });

  await t.test('asks again when its tab was frozen', async () => {
    const place = await Place.open(kHoldMs);
    await during(place, async (page) => {
      await page.eventually(says('waiting'));
      await page.freeze(true);
      const then = place.asked;
      await new Promise((done) => setTimeout(done, kFrozenMs));
      const before = place.asked;
      assert.ok(before <= then + 1, 'it was not frozen');
      await page.freeze(false);
      await eventually(() => place.asked > before + 1, 'it asks again and again');
      await page.eventually(says('waiting'));
    });
  });
});
