// A browser for the tests of VolunteerFrame.
import { readFileSync } from 'node:fs';

import type { CoreStatus } from '@footbridge/core';
import type { RelayStatus } from '@footbridge/protocol';
import { type Keeper, memoryKeeper } from './keeper.js';
import type { ToWorker } from './talk.js';
import { VolunteerFrame } from './volunteer_frame.js';

export const wasm = readFileSync(new URL('../../core/build/core.wasm', import.meta.url));
const config = { brokers: [{ url: 'https://broker.example/' }], relays: [] };
const places = {
  worker: 'worker.js',
  wasm: new URL('https://ours.example/core.wasm'),
  config: new URL('https://ours.example/config.json'),
};

const { setTimeout: later } = globalThis;
export const turn = () => new Promise((done) => later(done));

// What a browser has, with files that come when a test lets them, and a worker that is none.
export class Browser {
  readonly network = new EventTarget();
  readonly said: ToWorker[] = [];
  readonly workers: EventTarget[] = [];
  readonly peers: EventTarget[] = [];
  readonly seen: string[] = [];
  readonly order: string[] = []; // peer connections and what the worker was told
  tickers = 0;
  terminated = 0;
  tick = () => {};
  keeper: Keeper = memoryKeeper();
  more: object = {}; // in its config.json
  private readonly asked: ((status: number) => void)[] = [];

  open(): VolunteerFrame {
    const it = this;
    const said = () => JSON.stringify({ ...config, ...it.more });
    Object.assign(globalThis, {
      RTCPeerConnection: class extends EventTarget {
        constructor() {
          super();
          it.peers.push(this);
          it.order.push('peer');
        }
        iceGatheringState = 'complete';
        localDescription = { sdp: 'answer' };
        async setRemoteDescription() {}
        async createAnswer() {}
        createDataChannel() {}
        async setLocalDescription() {
          this.dispatchEvent(new Event('icegatheringstatechange'));
        }
        close() {}
      },
      addEventListener: this.network.addEventListener.bind(this.network),
      Worker: class extends EventTarget {
        constructor() {
          super();
          it.workers.push(this);
        }
        postMessage = (message: ToWorker) => {
          it.said.push(message);
          it.order.push(message.to);
        };
        terminate() {
          ++it.terminated;
        }
      },
      // What a frame would do half a minute later holds up no test's end.
      setTimeout: (then: () => void, ms: number) => later(then, ms).unref(),
      setInterval: (then: () => void) => {
        this.tick = then;
        return ++this.tickers;
      },
      clearInterval: (one: unknown) => {
        if (one !== undefined) --this.tickers;
      },
      fetch: (url: URL) =>
        new Promise((done) => {
          this.asked.push((status) => done(new Response(url === places.config ? said() : wasm, { status })));
        }),
    });
    const tell = ({ state, reason }: RelayStatus) => this.seen.push(reason ? `${state}: ${reason}` : state);
    return new VolunteerFrame(places, tell, undefined, this.keeper);
  }

  // What was asked for is there; 404: it is not.
  bring(status = 200): void {
    for (const answer of this.asked.splice(0)) answer(status);
  }

  // The same, and it has been read.
  async deliver(status = 200): Promise<void> {
    const before = this.workers.length;
    this.bring(status);
    do await turn();
    while (status === 200 && this.workers.length === before);
    await turn();
  }

  people(): number[] {
    return this.said.flatMap((each) => (each.to === 'people' ? [each.most] : []));
  }

  hear(data: unknown): void {
    this.workers.at(-1)?.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
}

export async function running() {
  const browser = new Browser();
  const frame = browser.open();
  frame.hear({ command: 'start' });
  await browser.deliver();
  return { browser, frame };
}

export const core: CoreStatus = {
  on: true,
  heard: true,
  people: 2,
  standby: 0,
  pause: 'none',
  recordLost: false,
  changesAt: null,
  record: { helpedToday: 2, helped: 9, upToday: 1, downToday: 2, up: 3, down: 4, thisMonth: 7 },
  countries: [{ country: 'IR', people: 2 }],
  trouble: '',
};

export const waiting: CoreStatus = { ...core, people: 0 };
