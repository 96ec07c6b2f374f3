// What a volunteer carries at most in one direction, for all its clients together: an account in time. Each byte costs
// 1 / rate seconds, and messages go while what was sent is paid for; what was not used may be made up for kBurstMs, and
// a message. What may not go is dropped, as a full queue drops it: the ends slow down.
export const kBurstMs = 50; // a tab's turn comes late; what leaves at once still fits into a home router's queue

export class Pace {
  private paidUntilMs = 0;
  bytesPerSecond: number | null = null;

  allow(bytes: number, nowMs: number): boolean {
    if (this.bytesPerSecond === null) return true;
    if (this.paidUntilMs > nowMs) return false;
    this.paidUntilMs = Math.max(this.paidUntilMs, nowMs - kBurstMs) + (bytes * 1000) / this.bytesPerSecond;
    return true;
  }
}
