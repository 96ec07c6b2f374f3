// The hub in a browser: its storage, alarms, icon, and who asks it. Everything that differs between browsers is `relay`.
import { api, type Badge } from './api.js';
import { Face } from './badge.js';
import { type Alarm, Hub, type HubHost } from './hub.js';
import { isOurs, type ToHub, to, type View } from './talk.js';

const kKey = 'kept';

function answer(hub: Hub, message: ToHub): Promise<View> {
  switch (message.ask) {
    case 'view':
      return hub.view();
    case 'agree':
      return hub.agree();
    case 'decline':
      return hub.decline();
    case 'switch':
      return hub.switch(message.on);
    case 'pause':
      return hub.pause();
    case 'resume':
      return hub.resume();
    case 'set':
      return hub.set(message.settings);
    case 'told':
      return hub.told(message.told);
  }
}

// What fails is tried again by the hub.
function quietly(done: Promise<View>): void {
  done.catch(() => {});
}

// Every listener is there when this returns: a browser that starts a worker for an event wants it at once.
export function runHub(relay: HubHost['relay']): Hub {
  const face = new Face((api.action ?? api.browserAction) as Badge, navigator.languages);
  const hub = new Hub({
    relay,
    load: async () => (await api.storage.local.get(kKey))[kKey],
    save: (kept) => api.storage.local.set({ [kKey]: kept }),
    show: (view) => face.show(view),
    alarm: (name, at) => void (at === null ? api.alarms.clear(name) : api.alarms.create(name, { when: at })),
    welcome: () => void api.tabs.create({ url: api.runtime.getURL('welcome.html') }),
    reload: () => api.runtime.reload(),
    now: () => Date.now(),
    random: () => Math.random(),
    fillRandom: (bytes) => crypto.getRandomValues(bytes),
  });
  api.runtime.onInstalled.addListener(({ reason }) => {
    if (reason === 'install') quietly(hub.installed());
    if (reason === 'update') quietly(hub.renewed());
  });
  api.runtime.onStartup.addListener(() => quietly(hub.renewed()));
  api.runtime.onUpdateAvailable.addListener(() => quietly(hub.updateAvailable()));
  api.alarms.onAlarm.addListener(({ name }) => quietly(hub.alarm(name as Alarm)));
  api.runtime.onMessage.addListener((message, sender, reply) => {
    if (!to('hub', message) || !isOurs(sender)) return undefined;
    answer(hub, message as ToHub).then(reply, () => reply(null));
    return true;
  });
  quietly(hub.wake());
  return hub;
}
