// SlowLine: whether a line is too slow to be of help. What goes through little may be wished for by few; so it counts only while
// something waits in a queue of the relay's, or was dropped there, which is to say that people wish for more than passes.
// Looked at about each second; time is an argument.
import { kMinBytesPerSecond } from '@footbridge/protocol';

export const kSlowBytesPerSecond = kMinBytesPerSecond; // what nobody may choose as a limit, because it would time out rather than help
export const kSlowForMs = 60_000; // a call of somebody else's, or a download, on the same line passes
export const kRestMs = 5_000; // nothing has waited for so long: nobody wishes for more

export class SlowLine {
  private samples: { ms: number; bytes: number }[] = []; // of kSlowForMs, the oldest first
  private waitedMs = Number.NEGATIVE_INFINITY;

  // `bytes` have gone out of all queues, ever. `cap` is what the person allows each way: what comes near it is no fault of the line.
  // True: for kSlowForMs people have wished for more, and less than kSlowBytesPerSecond passed.
  look(nowMs: number, bytes: number, waits: boolean, cap: number | null): boolean {
    if (waits) this.waitedMs = nowMs;
    if (nowMs - this.waitedMs > kRestMs) {
      this.samples = [];
      return false;
    }
    this.samples.push({ ms: nowMs, bytes });
    while ((this.samples[1]?.ms ?? nowMs) <= nowMs - kSlowForMs) this.samples.shift();
    const [first] = this.samples;
    const ms = nowMs - (first?.ms ?? nowMs);
    const least = Math.min(kSlowBytesPerSecond, (cap ?? Number.POSITIVE_INFINITY) / 2);
    return ms >= kSlowForMs && (bytes - (first?.bytes ?? bytes)) * 1_000 < least * ms;
  }

  reset(): void {
    this.samples = [];
    this.waitedMs = Number.NEGATIVE_INFINITY;
  }
}
