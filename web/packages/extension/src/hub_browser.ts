// The hub in a browser: its storage, alarms, icon, and who asks it. Everything that differs between browsers is `relay`.
import { connection, whyCostly } from '@footbridge/frame/background';
import { api, type Badge } from './api.js';
import { Face } from './badge.js';
import { type Alarm, Hub, type HubHost } from './hub.js';
import { kRights, type Right } from './rights.js';
import { speechFor, statusText } from './status_text.js';
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
    case 'helpAnyway':
      return hub.helpAnyway();
    case 'set':
      return hub.set(message.settings);
    case 'erase':
      return hub.erase();
    case 'look':
      return hub.wake();
    case 'told':
      return hub.told(message.told);
  }
}

// What fails is tried again by the hub.
function quietly(done: Promise<View>): void {
  done.catch(() => {});
}

async function rights(): Promise<readonly Right[]> {
  const { permissions = [] } = await api.permissions.getAll();
  return kRights.filter((right) => permissions.includes(right));
}

// Always the same one: what is new takes the place of what was told before.
async function notify(view: View): Promise<void> {
  const what = { type: 'basic', iconUrl: api.runtime.getURL('icons/active-128.png'), title: 'Footbridge' } as const;
  await api.notifications?.create('footbridge', {
    ...what,
    message: statusText(view, await speechFor(view.settings, navigator.languages)),
  });
}

// Every listener is there when this returns: a browser that starts a worker for an event wants it at once.
export function runHub(relay: HubHost['relay']): Hub {
  const face = new Face((api.action ?? api.browserAction) as Badge, navigator.languages);
  const hub = new Hub({
    relay,
    load: async () => (await api.storage.local.get(kKey))[kKey],
    save: (kept) => api.storage.local.set({ [kKey]: kept }),
    erase: () => api.storage.local.clear(),
    rights,
    giveBack: async (right) => void (await api.permissions.remove({ permissions: [right] })),
    show: (view) => face.show(view),
    notify: (view) => void notify(view).catch(() => {}), // who is not told then is told of the next one
    whyCostly: () => whyCostly(),
    alarm: (name, at) => void (at === null ? api.alarms.clear(name) : api.alarms.create(name, { when: at })),
    awaits: async (name) => (await api.alarms.get(name)) !== undefined,
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
  api.permissions.onRemoved.addListener(() => quietly(hub.rightsChanged()));
  connection()?.addEventListener('change', () => quietly(hub.wake()));
  api.alarms.onAlarm.addListener(({ name }) => quietly(hub.alarm(name as Alarm)));
  api.runtime.onMessage.addListener((message, sender, reply) => {
    if (!to('hub', message) || !isOurs(sender)) return undefined;
    answer(hub, message as ToHub).then(reply, () => reply(null));
    return true;
  });
  quietly(hub.wake());
  return hub;
}
