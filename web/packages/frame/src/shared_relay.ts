// SharedRelay: several widgets on one page, or in several tabs of one site, are one volunteer: whoever has the lock runs the
// relay, the others show its status and may stop it, resume it and look at its line; limits that are set in one of them are those of all, and so is whether netstate is told. The channel and the lock reach documents of our origin only.
// One that is gone without a word has lost the lock, too: then it is off, as nobody has agreed to another one.
// Where a browser has no locks, each frame is by itself.
import { kNothing, parseLimits, parseStatus, type RelayLimits, type RelayStatus } from '@footbridge/protocol';
import type { Relay } from './relay.js';

const kName = 'footbridge-relay';

type Word = 'ask' | 'stop' | 'resume' | 'watch' | 'status' | 'limits' | 'reports';

export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

// Runs `held` once the lock is ours; it is, until the promise ends.
export type TakeLock = (held: () => Promise<void>) => void;

export class SharedRelay implements Relay {
  onStatus: (status: RelayStatus) => void = () => {};
  readonly #inner: Relay;
  readonly #channel: Channel;
  readonly #takeLock: TakeLock;
  #release: (() => void) | null = null;
  #wanted = false;
  #evenIfRisky = false;
  #claiming = false;
  #theirs: RelayStatus | null = null;
  #areLimitsSet = false; // here, or in another frame that has told us
  #reports: boolean | null = null; // the same; null: nobody has said

  constructor(inner: Relay, channel: Channel, takeLock: TakeLock) {
    this.#inner = inner;
    this.#channel = channel;
    this.#takeLock = takeLock;
    inner.onStatus = (status) => {
      if (this.#release) channel.postMessage({ status });
      if (status.state === 'off') this.#letGo(); // by itself, or because it was stopped
      this.onStatus(this.status);
    };
    channel.onmessage = (event) => this.#onTold(event.data);
    channel.postMessage({ ask: true });
  }

  get status(): RelayStatus {
    return this.#theirs ?? this.#inner.status;
  }

  get limits(): RelayLimits {
    return this.#inner.limits;
  }

  setLimits(limits: RelayLimits): void {
    this.#takeLimits(limits);
    this.#channel.postMessage({ limits });
  }

  setReports(on: boolean): void {
    this.#takeReports(on);
    this.#channel.postMessage({ reports: on });
  }

  #takeReports(on: boolean): void {
    this.#reports = on;
    this.#inner.setReports(on);
  }

  start(evenIfRisky: boolean): void {
    if (this.#release || this.#theirs) return;
    this.#wanted = true;
    this.#evenIfRisky = evenIfRisky;
    this.#claim();
  }

  #claim(): void {
    if (this.#claiming) return;
    this.#claiming = true;
    this.#takeLock(() => {
      this.#claiming = false;
      if (this.#theirs) {
        this.#theirs = null;
        this.onStatus(this.status);
        return Promise.resolve();
      }
      if (!this.#wanted) return Promise.resolve();
      return new Promise((release) => {
        this.#release = release;
        this.#inner.start(this.#evenIfRisky);
      });
    });
  }

  stop(): void {
    this.#wanted = false;
    if (this.#theirs) this.#channel.postMessage({ stop: true });
    if (!this.#release) return;
    this.#inner.stop();
    this.#channel.postMessage({ status: kNothing });
    this.#letGo();
  }

  resume(): void {
    if (this.#theirs) this.#channel.postMessage({ resume: true });
    else this.#inner.resume();
  }

  watch(): void {
    if (this.#theirs) this.#channel.postMessage({ watch: true });
    else this.#inner.watch();
  }

  #takeLimits(limits: RelayLimits): void {
    this.#areLimitsSet = true;
    this.#inner.setLimits(limits);
  }

  #letGo(): void {
    this.#release?.();
    this.#release = null;
  }

  #onTold(data: unknown): void {
    const { ask, stop, resume, watch, status, limits, reports } = (data ?? {}) as Record<Word, unknown>;
    if (ask === true && this.#areLimitsSet) this.#channel.postMessage({ limits: this.limits });
    if (ask === true && this.#reports !== null) this.#channel.postMessage({ reports: this.#reports });
    if (ask === true && this.#release) this.#channel.postMessage({ status: this.#inner.status });
    if (stop === true) this.stop();
    if (resume === true && this.#release) this.#inner.resume();
    if (watch === true && this.#release) this.#inner.watch();
    if (typeof reports === 'boolean') this.#takeReports(reports);
    const set = parseLimits(limits);
    if (set) {
      this.#takeLimits(set);
      this.onStatus(this.status);
    }
    const told = parseStatus(status);
    if (!told || this.#release) return;
    this.#theirs = told.state === 'off' ? null : told;
    if (this.#theirs) {
      this.#wanted = false; // what was wished for is there
      this.#claim();
    }
    this.onStatus(this.status);
  }
}

export function share(inner: Relay): Relay {
  if (typeof BroadcastChannel === 'undefined' || !navigator.locks) return inner;
  const takeLock: TakeLock = (held) => {
    void navigator.locks.request(kName, held);
  };
  return new SharedRelay(inner, new BroadcastChannel(kName), takeLock);
}
