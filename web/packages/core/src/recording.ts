// The recorded days of tests/vectors/volunteer_calls.json, and their replay by core.wasm: in any engine the same calls and the same
// randomness give the same bytes. For tests.
import { Core } from './core.js';
import { kAbiVersion } from './records.js';

export interface RecordedDay {
  name: string;
  seed: number;
  steps: { call: string; answer: string }[];
}

export interface Recording {
  abi: number;
  days: RecordedDay[];
}

// How many of its steps core.wasm has answered as they were recorded; throws at the first other one.
export function replay(module: WebAssembly.Module, recording: Recording): number {
  if (recording.abi !== kAbiVersion) throw new Error('the recording is of another version');
  for (const { name, seed, steps } of recording.days) {
    const core = Core.start(module, seededRandom(BigInt(seed)));
    steps.forEach((step, number) => {
      const answer = toHex(core.call(fromHex(step.call)));
      if (answer !== step.answer) throw new Error(`${name}, step ${number}: ${answer}, not ${step.answer}`);
    });
  }
  return recording.days.reduce((sum, { steps }) => sum + steps.length, 0);
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
