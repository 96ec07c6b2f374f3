import assert from 'node:assert/strict';
import { type Alarm, Hub, type HubHost } from './hub.js';
import type { Right } from './rights.js';
import type { Told, View, Wish } from './talk.js';

type Failing = 'load' | 'wish' | 'save' | 'erase';

// A browser with a clock of its own, in which hubs come and go.
export class World {
  now = 1_000_000;
  random = 0.5;
  filled = 0;
  stored: unknown;
  alarms = new Map<Alarm, number>();
  welcomes = 0;
  reloads = 0;
  shown: View[] = [];
  wishes: Wish[] = [];
  relay: Told | null = null;
  told: View[] = []; // to the person
  costly: string | null = null;
  rights = new Set<Right>();
  noRights = false; // nobody says which there are
  fails: Failing | null = null; // once
  hub: Hub;

  constructor() {
    this.hub = this.begin();
  }

  // What a browser does with a service worker: the next one knows only what is stored.
  begin(): Hub {
    const host: HubHost = {
      load: async () => {
        this.failing('load');
        return structuredClone(this.stored);
      },
      save: async (kept) => {
        this.failing('save');
        this.stored = structuredClone(kept);
      },
      erase: async () => {
        this.failing('erase');
        this.stored = undefined;
      },
      rights: async () => {
        if (this.noRights) throw new Error('no rights');
        return [...this.rights];
      },
      giveBack: async (right) => {
        this.rights.delete(right);
        void this.hub.rightsChanged(); // as the browser says then
      },
      relay: {
        wish: async (wish) => {
          this.wishes.push(wish);
          this.failing('wish');
          if (wish === 'resume') this.said(0);
          else if (wish !== null && wish !== 'leave') {
            if (!this.relay || this.relay.status.state === 'off') this.said(0);
          } else if (this.relay) this.relay.status.state = 'off';
          if (wish === null && this.relay) this.relay.status.helpingNow = 0;
          return this.relay;
        },
        ask: async () => this.relay,
        close: async () => {
          this.relay = null;
        },
      },
      show: (view) => this.shown.push(view),
      notify: (view) => this.told.push(view),
      whyCostly: () => this.costly,
      alarm: (name, at) => void (at === null ? this.alarms.delete(name) : this.alarms.set(name, at)),
      awaits: async (name) => this.alarms.has(name),
      welcome: () => ++this.welcomes,
      reload: () => ++this.reloads,
      now: () => this.now,
      random: () => this.random,
      fillRandom: (bytes) => bytes.fill(++this.filled),
    };
    this.hub = new Hub(host);
    return this.hub;
  }

  private failing(what: Failing): void {
    if (this.fails !== what) return;
    this.fails = null;
    throw new Error(`no ${what}`);
  }

  said(helpingNow: number, helped = helpingNow, down = 0, record = '00'): Told {
    const state = helpingNow > 0 ? ('helping' as const) : ('waiting' as const);
    const said = { helpedToday: helped, helped, upToday: 0, downToday: down, up: 0, down, thisMonth: down };
    const status = { state, helpingNow, helpedToday: helped, bytesUp: 0, bytesDown: down, countries: [], record: said };
    this.relay = { status, record };
    return this.relay;
  }

  // Lets time pass, from alarm to alarm.
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const [next] = [...this.alarms].sort(([, one], [, other]) => one - other);
      if (next === undefined || next[1] > end) break;
      const [name, at] = next;
      this.alarms.delete(name);
      this.now = Math.max(this.now, at);
      await this.hub.alarm(name);
    }
    this.now = end;
  }

  get last(): Wish | undefined {
    return this.wishes.at(-1);
  }

  get relaying() {
    const { last } = this;
    assert.ok(last && last !== 'leave' && last !== 'resume', 'it is not wished to relay');
    return last;
  }
}

export async function agreed(): Promise<World> {
  const world = new World();
  await world.hub.agree();
  return world;
}
