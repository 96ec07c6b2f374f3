// The worker's entry: a Desk, and once somebody is to be told a StateReporter, among the worker's own clocks and network.
import { systemRandom } from '@footbridge/core';
import { Desk, type Surroundings } from './desk.js';
import type { StateReporter } from './state_reporter.js';
import type { ToReporter, ToWorker } from './talk.js';

const scope = globalThis as unknown as Worker & typeof globalThis;

const around: Surroundings = {
  say: (message) => scope.postMessage(message),
  fetch: (url, init) => fetch(url, init),
  steadyMs: () => performance.now(),
  wallMs: () => Date.now(),
  zoneSeconds: (wallMs) => -60 * new Date(wallMs).getTimezoneOffset(),
  fillRandom: systemRandom,
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
const desk = new Desk(around);
let reporter: Promise<StateReporter> | null = null;

// A file of its own, as few people want it; where it does not come nobody is told.
function report(message: ToReporter): void {
  reporter ??= import('./state_reporter.js').then((it) => new it.StateReporter(around));
  reporter.then(
    (it) => it.hear(message),
    () => {},
  );
}

scope.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.to === 'netstate' || data.to === 'report') report(data);
  else desk.hear(data);
});
