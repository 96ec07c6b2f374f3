// Runs a WebAssembly program (wasm32-wasi) under node, with tests/vectors as its folder /vectors:
//     node --experimental-wasi-unstable-preview1 --no-warnings run_wasm.mjs PROGRAM
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WASI } from 'node:wasi';

const wasi = new WASI({
  version: 'preview1',
  returnOnExit: true,
  preopens: { '/vectors': dirname(fileURLToPath(import.meta.url)) },
});
const program = await WebAssembly.compile(await readFile(process.argv[2]));
const instance = await WebAssembly.instantiate(program, { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = wasi.start(instance);
