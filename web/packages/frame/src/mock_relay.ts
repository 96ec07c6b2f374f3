// MockRelay: a relay that shows what helping looks like and opens nothing, for who designs a page (data-mock). The frame says
// in words that it is a demonstration. Fixed to one state it stays there, for pictures and tests.
import { kDefaultLimits, kNothing, type RelayLimits, type RelayState, type RelayStatus } from '@footbridge/protocol';
import type { Relay } from './relay.js';

export type MockMode = 'true' | 'starting' | 'waiting' | 'helping' | 'paused' | 'unavailable';
export const kMockModes: readonly MockMode[] = ['true', 'starting', 'waiting', 'helping', 'paused', 'unavailable'];

const kStepMs = 1_500;
const kVisitors = ['IR', 'CN', 'RU', 'MM', 'TM', 'BY'];

export class MockRelay implements Relay {
  onStatus: (status: RelayStatus) => void = () => {};
  limits: RelayLimits = kDefaultLimits;
  #status = kNothing;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #mode: MockMode;

  constructor(mode: MockMode) {
    this.#mode = mode;
    if (mode === 'unavailable') this.#status = { ...kNothing, state: 'unavailable', reason: 'no-webrtc' };
  }

  get status(): RelayStatus {
    return this.#status;
  }

  start(): void {
    if (this.#mode === 'unavailable') return;
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

  setLimits(limits: RelayLimits): void {
    this.limits = limits;
  }

  #say(status: RelayStatus): void {
    this.#status = status;
    this.onStatus(status);
  }
}

function scene(state: RelayState, step = 3): RelayStatus {
  if (state === 'paused')
    return { ...kNothing, state, reason: 'metered', helpedToday: 4, bytesUp: 9e6, bytesDown: 132e6 };
  const network = 'moderate';
  if (state === 'waiting') return { ...kNothing, state, network };
  if (state !== 'helping') return { ...kNothing, state };
  const now = Math.min(step, 3);
  const first = Math.max(0, step - 3) % kVisitors.length;
  const countries = [...kVisitors, ...kVisitors].slice(first, first + now);
  return {
    state,
    helpingNow: now,
    helpedToday: step + 1,
    bytesUp: step * 3e6,
    bytesDown: step * 44e6,
    countries,
    network,
  };
}
