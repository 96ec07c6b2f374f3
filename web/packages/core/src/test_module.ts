// core.wasm as the build made it, and the randomness of recordings. For tests.
import { readFileSync } from 'node:fs';

export function coreModule(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL('../build/core.wasm', import.meta.url)));
}

const kMask = 0xffff_ffff_ffff_ffffn;

// splitmix64, byte for byte as SeededRng of src/base/rng.hpp.
export function seededRandom(seed: bigint): (out: Uint8Array) => void {
  let state = seed;
  const step = () => {
    state = (state + 0x9e37_79b9_7f4a_7c15n) & kMask;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & kMask;
    z = ((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn) & kMask;
    return z ^ (z >> 31n);
  };
  return (out) => {
    let word = 0n;
    for (let i = 0; i < out.length; ++i) {
      if (i % 8 === 0) word = step();
      out[i] = Number((word >> BigInt(8 * (i % 8))) & 0xffn);
    }
  };
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
