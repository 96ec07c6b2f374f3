// RelayHost: the relay in the document that has it: Chrome's offscreen document, Firefox's background page. It does what the
// hub wishes and says how it is: at once when somebody comes or goes, and what was carried as time goes on.
import { kNothing, type RelayStatus } from '@footbridge/protocol';
import { type Installation, type Keeper, type Places, VolunteerFrame } from '@footbridge/relay';
import { bytesOf, hexOf } from './hex.js';
import type { Relaying, Told, Wish } from './talk.js';

export const kTellBytesMs = 10_000; // how often the hub hears what was carried, where nobody looks

export type Frame = Pick<VolunteerFrame, 'hear' | 'leave' | 'status' | 'end'>;

export interface Surroundings {
  make(tell: (status: RelayStatus) => void, who: Installation, keeper: Keeper): Frame;
  now(): number; // milliseconds that only go on
}

function ofBrowser(places: Places): Surroundings {
  return {
    make: (tell, who, keeper) => new VolunteerFrame(places, tell, who, keeper),
    now: () => performance.now(),
  };
}

export class RelayHost {
  readonly #around: Surroundings;
  readonly #tell: (told: Told) => void;
  #frame: Frame | null = null;
  #record: string | null = null;
  #limits = '';
  #evenIfRisky = false;
  #reports = false;
  #said = { news: '', all: '', at: 0 };

  constructor(places: Places, tell: (told: Told) => void, around: Surroundings = ofBrowser(places)) {
    this.#around = around;
    this.#tell = tell;
  }

  // undefined: nothing is wished.
  hear(wish: Wish | undefined): Told {
    if (wish === 'leave') this.#frame?.leave();
    else if (wish === 'resume') this.#frame?.hear({ command: 'resume' });
    else if (wish) this.#start(wish);
    else if (wish === null) this.#frame?.hear({ command: 'stop' });
    return this.told();
  }

  told(): Told {
    return { status: this.#frame?.status() ?? kNothing, record: this.#record };
  }

  // For good: nothing is said any more. Another one begins with what it is told then.
  end(): void {
    this.#frame?.end();
  }

  #start({ limits, identity, record, evenIfRisky, reports }: Relaying): void {
    this.#frame ??= this.#make(identity, record);
    if (this.#limits !== JSON.stringify(limits)) this.#frame.hear({ command: 'setLimits', limits });
    this.#limits = JSON.stringify(limits);
    if (this.#reports !== reports) this.#frame.hear({ command: 'setReports', on: reports });
    this.#reports = reports;
    if (this.#evenIfRisky !== evenIfRisky) this.#frame.hear({ command: 'stop' }); // a start says it, and what runs is not started
    this.#evenIfRisky = evenIfRisky;
    this.#frame.hear({ command: 'start', evenIfRisky });
  }

  #make(identity: Relaying['identity'], record: string | null): Frame {
    this.#record = record;
    const who = { form: 'extension' as const, selfTag: bytesOf(identity.selfTag), key: bytesOf(identity.key) };
    const keeper: Keeper = {
      load: async () => (this.#record === null ? null : bytesOf(this.#record)), // also after the relay's worker was lost
      save: (bytes) => {
        this.#record = hexOf(bytes);
        this.#tell(this.told());
      },
      release() {}, // there is no other
    };
    return this.#around.make((status) => this.#onStatus(status), who, keeper);
  }

  // Each word wakes the hub, and is stored: amounts are no news, and nothing is said twice.
  #onStatus(status: RelayStatus): void {
    const { bytesUp: _up, bytesDown: _down, record: _record, ...rest } = status;
    const [news, all, at] = [JSON.stringify(rest), JSON.stringify(status), this.#around.now()];
    const said = this.#said;
    if (news === said.news && (all === said.all || at - said.at < kTellBytesMs)) return;
    this.#said = { news, all, at };
    this.#tell(this.told());
  }
}
