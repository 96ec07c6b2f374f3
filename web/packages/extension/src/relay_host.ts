// RelayHost: the relay in the document that has it: Chrome's offscreen document, Firefox's background page. It does what the
// hub wishes and says how it is: at once when somebody comes or goes, and what was carried as time goes on.
import type { RelayStatus } from '@footbridge/protocol';
import { memoryKeeper, type Places, VolunteerFrame } from '@footbridge/relay';
import type { Told, Wish } from './talk.js';

export const kTellBytesMs = 10_000; // at most this much of what was carried is not counted when a browser is killed

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export class RelayHost {
  readonly #run = crypto.randomUUID();
  readonly #places: Places;
  readonly #tell: (told: Told) => void;
  #frame: VolunteerFrame | null = null;
  #limits = '';
  #said = '';
  #saidAt = 0;

  constructor(places: Places, tell: (told: Told) => void) {
    this.#places = places;
    this.#tell = tell;
  }

  // undefined: nothing is wished.
  hear(wish: Wish | undefined): Told {
    if (wish) this.#start(wish);
    else if (wish === null) this.#frame?.hear({ command: 'stop' });
    return this.told();
  }

  told(): Told {
    const nothing: RelayStatus = {
      state: 'off',
      helpingNow: 0,
      helpedToday: 0,
      bytesUp: 0,
      bytesDown: 0,
      countries: [],
    };
    return { run: this.#run, status: this.#frame?.status() ?? nothing };
  }

  #start({ limits, identity }: Exclude<Wish, null>): void {
    const who = { form: 'extension' as const, selfTag: bytesOf(identity.selfTag), key: bytesOf(identity.key) };
    // What lasts is the hub's to count.
    this.#frame ??= new VolunteerFrame(this.#places, (status) => this.#onStatus(status), who, memoryKeeper());
    if (this.#limits !== JSON.stringify(limits)) this.#frame.hear({ command: 'setLimits', limits });
    this.#limits = JSON.stringify(limits);
    this.#frame.hear({ command: 'start' });
  }

  #onStatus({ bytesUp: _up, bytesDown: _down, ...rest }: RelayStatus): void {
    const now = performance.now();
    if (JSON.stringify(rest) === this.#said && now - this.#saidAt < kTellBytesMs) return;
    this.#said = JSON.stringify(rest);
    this.#saidAt = now;
    this.#tell(this.told());
  }
}
