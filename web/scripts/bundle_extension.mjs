// Bundles what is in every network's extension into build/extension/parts: shared/, chrome/ and firefox/. extension.mjs packs it
// for one network.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild-wasm';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const out = at('../build/extension/parts');
const from = at('packages/extension');

const common = {
  bundle: true,
  format: 'esm',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  target: ['chrome120', 'firefox128'],
  logLevel: 'warning',
};

rmSync(out, { recursive: true, force: true });
for (const part of ['shared', 'chrome', 'firefox']) mkdirSync(`${out}/${part}`, { recursive: true });
const pages = ['popup', 'options', 'welcome'];
await Promise.all([
  build({
    ...common,
    entryPoints: pages.map((page) => `${from}/build/pages/${page}.js`),
    outdir: `${out}/shared`,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  }),
  build({ ...common, entryPoints: [at('packages/relay/build/worker.js')], outdir: `${out}/shared` }),
  // In one piece each: a service worker may not import later.
  build({
    ...common,
    entryPoints: [`${from}/build/chrome/service_worker.js`, `${from}/build/chrome/offscreen.js`],
    outdir: `${out}/chrome`,
  }),
  build({ ...common, entryPoints: [`${from}/build/firefox/background.js`], outdir: `${out}/firefox` }),
]);
copyFileSync(at('packages/core/build/core.wasm'), `${out}/shared/core.wasm`);
copyFileSync(`${from}/pages/page.css`, `${out}/shared/page.css`);
// All are one page, which a script of its own fills.
const page = readFileSync(`${from}/pages/page.html`, 'utf8');
for (const file of [...pages.map((name) => `shared/${name}`), 'chrome/offscreen', 'firefox/background'])
  writeFileSync(`${out}/${file}.html`, page.replace('page.js', `${file.split('/')[1]}.js`));
