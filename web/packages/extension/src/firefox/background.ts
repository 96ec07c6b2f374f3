// Firefox's background page, which lives as long as the browser: hub and relay in one document.
import { runHub } from '../hub_browser.js';
import { places } from '../places.js';
import { RelayHost } from '../relay_host.js';
import type { Wish } from '../talk.js';

let host: RelayHost | null = null;

function make(): RelayHost {
  return new RelayHost(places(), (told) => void hub.told(told).catch(() => {})); // the next one will be heard
}

const hub = runHub({
  async wish(wish: Wish) {
    if (typeof wish === 'object' && wish !== null) host ??= make();
    return host?.hear(wish) ?? null;
  },
  ask: async () => host?.told() ?? null,
  async close() {
    host?.end();
    host = null;
  },
});
