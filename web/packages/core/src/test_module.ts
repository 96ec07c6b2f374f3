// core.wasm as the build made it. For tests.
import { readFileSync } from 'node:fs';

export function coreModule(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL('../build/core.wasm', import.meta.url)));
}
