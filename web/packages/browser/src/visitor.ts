// A visitor of a page with a widget, for tests that are written elsewhere: node visitor.js URL
// Opens the page in Chromium and does what it reads, a line each; answers each with a line of JSON:
//   agree   switches on and agrees          off   the switch, once
//   read    {told, state, status, asked, complaints}: what the page and the box say, what was asked of the network by now
// Ends when its input does, and the browser with it.
import { createInterface } from 'node:readline';

import { Chromium } from './chromium.js';
import { WidgetPage } from './widget_page.js';

const chromium = await Chromium.launch();
try {
  const it = await WidgetPage.open(chromium, process.argv[2] ?? '');
  const deeds: Record<string, () => Promise<unknown>> = {
    agree: () => it.agree(),
    off: () => it.click('.switch'),
    read: async () => ({
      told: await it.page.value("document.querySelector('#told')?.textContent ?? ''"),
      state: await it.state(),
      status: await it.frameValue("({ ...document.querySelector('footbridge-box').volunteer.status })"),
      asked: it.page.asked,
      complaints: it.page.complaints,
    }),
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = (await deeds[line]?.()) ?? null;
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
} finally {
  await chromium.close();
}
