// CarryingRelay: the relay that carries. What it is made of is fetched when it is first started: its code, core.wasm, and the
// config.json beside this document. What fails can be tried again, unless it is the browser that cannot; for code that did not come
// Firefox asks again only when the page is loaded anew, so people are told to do that.
import { kDefaultLimits, kNothing, type RelayLimits, type RelayStatus } from '@footbridge/protocol';
import type { VolunteerFrame } from '@footbridge/relay';
import type { Relay } from './relay.js';
import { kSaid } from './said_reasons.js';

type Engine = Pick<VolunteerFrame, 'hear' | 'status'>;
export type MakeEngine = (tell: (status: RelayStatus) => void) => Promise<Engine>;

export class CarryingRelay implements Relay {
  onStatus: (status: RelayStatus) => void = () => {};
  #status: RelayStatus = kNothing;
  #limits: RelayLimits = kDefaultLimits;
  #engine: Engine | null = null;
  #wanted = false;
  #loading = false;
  #evenIfRisky = false;
  #reports = false;
  readonly #make: MakeEngine;

  constructor(make: MakeEngine) {
    this.#make = make;
  }

  get status(): RelayStatus {
    return this.#status;
  }

  get limits(): RelayLimits {
    return this.#limits;
  }

  setLimits(limits: RelayLimits): void {
    this.#limits = limits;
    this.#engine?.hear({ command: 'setLimits', limits });
  }

  start(evenIfRisky: boolean): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#evenIfRisky = evenIfRisky;
    if (this.#engine) return this.#engine.hear({ command: 'start', evenIfRisky });
    this.#show({ ...kNothing, state: 'starting' });
    if (!this.#loading) void this.#load();
  }

  stop(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    if (this.#engine) this.#engine.hear({ command: 'stop' });
    else this.#show(kNothing);
  }

  resume(): void {
    this.#engine?.hear({ command: 'resume' });
  }

  setReports(on: boolean): void {
    this.#reports = on;
    this.#engine?.hear({ command: 'setReports', on });
  }

  watch(): void {
    if (this.#wanted) this.#engine?.hear({ command: 'watch' });
  }

  // Once at a time, for whoever wants it when it is there.
  async #load(): Promise<void> {
    this.#loading = true;
    try {
      this.#engine = await this.#make((status) => this.#hear(status));
      this.setLimits(this.#limits);
      if (this.#reports) this.setReports(true);
    } catch {
      const wanted = this.#wanted;
      this.#wanted = false;
      if (wanted) this.#show({ ...kNothing, reason: 'not-loaded' });
      return;
    } finally {
      this.#loading = false;
    }
    if (this.#wanted) this.#engine.hear({ command: 'start', evenIfRisky: this.#evenIfRisky });
  }

  #hear({ reason, ...status }: RelayStatus): void {
    const ended = status.state === 'unavailable' && reason !== 'no-webrtc';
    if (ended) this.#wanted = false;
    const said = kSaid[reason ?? ''];
    const unheard = said === 'broker-silent' && status.state === 'waiting'; // nobody knows of us any more
    const state = ended ? 'off' : unheard ? 'starting' : status.state;
    this.#show({ ...status, state, ...(said ? { reason: said } : {}) });
  }

  #show(status: RelayStatus): void {
    this.#status = status;
    this.onStatus(status);
  }
}
