// SlowLine: whether a line is too slow to be of help. What goes through little may be wished for by few, and who reads slowly is slow
// himself; so it counts only while something waits in the queues of two people at least, or was dropped there, which is to say that
// they wish for more than passes. One client alone is never a reason, whatever it does. Looked at about each second; time is an argument.
import { kMinBytesPerSecond } from '@footbridge/protocol';

export const kSlowBytesPerSecond = kMinBytesPerSecond; // what nobody may choose as a limit, because it would time out rather than help
export const kSlowForMs = 60_000; // a call of somebody else's, or a download, on the same line passes
export const kRestMs = 5_000; // nothing has waited, or nobody has looked, for so long: what was before says nothing of now
export const kFewestWishing = 2; // people: of one, his own line may be the slow one

// What one client's stay has carried so far, while both its ends are open.
export interface Flow {
  readonly stay: object; // the same one as long as it is the same stay
  readonly bytes: number; // put out, both ways
  readonly waiting: number; // of them, not gone yet
  readonly dropped: number; // messages
}

interface Seen {
  gone: number; // bytes
  dropped: number;
  waitedMs: number;
}

export class SlowLine {
  private samples: { ms: number; bytes: number }[] = []; // of kSlowForMs, the oldest first
  private bytes = 0; // that went out of all queues
  private seen = new Map<object, Seen>();
  private lookedMs = Number.NEGATIVE_INFINITY;

  // `flows`: those of now, of so many `people`. `cap` is what the person allows each way: what comes near it is no fault of the line.
  // True: for kSlowForMs kFewestWishing people have wished for more, and less than kSlowBytesPerSecond passed, of all together.
  look(nowMs: number, flows: readonly Flow[], people: number, cap: number | null): boolean {
    if (nowMs - this.lookedMs > kRestMs) this.reset(); // a device that slept, a tab that was frozen
    this.lookedMs = nowMs;
    this.take(nowMs, flows);
    const wishing = [...this.seen.values()].filter(({ waitedMs }) => nowMs - waitedMs <= kRestMs).length;
    // Whose stays are whose is not known here: all that are more than people may be of one.
    if (wishing - Math.max(0, flows.length - people) < kFewestWishing) {
      this.samples = [];
      return false;
    }
    this.samples.push({ ms: nowMs, bytes: this.bytes });
    while ((this.samples[1]?.ms ?? nowMs) <= nowMs - kSlowForMs) this.samples.shift();
    const [first] = this.samples;
    const ms = nowMs - (first?.ms ?? nowMs);
    const least = Math.min(kSlowBytesPerSecond, (cap ?? Number.POSITIVE_INFINITY) / 2);
    return ms >= kSlowForMs && (this.bytes - (first?.bytes ?? this.bytes)) * 1_000 < least * ms;
  }

  reset(): void {
    this.samples = [];
    this.seen.clear();
    this.lookedMs = Number.NEGATIVE_INFINITY;
  }

  // A stay that is over is forgotten: what it left in its queues went nowhere.
  private take(nowMs: number, flows: readonly Flow[]): void {
    const seen = new Map<object, Seen>();
    for (const { stay, bytes, waiting, dropped } of flows) {
      const gone = bytes - waiting;
      const before = this.seen.get(stay) ?? { gone: 0, dropped, waitedMs: Number.NEGATIVE_INFINITY };
      this.bytes += gone - before.gone;
      const waits = waiting > 0 || dropped > before.dropped;
      seen.set(stay, { gone, dropped, waitedMs: waits ? nowMs : before.waitedMs });
    }
    this.seen = seen;
  }
}
