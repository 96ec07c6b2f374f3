// Volunteer: what the core decides, carried out by a host, one call at a time. A host may answer a command from inside
// it: that call waits its turn. If the core traps, another one takes its place and is switched on as the first was; what
// the first had is over, which the host is told before anything else. A core that keeps trapping is given up.
import { Core, CoreTrapped } from './core.js';
import { areLimits, kNoLimits, type LimitSettings } from './limits.js';
import { type FillRandom, systemRandom } from './primitives.js';
import {
  type Command,
  type CoreStatus,
  calls,
  type Moment,
  type Network,
  type PipeEnd,
  parseAnswer,
  type Slot,
  type VolunteerConfig,
} from './records.js';
import { Restarts } from './restarts.js';

export interface VolunteerHost {
  // The clocks, now.
  moment(): Moment;
  carryOut(command: Command): void;
  // Call time() then; null: never. Replaces what was said before.
  wakeAt(steadyMs: number | null): void;
  // After each call.
  status(status: CoreStatus): void;
  // All links, legs and posts of before are over, and nothing is to be said of them any more. `why` names no person.
  restarted(why: string): void;
  // The same, and there will not be another core.
  broken(why: string): void;
}

export class Volunteer {
  private core: Core | null = null;
  private people = 0;
  private limits = kNoLimits;
  private network: Network = 'unknown';
  private readonly waiting: ((at: Moment) => Uint8Array)[] = [];
  private running = false;
  private readonly restarts = new Restarts();

  constructor(
    private readonly module: WebAssembly.Module,
    private readonly config: VolunteerConfig,
    private readonly host: VolunteerHost,
    private readonly fillRandom: FillRandom = systemRandom,
    // What a `keep` said last, of this volunteer or the one before it.
    private kept: Uint8Array | null = null,
  ) {
    this.begin();
  }

  // At any time; RangeError: they are none (areLimits).
  setLimits(limits: LimitSettings): void {
    if (!areLimits(limits)) throw new RangeError('no such limits');
    this.limits = limits;
    this.tell((at) => calls.setLimits(at, limits));
  }

  // 0: those who are helped go politely, and nobody else comes.
  setPeople(most: number): void {
    this.people = most;
    this.tell((at) => calls.setPeople(at, most));
  }
  // What is said to the broker of this network's address translation.
  setNetwork(network: Network): void {
    this.network = network;
    this.tell((at) => calls.setNetwork(at, network));
  }
  // In the place of what this one has kept: another one has carried since, while this one was off.
  catchUp(kept: Uint8Array): void {
    this.kept = kept;
    this.tell((at) => calls.restore(at, kept));
  }
  stop(): void {
    this.people = 0;
    this.tell(calls.stop);
  }
  answered(post: bigint, body: Uint8Array): void {
    this.tell((at) => calls.answered(at, post, body));
  }
  failed(post: bigint): void {
    this.tell((at) => calls.failed(at, post));
  }
  answerMade(slot: Slot, answer: string): void {
    this.tell((at) => calls.answerMade(at, slot, answer));
  }
  answerFailed(slot: Slot): void {
    this.tell((at) => calls.answerFailed(at, slot));
  }
  linkOpen(slot: Slot): void {
    this.tell((at) => calls.linkOpen(at, slot));
  }
  linkClosed(slot: Slot, why: PipeEnd): void {
    this.tell((at) => calls.linkClosed(at, slot, why));
  }
  legOpen(slot: Slot): void {
    this.tell((at) => calls.legOpen(at, slot));
  }
  legClosed(slot: Slot, why: PipeEnd): void {
    this.tell((at) => calls.legClosed(at, slot, why));
  }
  // Bytes of this stay so far, from its client and to it.
  carried(slot: Slot, up: number, down: number): void {
    this.tell((at) => calls.carried(at, slot, up, down));
  }
  time(): void {
    this.tell(calls.time);
  }
  networkChange(): void {
    this.tell(calls.networkChange);
  }

  private begin(): void {
    this.core = Core.start(this.module, this.fillRandom);
    this.tell((at) => calls.start(at, this.config));
    const { kept } = this;
    if (kept !== null) this.tell((at) => calls.restore(at, kept));
    if (this.limits !== kNoLimits) this.tell((at) => calls.setLimits(at, this.limits));
    if (this.network !== 'unknown') this.tell((at) => calls.setNetwork(at, this.network));
  }

  private tell(call: (at: Moment) => Uint8Array): void {
    this.waiting.push(call);
    if (this.running) return;
    this.running = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) this.run(next);
    this.running = false;
  }

  private run(call: (at: Moment) => Uint8Array): void {
    if (this.core === null) return;
    const at = this.host.moment();
    try {
      const answer = parseAnswer(this.core.call(call(at)));
      for (const command of answer.commands) {
        if (command.do === 'keep') this.kept = command.record;
        this.host.carryOut(command);
      }
      this.host.wakeAt(answer.deadline);
      this.host.status(answer.status);
    } catch (error) {
      if (!(error instanceof CoreTrapped)) throw error;
      this.replace(at, error.message);
    }
  }

  // What was said to the old core means nothing to the new one.
  private replace(at: Moment, why: string): void {
    this.waiting.length = 0;
    if (!this.restarts.another(at.steadyMs)) {
      this.core = null;
      this.host.wakeAt(null);
      this.host.broken(why);
      return;
    }
    this.host.restarted(why);
    this.begin();
    if (this.people > 0) this.setPeople(this.people);
  }
}
