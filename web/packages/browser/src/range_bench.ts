// Measures what a page carries, and prints a line of JSON per figure: node range_bench.js chromium|firefox [REPEATS] [SECONDS].
// Client, page and egress share this machine; rates are of what arrived, with so much under way as a path of our own would have.
import { Chromium } from './chromium.js';
import { Firefox } from './firefox.js';
import { Range } from './range.js';

const kLarge = 16 * 1024;
const kSmall = 1128; // what one chunk of a link holds
const kUnderWay = 256 * 1024;
const [, , program, repeats = '5', seconds = '3'] = process.argv;
const kName = program === 'firefox' ? 'web.firefox' : 'web.relay';
const kMs = Number(seconds) * 1000;

type Run = () => Promise<number>; // MB/s

function say(name: string, values: number[]): void {
  console.log(JSON.stringify({ name: `${kName}.${name}`, values }));
}

async function measured(names: Record<string, Run>): Promise<void> {
  const found = Object.fromEntries(Object.keys(names).map((name): [string, number[]] => [name, []]));
  for (let i = 0; i < Number(repeats); ++i) {
    for (const [name, run] of Object.entries(names)) found[name]?.push(await run());
  }
  for (const [name, values] of Object.entries(found)) say(name, values);
}

const range = await Range.open();
const browser =
  program === 'firefox'
    ? await Firefox.launch()
    : await Chromium.launch('--disable-features=WebRtcHideLocalIpsWithMdns');
try {
  const tab = await browser.open(range.url);
  await range.start(tab);
  const rate = async (count: () => Promise<number>, send: () => Promise<unknown>) => {
    const [bytes, at] = [await count(), performance.now()];
    await send();
    return ((await count()) - bytes) / 1000 / (performance.now() - at);
  };
  const down = (bytes: number) => () =>
    rate(
      async () => (await range.page(tab)).bytes,
      () => range.end.send(bytes, kUnderWay, kMs),
    );
  const up = (bytes: number) => () =>
    rate(
      async () => range.end.seen.bytes,
      () => tab.value(`range.send(${bytes}, ${kUnderWay}, ${kMs})`),
    );
  await down(kLarge)(); // until the processor is warm
  await measured({
    down_16k: down(kLarge),
    down_1128: down(kSmall),
    up_16k: up(kLarge),
    up_1128: up(kSmall),
  });

  const front = await browser.open('about:blank');
  const ratios: number[] = [];
  for (let i = 0; i < Number(repeats); ++i) {
    await tab.bringToFront();
    await tab.eventually('!document.hidden');
    const seen = await down(kLarge)();
    await front.bringToFront();
    await tab.eventually('document.hidden');
    ratios.push((await down(kLarge)()) / seen);
  }
  say('hidden_ratio', ratios);
} finally {
  await browser.close();
  await range.close();
}
