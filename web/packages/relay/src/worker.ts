// The worker's entry: a Desk among the worker's own clocks and network.
import { systemRandom } from '@footbridge/core';
import { Desk } from './desk.js';
import type { ToWorker } from './talk.js';

const scope = globalThis as unknown as Worker & typeof globalThis;

const desk = new Desk({
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
});

scope.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => desk.hear(data));
