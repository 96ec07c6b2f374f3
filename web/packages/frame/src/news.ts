// News: whether to say that somebody new is helped, to a visitor who has asked for it. Each is said for a while, and none so soon
// after another that a reader's voice would be interrupted. Pure: time is an argument.
export const kNewsEveryMs = 10_000;
export const kNewsForMs = 6_000; // long enough to read one sentence twice

export class News {
  wanted = false;
  #before = 0;
  #saidMs = Number.NEGATIVE_INFINITY;

  // True: it is to be said now.
  look(nowMs: number, helpingNow: number): boolean {
    const isMore = helpingNow > this.#before;
    this.#before = helpingNow;
    if (!isMore || !this.wanted || nowMs - this.#saidMs < kNewsEveryMs) return false;
    this.#saidMs = nowMs;
    return true;
  }
}
