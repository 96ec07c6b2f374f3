// Bundles what a web server serves into build/web of the repository: widget.js for other people's pages, the frame's documents with what
// they load, and the page of netstate. Prints nothing; fails when something does not compile.
import { cp, mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild-wasm';

const web = fileURLToPath(new URL('..', import.meta.url));
const out = fileURLToPath(new URL('../../build/web', import.meta.url));
const frame = `${web}/packages/frame`;
const widget = `${web}/packages/widget`;
const netstate = `${web}/packages/netstate`;

const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  outdir: out,
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
// One file, so that one hash in the embedding page pins all of it; the editor, for who designs a page, is a file of its own.
await build({ ...common, entryPoints: { widget: `${widget}/src/widget.ts` }, external: ['./editor.js'] });
await build({ ...common, entryPoints: { editor: `${widget}/src/editor.ts` } });
await build({
  ...common,
  entryPoints: {
    frame: `${frame}/src/main.ts`,
    confirm: `${frame}/src/confirm_main.ts`,
    privacy: `${frame}/src/privacy_main.ts`,
    worker: `${web}/packages/relay/build/worker.js`, // it shares most of its code with the frame
  },
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
});
// Two files whose names stay, as their program serves each by its name.
await build({
  ...common,
  entryPoints: {
    netstate: `${netstate}/src/main.ts`,
    'netstate-worker': `${netstate}/src/force/layout_worker.ts`,
  },
});
await cp(`${web}/packages/core/build/core.wasm`, `${out}/core.wasm`);
for (const pages of [`${frame}/pages`, `${widget}/pages`, `${netstate}/pages`])
  await cp(pages, out, { recursive: true });
