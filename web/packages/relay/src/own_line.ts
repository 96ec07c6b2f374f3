// OwnLine: what a page finds out of the line that it lends while it is switched on: whether that is too slow to be of help, for which it
// pauses, and what passes, which is computed only for who looks. Looked at about each second; time is an argument.
import type { RelayLine } from '@footbridge/protocol';
import { LineWatch } from './line_watch.js';
import { type Flow, SlowLine } from './slow_line.js';
import type { Stays } from './stays.js';

export const kSlowPauseMs = 600_000; // whoever was sent away has found somebody else, and a download of an evening may be over

type Carrying = Pick<Stays, 'flows' | 'links' | 'roundTripMs' | 'totals'>;

// On the clock of this machine's wall, as statuses say it.
function onWall(ms: number): string {
  const aheadMs = -60_000 * new Date(ms).getTimezoneOffset();
  return new Date(ms + aheadMs).toISOString().slice(0, 19);
}

export class OwnLine {
  // Of now; null: nobody looks, or it is off.
  figures: RelayLine | null = null;
  // When the pause for a slow line ends by itself, on the wall; null: there is none.
  pausedUntil: string | null = null;
  private pauseEndsMs = 0; // of pausedUntil
  private onSinceMs: number | null = null;
  private restarts = 0; // of the core, ever
  private readonly slow = new SlowLine();
  private readonly watch = new LineWatch();

  constructor(private readonly wallMs: () => number = Date.now) {}

  switchedOn(nowMs: number): void {
    this.goOn();
    this.onSinceMs = nowMs;
  }

  switchedOff(): void {
    this.goOn();
    this.onSinceMs = null;
    this.figures = null;
  }

  // Somebody says that he looks.
  watched(nowMs: number): void {
    this.watch.looked(nowMs);
  }

  coreRestarted(): void {
    ++this.restarts;
  }

  // Ends the pause; false: there was none.
  goOn(): boolean {
    const paused = this.pausedUntil !== null;
    this.pausedUntil = null;
    this.slow.reset();
    return paused;
  }

  // Who is helped by it now, and within which limit each way. True: the pause has begun, or has ended.
  look(nowMs: number, stays: Carrying, people: number, cap: number | null): boolean {
    if (this.onSinceMs === null) return false;
    if (this.watch.isWatched(nowMs)) void this.measure(nowMs, stays);
    else this.figures = null;
    if (this.pausedUntil !== null) return nowMs >= this.pauseEndsMs && this.goOn();
    return this.judge(nowMs, stays.flows(), people, cap);
  }

  private judge(nowMs: number, flows: Flow[], people: number, cap: number | null): boolean {
    if (!this.slow.look(nowMs, flows, people, cap)) return false;
    this.pauseEndsMs = nowMs + kSlowPauseMs;
    this.pausedUntil = onWall(this.wallMs() + kSlowPauseMs);
    return true;
  }

  private async measure(nowMs: number, stays: Carrying): Promise<void> {
    const since = this.onSinceMs;
    const rates = this.watch.rates(nowMs, stays.totals());
    const roundTripMs = await stays.roundTripMs();
    if (since === null || since !== this.onSinceMs) return; // switched meanwhile
    const runningSeconds = Math.round((nowMs - since) / 1_000);
    this.figures = { ...rates, roundTripMs, links: stays.links(), runningSeconds, restarts: this.restarts };
  }
}
