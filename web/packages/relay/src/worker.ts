// The worker's entry: a Desk and a StateReporter among the worker's own clocks and network.
import { systemRandom } from '@footbridge/core';
import { Desk, type Surroundings } from './desk.js';
import { StateReporter } from './state_reporter.js';
import type { ToWorker } from './talk.js';

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
const reporter = new StateReporter(around);

scope.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.to === 'netstate' || data.to === 'report') reporter.hear(data);
  else desk.hear(data);
});
