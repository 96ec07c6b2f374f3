// What a relay is made of, from this document's own folder; fetched when it is first wanted. The document's policy lets no address become
// a script without a Trusted Types policy that vouches for it; the one here vouches for the one worker that there is.
import type { RelayStatus } from '@footbridge/protocol';
import { memoryKeeper, storageKeeper, VolunteerFrame } from '@footbridge/relay';

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

const here = (name: string) => new URL(name, document.baseURI);
const kWorker = here('worker.js').href;

function trustedWorker(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const createScriptURL = (url: string) => {
    if (url !== kWorker) throw new TypeError('not our worker');
    return url;
  };
  return trustedTypes?.createPolicy('footbridge-worker', { createScriptURL }).createScriptURL(kWorker) ?? kWorker;
}

const places = { worker: trustedWorker(), wasm: here('core.wasm'), config: here('config.json') };

// What it counts is kept for the next visit in a page of our own; in other people's it is forgotten with the page.
export function makeEngine(tell: (status: RelayStatus) => void): VolunteerFrame {
  const keeper = window.top === window ? storageKeeper() : memoryKeeper();
  return new VolunteerFrame(places, tell, undefined, keeper);
}
