// core.wasm as an object: bytes in, bytes out. One instance holds one volunteer. When it traps, which is a bug of ours or
// memory that is used up, it is worth nothing any more and says so once: CoreTrapped; whoever has it makes a new one.
import { type FillRandom, primitives, systemRandom } from './primitives.js';
import { kAbiVersion } from './records.js';

export class CoreTrapped extends Error {
  override name = 'CoreTrapped';
}

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  fb_abi_version(): number;
  fb_input(count: number): number;
  fb_call(count: number): number;
  fb_output(): number;
}

export const kExports = ['memory', '_initialize', 'fb_abi_version', 'fb_input', 'fb_call', 'fb_output'] as const;

function textAt(memory: Uint8Array, at: number): string {
  return new TextDecoder().decode(memory.slice(at, memory.indexOf(0, at)));
}

export class Core {
  private exports: Exports | null;
  private readonly whyBroken: () => string;

  private constructor(exports: Exports, whyBroken: () => string) {
    this.exports = exports;
    this.whyBroken = whyBroken;
  }

  static start(module: WebAssembly.Module, fillRandom: FillRandom = systemRandom): Core {
    let broken = '';
    // Made anew for each look: memory that grows leaves its old views empty.
    const memory = () => new Uint8Array(exports.memory.buffer);
    const computing = primitives(
      {
        read: (at, count) => memory().slice(at, at + count),
        write: (at, bytes) => memory().set(bytes, at),
      },
      fillRandom,
    );
    const assertion_failed = (what: number, file: number, line: number) => {
      broken = `${textAt(memory(), file)}:${line}: ${textAt(memory(), what)}`;
    };
    const env = { ...computing, assertion_failed } as WebAssembly.ModuleImports;
    const exports = new WebAssembly.Instance(module, { env }).exports as unknown as Exports;
    exports._initialize();
    if (exports.fb_abi_version() !== kAbiVersion) throw new Error('core.wasm and its glue are of different builds');
    return new Core(exports, () => broken);
  }

  // Throws CoreTrapped, also for each call after the first that did.
  call(bytes: Uint8Array): Uint8Array {
    const core = this.exports;
    if (core === null) throw new CoreTrapped('it has trapped before');
    try {
      const to = core.fb_input(bytes.length);
      new Uint8Array(core.memory.buffer).set(bytes, to);
      const count = core.fb_call(bytes.length);
      const at = core.fb_output();
      return new Uint8Array(core.memory.buffer).slice(at, at + count);
    } catch (error) {
      this.exports = null;
      throw new CoreTrapped(this.whyBroken() || String(error));
    }
  }
}
