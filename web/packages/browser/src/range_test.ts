// What carries between a client and an egress in a page, by itself, in each browser: every byte is right, and no queue grows without
// a bound, whoever is slow. That a session's ends have every byte right where messages are lost is tests/e2e/web_volunteer.py's to show.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Chromium, kNoBrowser } from './chromium.js';
import { Firefox, kNoFirefox } from './firefox.js';
import { Range, type Tab } from './range.js';

const kSizes = [1200, 16 * 1024];
const kFileBytes = 50_000_000;
const kGentle = 32 * 1024; // under way: half of what a relay holds at first
const kMostInSocket = 512 * 1024; // RLY-B5: what a page may hold for an egress that is slow
const kMostInChannel = 1024 * 1024;
const kSlowBytesPerSecond = 2_000_000;
const kBlast = 8 * 1024 * 1024; // under way: what a browser's client can send
const kPieceMs = 5_000; // of what is told to a browser at once
const kSlowPieces = 6;
const kMostPieces = 24; // where the client is slow, too, as the machine is busy
const kBlastMs = 2_000;

interface Browser {
  open(url: string): Promise<Tab & { close(): Promise<void> }>;
  close(): Promise<void>;
}

const kBrowsers: [string, string | false, () => Promise<Browser>][] = [
  ['Chromium', kNoBrowser, () => Chromium.launch('--disable-features=WebRtcHideLocalIpsWithMdns')],
  ['Firefox', kNoFirefox, () => Firefox.launch()],
];

for (const [name, missing, launch] of kBrowsers) {
  test(`a relay in ${name}`, { skip: missing, timeout: 1_200_000 }, async (t) => {
    const browser = await launch();
    t.after(() => browser.close());

    // A page, an egress, and what `during` does with both.
    const range = async (during: (it: Range, tab: Tab) => Promise<void>, file = false) => {
      const it = await Range.open();
      const tab = await browser.open(it.url);
      try {
        await it.start(tab, file);
        await during(it, tab);
        assert.deepEqual((await it.page(tab)).thrown, []);
      } finally {
        await tab.close();
        await it.close();
      }
    };

    for (const bytes of kSizes) {
      await t.test(`a file in messages of ${bytes} bytes comes whole, both ways at once`, async () => {
        await range(async (it, tab) => {
          const { up, down } = await it.exchange(tab, bytes, Math.ceil(kFileBytes / bytes), kGentle);
          assert.equal(up[1], up[0]);
          assert.equal(down[1], down[0]);
          const { wrong, dropped } = await it.page(tab);
          assert.deepEqual([wrong, it.end.seen.wrong, dropped], [0, 0, 0]);
        }, true);
      });
    }

    await t.test('what an egress that reads slowly does not take is dropped and counted', async () => {
      await range(async (it, tab) => {
        it.readSlowly(kSlowBytesPerSecond);
        const began = performance.now();
        const send = () => tab.value<number>(`range.send(16384, ${kBlast}, ${kPieceMs})`);
        let sent = 0;
        for (let i = 0; i < kSlowPieces; ++i) sent = await send();
        for (let i = kSlowPieces; i < kMostPieces && (await it.page(tab)).dropped === 0; ++i) sent = await send();
        const { mostInSocket, dropped } = await it.page(tab);
        t.diagnostic(`${sent} sent, ${it.end.seen.messages} read, ${dropped} dropped, at most ${mostInSocket} bytes`);
        assert.ok(mostInSocket > 0 && mostInSocket <= kMostInSocket, `${mostInSocket}`);
        assert.ok(dropped > 0 && dropped <= sent - it.end.seen.messages, `${dropped}`);
        const most = ((performance.now() - began) * kSlowBytesPerSecond) / 1000;
        assert.ok(it.end.seen.bytes < 1.5 * most, `${it.end.seen.bytes} were read, so it was not slow`);
        assert.equal(it.end.seen.wrong, 0);
      });
    });

    for (const bytes of kSizes) {
      await t.test(`as much as both ends can send in messages of ${bytes} bytes is no burden`, async () => {
        await range(async (it, tab) => {
          const up = tab.value<number>(`range.send(${bytes}, ${kBlast}, ${kBlastMs})`);
          await Promise.all([up, it.end.send(bytes, kBlast, kBlastMs)]);
          const { mostInChannel, mostInSocket, messages, dropped } = await it.page(tab);
          t.diagnostic(
            `at most ${mostInChannel} bytes in the channel, ${mostInSocket} in the socket; ${dropped} dropped`,
          );
          assert.ok(messages > 0 && mostInChannel <= kMostInChannel, `${mostInChannel}`);
          assert.ok(mostInSocket <= kMostInSocket, `${mostInSocket}`);
          assert.ok(dropped > 0 && it.end.sent > messages, 'all of it was carried, so this said nothing');
        });
      });
    }
  });
}
