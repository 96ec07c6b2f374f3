// A clock that tests move.
import type { Clock } from './clock.js';

export class TestClock implements Clock {
  private now = 0;
  private timers = new Map<object, { atMs: number; then: () => void }>();

  nowMs(): number {
    return this.now;
  }

  after(ms: number, then: () => void): () => void {
    const timer = {};
    this.timers.set(timer, { atMs: this.now + ms, then });
    return () => this.timers.delete(timer);
  }

  pass(ms: number): void {
    this.now += ms;
    for (const [timer, { atMs, then }] of [...this.timers]) {
      if (atMs <= this.now && this.timers.delete(timer)) then();
    }
  }
}
