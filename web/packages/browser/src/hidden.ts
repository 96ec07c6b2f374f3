// What becomes of a volunteer in Chromium's hidden tabs, led by the debugging protocol alone: other tools keep tabs awake. One tab waits
// for its first client, one relays. The browser's most severe throttling, one turn of a timer each minute, comes after ten seconds
// here instead of five minutes; the tab that waits gets it, since nothing there speaks for leaving it alone.
import { Chromium } from './chromium.js';
import { eventually } from './eventually.js';
import { IdlePage } from './idle_page.js';
import type { Page } from './page.js';
import { Range } from './range.js';

const kGraceMs = 10_000;
const kFlags = [
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  `--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/${kGraceMs / 1000}`,
];
const kSettledMs = kGraceMs + 2_000;
const kTicker = 'globalThis.ticks = 0; setInterval(() => ++globalThis.ticks, 250);';
const kMessageBytes = 16 * 1024;
const kUnderWay = 256 * 1024;

export interface HiddenPlan {
  seconds: number; // hidden
  rates: number; // of the relay, before and then
  rateMs: number;
}

export interface HiddenFigures {
  rounds: number[]; // of polls of the tab that waits, in ms (kRoundMs)
  ticksPerSecond: number; // of a timer of its page, 4 in a tab that is seen
  visible: number[]; // MB/s to the client
  hidden: number[];
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, Math.max(0, ms)));

async function down(range: Range, tab: Page, ms: number): Promise<number> {
  const [{ bytes }, at] = [await range.page(tab), performance.now()];
  await range.end.send(kMessageBytes, kUnderWay, ms);
  return ((await range.page(tab)).bytes - bytes) / 1000 / (performance.now() - at);
}

export async function watchHidden({ seconds, rates, rateMs }: HiddenPlan): Promise<HiddenFigures> {
  const [range, idle] = await Promise.all([Range.open(), IdlePage.open()]);
  const chromium = await Chromium.launch(...kFlags);
  try {
    const waiting = await chromium.open(idle.url, { init: kTicker });
    await waiting.eventually('Boolean(document.querySelector("output")?.textContent)'); // its script has run
    await waiting.value('document.querySelector("button").click()');
    await eventually(() => idle.wasAsked, 'a poll');

    const relaying = await chromium.open(range.url);
    await relaying.bringToFront();
    await range.start(relaying);
    await down(range, relaying, rateMs); // until the processor is warm
    const out: HiddenFigures = { rounds: [], ticksPerSecond: 0, visible: [], hidden: [] };
    while (out.visible.length < rates) out.visible.push(await down(range, relaying, rateMs));

    await (await chromium.open('about:blank')).bringToFront();
    for (const tab of [waiting, relaying]) await tab.eventually('document.hidden');
    const began = performance.now();
    await pause(kSettledMs);
    const settled = performance.now();
    const ticks = await waiting.value<number>('ticks');
    for (const step = (seconds * 1000 - kSettledMs) / rates; out.hidden.length < rates; ) {
      await pause(settled + step * (out.hidden.length + 1) - rateMs - performance.now());
      out.hidden.push(await down(range, relaying, rateMs));
    }
    await pause(began + seconds * 1000 - performance.now());
    out.ticksPerSecond = ((await waiting.value<number>('ticks')) - ticks) / ((performance.now() - settled) / 1000);
    out.rounds = idle.roundsSince(settled);
    return out;
  } finally {
    await chromium.close();
    await Promise.all([range.close(), idle.close()]);
  }
}
