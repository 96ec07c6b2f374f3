// What carries between a client and an egress in a page, by itself, in each browser: every byte is right, and no queue grows without
// a bound, whoever is slow.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Chromium, kNoBrowser } from './chromium.js';
import { eventually } from './eventually.js';
import { Firefox, kNoFirefox } from './firefox.js';
import { Range, type Tab } from './range.js';

const kSizes = [1200, 16 * 1024];
const kMostInSocket = 512 * 1024; // what a page may hold for an egress that is slow
const kMostInChannel = 1024 * 1024;
const kSlowBytesPerSecond = 2_000_000;
const kGentle = 32 * 1024; // under way: half of what a relay holds at first, so that nothing is dropped
const kBlast = 8 * 1024 * 1024;
const kMs = 2_000;

interface Browser {
  open(url: string): Promise<Tab & { close(): Promise<void> }>;
  close(): Promise<void>;
}

const kBrowsers: [string, string | false, () => Promise<Browser>][] = [
  ['Chromium', kNoBrowser, () => Chromium.launch('--disable-features=WebRtcHideLocalIpsWithMdns')],
  ['Firefox', kNoFirefox, () => Firefox.launch()],
];

for (const [name, missing, launch] of kBrowsers) {
  test(`a relay in ${name}`, { skip: missing, timeout: 200_000 }, async (t) => {
    const browser = await launch();
    t.after(() => browser.close());

    // A page, an egress, and what `during` does with both.
    const range = async (lossy: boolean, during: (it: Range, tab: Tab) => Promise<void>) => {
      const it = await Range.open();
      const tab = await browser.open(it.url);
      try {
        await it.start(tab, lossy);
        await during(it, tab);
        assert.deepEqual((await it.page(tab)).thrown, []);
      } finally {
        await tab.close();
        await it.close();
      }
    };

    for (const bytes of kSizes) {
      await t.test(`messages of ${bytes} bytes are all there and right, both ways`, async () => {
        await range(false, async (it, tab) => {
          const [sent] = await Promise.all([
            tab.value<number>(`range.send(${bytes}, ${kGentle}, ${kMs})`),
            it.send(bytes, kGentle, kMs),
          ]);
          await eventually(() => it.seen.messages === sent, `${sent} messages, not ${it.seen.messages}`);
          await eventually(async () => (await it.page(tab)).messages === it.sent, `${it.sent} messages at the client`);
          assert.equal(it.seen.wrong + (await it.page(tab)).wrong, 0);
          assert.ok(it.seen.bytes > 500_000, `${it.seen.bytes}`);
        });
      });
    }

    await t.test('an egress that reads slowly is no burden', async () => {
      await range(true, async (it, tab) => {
        it.readSlowly(kSlowBytesPerSecond);
        await tab.value(`range.send(16384, ${kBlast}, ${2 * kMs})`);
        const { mostInSocket } = await it.page(tab);
        assert.ok(mostInSocket > 0 && mostInSocket <= kMostInSocket, `${mostInSocket}`);
      });
    });

    await t.test('a link that gets more than it carries is no burden either', async () => {
      await range(true, async (it, tab) => {
        await it.send(16384, kBlast, kMs);
        const { mostInChannel, messages } = await it.page(tab);
        assert.ok(messages > 0 && mostInChannel <= kMostInChannel, `${mostInChannel}`);
        assert.ok(it.sent > messages, 'the link carried all of it, so this said nothing');
      });
    });
  });
}
