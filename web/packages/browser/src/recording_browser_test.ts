// The recorded days of a volunteer in each browser, as a page has its core: compiled by the page, run in a worker, under the policy of
// the page that relays. Byte for byte what the native core answered.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild-wasm';

import { Chromium, kNoBrowser } from './chromium.js';
import { Firefox, kNoFirefox } from './firefox.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const kBuilt = at('../../../../build/web/relay/');
const kRecording = at('../../../../tests/vectors/volunteer_calls.json');
const kPage = `
const worker = new Worker('worker.js', { type: 'module' });
globalThis.replay = async () => {
  const files = await Promise.all(['core.wasm', 'recording.json'].map((file) => fetch(file)));
  const module = await WebAssembly.compile(await files[0].arrayBuffer());
  const recording = await files[1].json();
  const said = new Promise((done) => worker.addEventListener('message', ({ data }) => done(data)));
  worker.postMessage({ module, recording });
  return said;
};`;

// The address of a page with such a worker, which the test's end takes away.
async function serve(t: TestContext): Promise<string> {
  const worker = await build({
    entryPoints: [at('recording_worker.js')],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'warning',
  });
  const [page, core, recording] = await Promise.all([
    readFile(`${kBuilt}index.html`),
    readFile(`${kBuilt}core.wasm`),
    readFile(kRecording),
  ]);
  const files: Record<string, [string, string | Uint8Array]> = {
    '/': ['text/html', page],
    '/page.js': ['text/javascript', kPage],
    '/worker.js': ['text/javascript', worker.outputFiles[0]?.contents ?? ''],
    '/core.wasm': ['application/wasm', core],
    '/recording.json': ['application/json', recording],
  };
  const server = createServer(({ url }, response) => {
    const [type, text] = files[url ?? ''] ?? ['text/plain', ''];
    response.writeHead(200, { 'Content-Type': type }).end(text);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function replayIn(browser: Chromium | Firefox, t: TestContext): Promise<void> {
  t.after(() => browser.close());
  const { days } = JSON.parse(await readFile(kRecording, 'utf8')) as { days: { steps: unknown[] }[] };
  const page = await browser.open(await serve(t));
  await page.eventually('typeof replay === "function"');
  const steps = days.reduce((sum, day) => sum + day.steps.length, 0);
  assert.deepEqual(await page.value('replay()'), { steps });
}

test('the recorded days in Chromium', { skip: kNoBrowser, timeout: 100_000 }, async (t) => {
  await replayIn(await Chromium.launch(), t);
});

test('the recorded days in Firefox', { skip: kNoFirefox, timeout: 100_000 }, async (t) => {
  await replayIn(await Firefox.launch(), t);
});
