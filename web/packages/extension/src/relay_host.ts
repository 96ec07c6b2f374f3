// RelayHost: the relay in the document that has it: Chrome's offscreen document, Firefox's background page. It does what the
// hub wishes and says how it is: at once when somebody comes or goes, and what was carried as time goes on.
import type { RelayStatus } from '@footbridge/protocol';
import { type Keeper, type Places, VolunteerFrame } from '@footbridge/relay';
import { bytesOf, hexOf } from './hex.js';
import type { Relaying, Told, Wish } from './talk.js';

export const kTellBytesMs = 10_000; // how often the hub hears what was carried, where nobody looks

export class RelayHost {
  readonly #places: Places;
  readonly #tell: (told: Told) => void;
  #frame: VolunteerFrame | null = null;
  #record: string | null = null;
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
    return { status: this.#frame?.status() ?? nothing, record: this.#record };
  }

  #start({ limits, identity, record }: Relaying): void {
    this.#frame ??= this.#make(identity, record);
    if (this.#limits !== JSON.stringify(limits)) this.#frame.hear({ command: 'setLimits', limits });
    this.#limits = JSON.stringify(limits);
    this.#frame.hear({ command: 'start' });
  }

  #make(identity: Relaying['identity'], record: string | null): VolunteerFrame {
    const who = { form: 'extension' as const, selfTag: bytesOf(identity.selfTag), key: bytesOf(identity.key) };
    const keeper: Keeper = {
      load: async () => (record === null ? null : bytesOf(record)),
      save: (bytes) => {
        this.#record = hexOf(bytes);
        this.#tell(this.told());
      },
    };
    return new VolunteerFrame(this.#places, (status) => this.#onStatus(status), who, keeper);
  }

  #onStatus({ bytesUp: _up, bytesDown: _down, record: _record, ...rest }: RelayStatus): void {
    const now = performance.now();
    if (JSON.stringify(rest) === this.#said && now - this.#saidAt < kTellBytesMs) return;
    this.#said = JSON.stringify(rest);
    this.#saidAt = now;
    this.#tell(this.told());
  }
}
