// Takes core.wasm from the build of src/web and puts it where its glue finds it, if it is what the glue expects:
//     node scripts/wasm.mjs [FILE]
// It imports only what the glue offers, exports what the glue uses, and stays small.
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';

import { kExports } from '../packages/core/build/instance.js';
import { primitives } from '../packages/core/build/primitives.js';

const kMostCompressedBytes = 40_000; // what somebody who pays for bytes may be asked for; what raises it is said in the change that does

const here = new URL('.', import.meta.url);
const built = process.argv[2] ?? new URL('../../build/wasm/src/web/core.wasm', here);

function complaints(bytes) {
  const module = new WebAssembly.Module(bytes);
  const offered = new Set([...Object.keys(primitives({}, () => {})), 'assertion_failed']);
  const foreign = WebAssembly.Module.imports(module)
    .filter((each) => each.module !== 'env' || !offered.has(each.name))
    .map((each) => `imports ${each.module}.${each.name}, which the glue does not offer`);
  const exported = new Set(WebAssembly.Module.exports(module).map((each) => each.name));
  const missing = kExports.filter((name) => !exported.has(name)).map((name) => `does not export ${name}`);
  const compressed = brotliCompressSync(bytes).length;
  const large =
    compressed > kMostCompressedBytes ? [`is ${compressed} bytes compressed, over ${kMostCompressedBytes}`] : [];
  console.log(`core.wasm: ${bytes.length} bytes, ${compressed} compressed`);
  return [...foreign, ...missing, ...large];
}

let bytes;
try {
  bytes = readFileSync(built);
} catch {
  console.error('no core.wasm: scripts/build wasm core_wasm makes it');
  process.exit(1);
}
const wrong = complaints(bytes);
for (const what of wrong) console.error(`core.wasm ${what}`);
if (wrong.length > 0) process.exit(1);
mkdirSync(new URL('../packages/core/build/', here), { recursive: true });
copyFileSync(built, new URL('../packages/core/build/core.wasm', here));
