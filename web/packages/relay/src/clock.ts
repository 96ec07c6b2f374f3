// The page's clock, as those who wait are given it: tests move theirs.
export interface Clock {
  nowMs(): number; // never goes back
  after(ms: number, then: () => void): () => void; // the timer's end
}

export const pageClock: Clock = {
  nowMs: () => performance.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
