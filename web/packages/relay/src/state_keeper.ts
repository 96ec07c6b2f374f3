// StateKeeper: when a page tells netstate how it is, as src/core/netstate/state_keeper.hpp has it for programs. It holds the newest
// state and nothing else: what changes while a report is on its way is told with the next, and what was never told is not told later.
//
//   Idle ──kReportIdleMs, or a change and kReportGapMs──▶ due ──take()──▶ Sending ──taken()─────────▶ Idle
//                                                                            └──failed()──▶ backing off ─▶ due
//
// Bytes carried are no change. Time is an argument.

// NTS-T18 to NTS-T23.
export const kReportGapMs = 1_000;
export const kReportIdleMs = 30_000;
export const kReportLimitMs = 5_000; // for one request; then it has failed
export const kReportPauseFromMs = 2_000;
export const kReportPauseToMs = 40_000; // and half as much by chance
export const kReportLongestWaitMs = 600_000; // that a Retry-After can make us wait

// What a report has but for the number that it is given.
export interface Told {
  change: string; // what somebody who looks at the map would see, as a text that differs when that does
}

export class StateKeeper<Now extends Told> {
  private newest: Now | null = null;
  private sequence = 0;
  private changed = false;
  private sending = false;
  private sentMs: number | null = null;
  private notBeforeMs = 0;
  private pauseMs = 0;

  constructor(private readonly random: () => number) {} // 0 to 1

  set(now: Now): void {
    this.changed ||= this.newest?.change !== now.change;
    this.newest = now;
  }

  // Whether anybody has ever been told.
  get hasTold(): boolean {
    return this.sentMs !== null;
  }

  // When take() gives something; null: a request is under way, or there is nothing to tell.
  next(): number | null {
    if (this.newest === null || this.sending) return null;
    if (this.changed || this.sentMs === null) return this.notBeforeMs;
    return Math.max(this.notBeforeMs, this.sentMs + kReportIdleMs);
  }

  // What to send; null: not now. From then on a request is under way.
  take(nowMs: number): (Now & { sequence: number }) | null {
    const due = this.next();
    if (this.newest === null || due === null || due > nowMs) return null;
    this.sending = true;
    this.changed = false;
    this.sentMs = nowMs;
    return { ...this.newest, sequence: ++this.sequence };
  }

  taken(nowMs: number): void {
    this.sending = false;
    this.pauseMs = 0;
    this.notBeforeMs = Math.max(nowMs, (this.sentMs ?? 0) + kReportGapMs);
  }

  // No answer within kReportLimitMs, or one that is not 204. `retryAfterMs` as a 429 says it.
  failed(nowMs: number, retryAfterMs: number): void {
    this.sending = false;
    this.changed = true; // whatever was in it was not heard
    this.pauseMs = Math.min(Math.max(2 * this.pauseMs, kReportPauseFromMs), kReportPauseToMs);
    const pause = this.pauseMs * (1 + this.random() / 2);
    this.notBeforeMs = nowMs + Math.max(pause, Math.min(retryAfterMs, kReportLongestWaitMs));
  }
}
