// The layout's worker: steps while it is asked to and not at rest, and says where everybody is after each; for who wants no motion only
// when all are at rest.
import { Layout } from './layout.js';
import type { FromLayout, ToLayout } from './layout_messages.js';

// Between two steps, and at least as long as a step took: the page and the browser's painters want the processor, too.
const kBreathMs = 12;

interface Scope {
  onmessage: ((event: { data: ToLayout }) => void) | null;
  postMessage(message: FromLayout, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
const layout = new Layout();
let serial = 0;
let running = false;
let still = false;
let asked = false;
let tookMs = 0;

function tell(): void {
  const places = layout.places();
  scope.postMessage({ serial, places, settled: layout.isSettled }, [places.buffer]);
}

function ask(): void {
  if (asked || !running || layout.isSettled) return;
  asked = true;
  setTimeout(
    () => {
      asked = false;
      if (!running || layout.isSettled) return;
      const began = performance.now();
      layout.step();
      tookMs = performance.now() - began;
      if (!still || layout.isSettled) tell();
      ask();
    },
    Math.max(kBreathMs, tookMs),
  );
}

scope.onmessage = ({ data }) => {
  if (data.kind === 'run') {
    running = data.on;
    still = data.still;
  } else {
    serial = data.serial;
    layout.set(data.shape);
    tell();
  }
  ask();
};
