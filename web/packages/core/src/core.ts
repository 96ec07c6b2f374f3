// core.wasm as an object: bytes in, bytes out. One instance holds one volunteer. When it traps, which is a bug of ours or
// memory that is used up, it is worth nothing any more and says so once: CoreTrapped; whoever has it makes a new one.
import { instantiate, type VolunteerExports } from './instance.js';
import { type FillRandom, primitives, systemRandom } from './primitives.js';

export class CoreTrapped extends Error {
  override name = 'CoreTrapped';
}

export class Core {
  private exports: VolunteerExports | null;
  private readonly whyBroken: () => string;

  private constructor(exports: VolunteerExports, whyBroken: () => string) {
    this.exports = exports;
    this.whyBroken = whyBroken;
  }

  static start(module: WebAssembly.Module, fillRandom: FillRandom = systemRandom): Core {
    const { exports, whyBroken } = instantiate(module, (memory) =>
      primitives(
        {
          read: (at, count) => memory().slice(at, at + count),
          write: (at, bytes) => memory().set(bytes, at),
        },
        fillRandom,
      ),
    );
    return new Core(exports, whyBroken);
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
