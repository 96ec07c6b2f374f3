// A page that lends its visitor's connection, with a button to begin and one line that says what it does.
import type { RelayStatus } from '@footbridge/protocol';
import { storageKeeper } from './keeper.js';
import { VolunteerFrame, visitor } from './volunteer_frame.js';

const here = document.baseURI;
const line = document.querySelector('output');
const button = document.querySelector('button');

function show(status: RelayStatus): void {
  if (line) line.textContent = JSON.stringify(status);
  if (button) button.textContent = status.state === 'off' || status.state === 'unavailable' ? 'Start' : 'Stop';
}

const frame = new VolunteerFrame(
  {
    worker: new URL('worker.js', here),
    wasm: new URL('core.wasm', here),
    config: new URL('config.json', here),
  },
  show,
  visitor(),
  storageKeeper(),
);
show(frame.status());
button?.addEventListener('click', () => {
  const { state } = frame.status();
  frame.hear({ command: state === 'off' || state === 'unavailable' ? 'start' : 'stop' });
});
