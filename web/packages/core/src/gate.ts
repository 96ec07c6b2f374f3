// Gate: which messages of a page's relays may go on, as core.wasm decides (src/core/browser/relay_gate.hpp). The page asks for each
// message with a call of numbers, which costs less than a tenth of a microsecond; the bytes stay where they are.
// An instance that traps, which is a bug of ours, is replaced at once: what it was asked about does not go, and the next one knows
// of no message before it.
import { type GateExports, type Instance, instantiate } from './instance.js';

const kNoLimit = 2 ** 32;

export enum RelayWay {
  ToLeg = 0,
  ToLink = 1,
}

export class Gate {
  private it: Instance;
  private bytesPerSecond = 0;

  private constructor(
    private readonly module: WebAssembly.Module,
    private readonly replaced: (why: string) => void,
  ) {
    this.it = instantiate(module);
  }

  // Instances of its own, as the volunteer's is another thread's, and without primitives: nothing is computed here. `replaced`
  // hears of each that has trapped; `why` names no person.
  static start(module: WebAssembly.Module, replaced: (why: string) => void = () => {}): Gate {
    return new Gate(module, replaced);
  }

  // Each way, for all clients together; null, or what is beyond any line of today: no limit.
  limit(bytesPerSecond: number | null): void {
    const asked = Math.max(1, Math.floor(bytesPerSecond ?? kNoLimit));
    this.bytesPerSecond = asked < kNoLimit ? asked : 0;
    this.ask((exports) => exports.fb_gate_limit(this.bytesPerSecond));
  }

  // A new stay in this slot: its link is open, its leg is not.
  begin(slot: number): void {
    this.ask((exports) => exports.fb_gate_begin(slot));
  }

  // A message that came before the leg: true if it is to be kept for it.
  mayWait(slot: number, bytes: number): boolean {
    return this.ask((exports) => exports.fb_gate_may_wait(slot, bytes)) === 1;
  }

  // A message for a queue in which `queued` bytes still are. True: it goes.
  mayGo(nowMs: number, slot: number, way: RelayWay, bytes: number, queued: number): boolean {
    return this.ask((exports) => exports.fb_gate_may_go(nowMs, slot, way, bytes, queued)) === 1;
  }

  private ask<T>(question: (exports: GateExports) => T): T | undefined {
    try {
      return question(this.it.exports);
    } catch (error) {
      const why = this.it.whyBroken() || String(error);
      this.it = instantiate(this.module);
      this.it.exports.fb_gate_limit(this.bytesPerSecond);
      this.replaced(why);
      return undefined;
    }
  }
}
