// LineWatch: what a person sees of the line who looks: rates of the last second, and how long it takes to those who are helped.
// Nothing is computed while nobody looks; who looks says so again and again, so that one who is gone costs nothing.
import type { RelayLine } from '@footbridge/protocol';
import type { Totals } from './stays.js';

type Carried = Pick<Totals, 'bytesUp' | 'bytesDown'>;

export const kWatchedMs = 3_000; // since somebody said that he looks: some of his seconds may be lost in a tab that is slowed down

export class LineWatch {
  private untilMs = Number.NEGATIVE_INFINITY;
  private last: { ms: number; totals: Carried } | null = null;

  looked(nowMs: number): void {
    this.untilMs = nowMs + kWatchedMs;
  }

  isWatched(nowMs: number): boolean {
    if (nowMs <= this.untilMs) return true;
    this.last = null;
    return false;
  }

  // Bytes per second since the call before, in whole ones; the first has nothing to compare with.
  rates(nowMs: number, totals: Carried): Pick<RelayLine, 'upPerSecond' | 'downPerSecond'> {
    const { last } = this;
    this.last = { ms: nowMs, totals };
    const seconds = last === null ? 0 : (nowMs - last.ms) / 1_000;
    if (last === null || seconds <= 0) return { upPerSecond: 0, downPerSecond: 0 };
    const rate = (now: number, then: number) => Math.max(0, Math.round((now - then) / seconds));
    return {
      upPerSecond: rate(totals.bytesUp, last.totals.bytesUp),
      downPerSecond: rate(totals.bytesDown, last.totals.bytesDown),
    };
  }
}
