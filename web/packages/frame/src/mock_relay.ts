// MockRelay: a relay that shows what helping looks like and opens nothing, for who designs a page (data-mock). The frame says
// in words that it is a demonstration. Fixed to one state it stays there, for pictures and tests.
import { kDefaultLimits, kNothing, type RelayLimits, type RelayState, type RelayStatus } from '@footbridge/protocol';
import type { Relay } from './relay.js';

export type MockMode = 'true' | 'starting' | 'waiting' | 'helping' | 'paused' | 'unavailable' | 'risky';
export const kMockModes: readonly MockMode[] = [
  'true',
  'starting',
  'waiting',
  'helping',
  'paused',
  'unavailable',
  'risky',
];

const kStepMs = 1_500;
const kVisitors = ['IR', 'CN', 'RU', 'MM', 'TM', 'BY'];

export class MockRelay implements Relay {
  onStatus: (status: RelayStatus) => void = () => {};
  limits: RelayLimits = kDefaultLimits;
  #status = kNothing;
  #reports = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #mode: MockMode;

  constructor(mode: MockMode) {
    this.#mode = mode;
    if (mode === 'unavailable') this.#status = { ...kNothing, state: 'unavailable', reason: 'no-webrtc' };
  }

  get status(): RelayStatus {
    return this.#status;
  }

  start(evenIfRisky: boolean): void {
    if (this.#mode === 'unavailable') return;
    if (this.#mode === 'risky')
      return this.#say({ ...scene('waiting'), ...(evenIfRisky ? {} : { reason: 'risky-place' }) });
    this.#say(scene(this.#mode === 'true' ? 'starting' : this.#mode));
    if (this.#mode !== 'true') return;
    let step = 0;
    this.#timer = setInterval(() => {
      ++step;
      this.#say(step === 1 ? scene('waiting') : scene('helping', step - 1));
    }, kStepMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#mode !== 'unavailable') this.#say(kNothing);
  }

  resume(): void {
    if (this.#status.state === 'paused') this.#say(scene('waiting'));
  }

  watch(): void {}

  setReports(on: boolean): void {
    this.#reports = on;
    this.#say(this.#status);
  }

  setLimits(limits: RelayLimits): void {
    this.limits = limits;
  }

  #say(status: RelayStatus): void {
    const there = status.state !== 'off' && status.state !== 'unavailable';
    this.#status = there ? { ...status, reports: this.#reports } : status;
    this.onStatus(this.#status);
  }
}

const kLine = {
  upPerSecond: 24_000,
  downPerSecond: 1_400_000,
  roundTripMs: 84,
  links: 4,
  runningSeconds: 754,
  restarts: 0,
};

function counted(people: number, up: number, down: number): Partial<RelayStatus> {
  const ever = { helped: people * 23, up: up * 31, down: down * 31, thisMonth: (up + down) * 9 };
  return {
    helpedToday: people,
    bytesUp: up,
    bytesDown: down,
    record: { helpedToday: people, upToday: up, downToday: down, ...ever },
  };
}

function scene(state: RelayState, step = 3): RelayStatus {
  const network = 'moderate';
  if (state === 'paused') return { ...kNothing, ...counted(4, 9e6, 132e6), state, reason: 'slow' };
  if (state === 'waiting')
    return { ...kNothing, ...counted(0, 0, 0), state, network, line: { ...kLine, roundTripMs: null, links: 0 } };
  if (state !== 'helping') return { ...kNothing, state };
  const now = Math.min(step, 3);
  const first = Math.max(0, step - 3) % kVisitors.length;
  const countries = [...kVisitors, ...kVisitors].slice(first, first + now).map((country) => ({ country, people: 1 }));
  return {
    ...kNothing,
    ...counted(step + 1, step * 3e6, step * 44e6),
    state,
    helpingNow: now,
    countries,
    network,
    line: kLine,
  };
}
