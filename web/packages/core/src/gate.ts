// Gate: which messages of a page's relays may go on, as core.wasm decides (src/core/browser/relay_gate.hpp). The page asks for each
// message with a call of numbers, which costs less than a tenth of a microsecond; the bytes stay where they are.
import { type GateExports, instantiate } from './instance.js';

const kNoLimit = 2 ** 32;

export enum RelayWay {
  ToLeg = 0,
  ToLink = 1,
}

export class Gate {
  private constructor(private readonly exports: GateExports) {}

  // An instance of its own, as the volunteer's is another thread's, and without primitives: nothing is computed here.
  static start(module: WebAssembly.Module): Gate {
    return new Gate(instantiate(module).exports);
  }

  // Each way, for all clients together; null, or what is beyond any line of today: no limit.
  limit(bytesPerSecond: number | null): void {
    const asked = Math.max(1, Math.floor(bytesPerSecond ?? kNoLimit));
    this.exports.fb_gate_limit(asked < kNoLimit ? asked : 0);
  }

  // A new stay in this slot: its link is open, its leg is not.
  begin(slot: number): void {
    this.exports.fb_gate_begin(slot);
  }

  // A message that came before the leg: true if it is to be kept for it.
  mayWait(slot: number, bytes: number): boolean {
    return this.exports.fb_gate_may_wait(slot, bytes) !== 0;
  }

  // A message for a queue in which `queued` bytes still are. True: it goes.
  mayGo(nowMs: number, slot: number, way: RelayWay, bytes: number, queued: number): boolean {
    return this.exports.fb_gate_may_go(nowMs, slot, way, bytes, queued) !== 0;
  }
}
