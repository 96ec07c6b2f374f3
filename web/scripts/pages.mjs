// Bundles the page that relays into build/web/relay, beside what bundle.mjs made: index.html, page.js, worker.js, core.wasm. Whoever serves that
// folder puts a config.json beside them (web/packages/relay/src/config.ts says what is in it).
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild-wasm';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const out = at('../build/web/relay');

mkdirSync(out, { recursive: true });
await build({
  entryPoints: [at('packages/relay/build/page.js'), at('packages/relay/build/worker.js')],
  outdir: out,
  bundle: true,
  format: 'esm',
  minify: true,
  target: ['chrome111', 'firefox115'],
  logLevel: 'warning',
});
copyFileSync(at('packages/core/build/core.wasm'), `${out}/core.wasm`);
copyFileSync(at('packages/relay/page/index.html'), `${out}/index.html`);
