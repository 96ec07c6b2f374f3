// StateReporter: the worker's side of what a page tells netstate (docs/spec/18-netstate.md): a StateKeeper on the worker's clock, and its
// requests. One is under way at a time, what is not taken in time is dropped for the newest, and nothing else waits for it: what is carried
// does not pass this thread. Each time that it is told to begin is another run, under a name drawn for it alone, which nothing keeps.
import type { Surroundings } from './desk.js';
import type { NetstateConfig } from './netstate_config.js';
import {
  encodeBatch,
  encodeReport,
  inSteps,
  kRoles,
  type NodeState,
  type ReportedLeg,
  signedText,
} from './report_wire.js';
import { type Sign, signer } from './reporter_key.js';
import { plainPost } from './request.js';
import { kReportLimitMs, StateKeeper } from './state_keeper.js';
import type { Condition, ToReporter } from './talk.js';

export const kGoodbyeMs = 2_000; // NTS-T34: for the last word of a run
const kNodeBytes = 16;
const kTaken = 204;

interface Now {
  change: string;
  state: NodeState;
  legs: ReportedLeg[];
  up: number; // bytes since the frame was loaded
  down: number;
}

interface Run {
  node: Uint8Array;
  keeper: StateKeeper<Now>;
  from: Condition; // what was carried before it
  over: boolean;
}

type Around = Pick<Surroundings, 'fetch' | 'steadyMs' | 'wallMs' | 'fillRandom' | 'after'>;

// Seconds, as our netstate says them; 0: it says none.
function retryAfterMs(response: Response): number {
  const said = response.headers.get('Retry-After') ?? '';
  return /^\d{1,9}$/.test(said) ? Number(said) * 1_000 : 0;
}

export class StateReporter {
  private to: { config: NetstateConfig; form: keyof typeof kRoles; sign: Promise<Sign | null> } | null = null;
  private now: Condition | null = null;
  private run: Run | null = null;
  private endTimer: () => void = () => {};

  constructor(
    private readonly around: Around,
    private readonly subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle,
  ) {}

  hear(message: ToReporter): void {
    if (message.to === 'netstate') {
      this.to = { config: message.config, form: message.form, sign: signer(message.config.key, this.subtle) };
      return;
    }
    this.now = message.so;
    if (this.now === null && this.run !== null) this.run.over = true;
    this.look();
  }

  // Tells what is to be told now, or looks again when something is.
  private look(): void {
    this.endTimer();
    this.endTimer = () => {};
    const nowMs = this.around.steadyMs();
    const run = this.run ?? this.begin();
    if (run === null) return;
    if (run.over) run.keeper.set({ ...this.seen(run.from), state: 'gone', legs: [], change: 'gone' });
    else if (this.now !== null) run.keeper.set(this.seen(this.now));
    const due = run.keeper.next();
    if (due === null) return; // its answer looks again
    if (run.over && (!run.keeper.hasTold || due > nowMs + kGoodbyeMs)) return this.end();
    if (due > nowMs) this.endTimer = this.around.after(due - nowMs, () => this.look());
    else void this.send(run, nowMs);
  }

  private begin(): Run | null {
    if (this.now === null || this.to === null) return null;
    const draw = (bytes: number) => {
      const out = new Uint8Array(bytes);
      this.around.fillRandom(out);
      return out;
    };
    const random = () => (draw(1)[0] ?? 0) / 255;
    this.run = { node: draw(kNodeBytes), keeper: new StateKeeper(random), from: this.now, over: false };
    return this.run;
  }

  private end(): void {
    this.run = null;
    if (this.now !== null) this.look(); // it was begun anew meanwhile
  }

  // An egress that the network's file does not name is left out: nobody could say which it is.
  private seen({ state, legs, up, down }: Condition): Now {
    const names = this.to?.config.names ?? new Map();
    const named = legs.flatMap(({ relay, people }) => {
      const egress = names.get(relay);
      return egress === undefined ? [] : [{ egress, people }];
    });
    return {
      state,
      legs: named,
      up,
      down,
      change: JSON.stringify([state, named.map((leg) => [...leg.egress, leg.people])]),
    };
  }

  private async send(run: Run, nowMs: number): Promise<void> {
    const told = run.keeper.take(nowMs);
    if (told === null || this.to === null) return;
    const stop = new AbortController();
    const endLimit = this.around.after(kReportLimitMs, () => stop.abort());
    const answer = await this.post(run, told, stop.signal).catch(() => null);
    endLimit();
    stop.abort(); // nobody reads the rest of it
    if (answer?.status === kTaken) run.keeper.taken(this.around.steadyMs());
    else run.keeper.failed(this.around.steadyMs(), answer === null ? 0 : retryAfterMs(answer));
    if (told.state === 'gone') this.end();
    else this.look();
  }

  private async post(run: Run, told: Now & { sequence: number }, signal: AbortSignal): Promise<Response> {
    if (this.to === null) throw new Error('nobody to tell');
    const { config, form, sign: made } = this.to;
    const sign = await made;
    if (sign === null) throw new Error('no Ed25519 here');
    const report = encodeReport({
      node: run.node,
      role: kRoles[form],
      sequence: told.sequence,
      state: told.state,
      legs: told.legs,
      upKib: inSteps(Math.max(0, told.up - run.from.up)),
      downKib: inSteps(Math.max(0, told.down - run.from.down)),
    });
    const timeMs = this.around.wallMs();
    const signature = await sign(signedText(report, timeMs));
    return this.around.fetch(config.url, plainPost(encodeBatch(report, timeMs, signature, config.chain), signal));
  }
}
