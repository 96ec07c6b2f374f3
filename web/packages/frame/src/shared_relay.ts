// SharedRelay: several widgets on one page, or in several tabs of one site, are one volunteer: whoever has the lock runs the
// relay, the others show its status and may stop it. The channel and the lock reach documents of our origin only.
// Where a browser has no locks, each frame is by itself.
import { parseStatus, type RelayStatus } from '@footbridge/protocol';
import { kNothing, type Relay } from './relay.js';

const kName = 'footbridge-relay';

export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

// Runs `held` with true while the lock is ours, until its promise ends; with false if another has it.
export type TakeLock = (held: (got: boolean) => Promise<void>) => void;

export class SharedRelay implements Relay {
  onStatus: (status: RelayStatus) => void = () => {};
  readonly #inner: Relay;
  readonly #channel: Channel;
  readonly #takeLock: TakeLock;
  #release: (() => void) | null = null;
  #wanted = false;
  #theirs: RelayStatus | null = null;

  constructor(inner: Relay, channel: Channel, takeLock: TakeLock) {
    this.#inner = inner;
    this.#channel = channel;
    this.#takeLock = takeLock;
    inner.onStatus = (status) => {
      if (this.#release) channel.postMessage({ status });
      this.onStatus(this.status);
    };
    channel.onmessage = (event) => this.#onTold(event.data);
    channel.postMessage({ ask: true });
  }

  get status(): RelayStatus {
    return this.#theirs ?? this.#inner.status;
  }

  start(): void {
    this.#wanted = true;
    if (this.#release || this.#theirs) return;
    this.#takeLock((got) => {
      if (!got || !this.#wanted) return Promise.resolve();
      return new Promise((release) => {
        this.#release = release;
        this.#inner.start();
      });
    });
  }

  stop(): void {
    this.#wanted = false;
    if (this.#theirs) this.#channel.postMessage({ stop: true });
    if (!this.#release) return;
    this.#inner.stop();
    this.#channel.postMessage({ status: kNothing });
    this.#release();
    this.#release = null;
  }

  #onTold(data: unknown): void {
    const { ask, stop, status } = (data ?? {}) as { ask?: unknown; stop?: unknown; status?: unknown };
    if (ask === true && this.#release) this.#channel.postMessage({ status: this.#inner.status });
    if (stop === true) this.stop();
    const told = parseStatus(status);
    if (!told || this.#release) return;
    this.#theirs = told.state === 'off' ? null : told;
    this.onStatus(this.status);
  }
}

export function share(inner: Relay): Relay {
  if (typeof BroadcastChannel === 'undefined' || !navigator.locks) return inner;
  const takeLock: TakeLock = (held) => {
    void navigator.locks.request(kName, { ifAvailable: true }, (lock) => held(lock !== null));
  };
  return new SharedRelay(inner, new BroadcastChannel(kName), takeLock);
}
