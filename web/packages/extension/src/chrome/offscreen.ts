// Chrome's offscreen document: the relay. It has no part of the extension's interface but messages.
import { connection } from '@footbridge/frame/background';
import { api } from '../api.js';
import { places } from '../places.js';
import { RelayHost } from '../relay_host.js';
import { isOurs, type ToRelay, to } from '../talk.js';

const host = new RelayHost(places(), (told) => {
  api.runtime.sendMessage({ to: 'hub', ask: 'told', told }).catch(() => {}); // the next one will be heard
});

// The hub may be ended when the connection becomes one that costs, or none any more.
connection()?.addEventListener('change', () => {
  api.runtime.sendMessage({ to: 'hub', ask: 'look' }).catch(() => {}); // it looks by itself each minute
});

api.runtime.onMessage.addListener((message, sender, reply) => {
  if (!to('relay', message) || !isOurs(sender)) return undefined;
  reply(host.hear((message as ToRelay).wish));
  return undefined;
});
