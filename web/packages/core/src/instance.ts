// An instance of core.wasm, with what it imports. It fails where wasm and glue are of different builds.
import { kAbiVersion } from './records.js';

// Of the page's: each argument is a number as WebAssembly has it.
export interface GateExports {
  fb_gate_limit(bytesPerSecond: number): void;
  fb_gate_begin(slot: number): void;
  fb_gate_may_wait(slot: number, bytes: number): number;
  fb_gate_may_go(nowMs: number, slot: number, way: number, bytes: number, queued: number): number;
}

// Of the worker's.
export interface VolunteerExports {
  memory: WebAssembly.Memory;
  fb_input(count: number): number;
  fb_call(count: number): number;
  fb_output(): number;
}

interface OwnExports {
  _initialize(): void;
  fb_abi_version(): number;
}

export const kExports = [
  'memory',
  '_initialize',
  'fb_abi_version',
  'fb_input',
  'fb_call',
  'fb_output',
  'fb_gate_limit',
  'fb_gate_begin',
  'fb_gate_may_wait',
  'fb_gate_may_go',
] as const;

export interface Instance {
  exports: GateExports & VolunteerExports;
  // After a trap: which of our assertions it was; empty if it was none.
  whyBroken(): string;
}

function textAt(memory: Uint8Array, at: number): string {
  return new TextDecoder().decode(memory.slice(at, memory.indexOf(0, at)));
}

// What the instance imports, made from a look at its memory; without it, whatever it asks for is a mistake.
export type Imports = (memory: () => Uint8Array) => object;

export function instantiate(module: WebAssembly.Module, imports?: Imports): Instance {
  let broken = '';
  // Made anew for each look: memory that grows leaves its old views empty.
  const memory = () => new Uint8Array(exports.memory.buffer);
  const nothing = () => {
    throw new WebAssembly.RuntimeError('asked for what it has not');
  };
  const others = WebAssembly.Module.imports(module).map(({ name }) => [name, nothing]);
  const computing = imports?.(memory) ?? Object.fromEntries(others);
  const assertion_failed = (what: number, file: number, line: number) => {
    broken = `${textAt(memory(), file)}:${line} ${textAt(memory(), what)}`.trimEnd();
  };
  const env = { ...computing, assertion_failed } as WebAssembly.ModuleImports;
  const made = new WebAssembly.Instance(module, { env }).exports;
  const exports = made as unknown as GateExports & VolunteerExports & OwnExports;
  exports._initialize();
  if (exports.fb_abi_version() !== kAbiVersion) throw new Error('core.wasm and its glue are of different builds');
  return { exports, whyBroken: () => broken };
}
