// VolunteerFrame: the volunteer of a page. It makes nothing, asks nothing and connects to nothing before start(); who
// calls that has a person's consent. Its worker has the core, this thread has the links and legs.
import { type CoreStatus, Gate, Restarts } from '@footbridge/core';
import {
  kDefaultLimits,
  type RelayCommand,
  type RelayLimits,
  type RelayNetwork,
  type RelayState,
  type RelayStatus,
} from '@footbridge/protocol';
import { type Installation, parseConfig, type RelayConfig } from './config.js';
import { type Keeper, memoryKeeper } from './keeper.js';
import type { NetstateConfig } from './netstate_config.js';
import { NetworkWatch, watchNetwork } from './network_watch.js';
import { OwnLine } from './own_line.js';
import { Stays } from './stays.js';
import type { Condition, FromWorker, ToWorker } from './talk.js';

const kTellMs = 1_000;

// Where the parts of the frame are, relative to the page.
export interface Places {
  worker: URL | string; // a string: one that a Trusted Types policy vouches for
  wasm: URL;
  config: URL;
}

// A page is another volunteer each time it is loaded.
export function visitor(): Installation {
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  return { form: 'widget', selfTag: random(16), key: random(32) };
}

// A browser may lack it, and what blocks it may leave one that fails when it is used.
function hasWebrtc(): boolean {
  try {
    new RTCPeerConnection().close();
    return true;
  } catch {
    return false;
  }
}

// A file of its own, which only networks with a map need; where it does not come nobody is told.
async function canSign(netstate: NetstateConfig | null): Promise<boolean> {
  if (netstate === null) return false;
  const { signer } = await import('./reporter_key.js').catch(() => ({ signer: async () => null }));
  return (await signer(netstate.key)) !== null;
}

export class VolunteerFrame {
  private limits = kDefaultLimits;
  private worker: Worker | null = null;
  private gate: Gate | null = null;
  private stays: Stays | null = null;
  private watch: NetworkWatch | null = null;
  private network: RelayNetwork | null = null;
  private kept: Uint8Array | null = null; // what the core began with, or has said to keep since
  private run = 0;
  private core: CoreStatus | null = null;
  private turn = 0; // of the switch, on and off
  private coreTurn = 0; // in which the core has said it
  private reason = '';
  private restarted = false; // and has helped nobody since
  private readonly gates = new Restarts();
  private readonly line = new OwnLine();
  private starting = false;
  private evenIfRisky = false; // as the worker's core was told, or will be
  private on = false;
  private leaving = false;
  private netstate: NetstateConfig | null = null; // and this browser can sign for it
  private reports = false; // its person wants that netstate is told
  private reported = false; // something, and not yet that it is over
  private ticking: ReturnType<typeof setInterval> | undefined;
  private readonly life = new AbortController();

  constructor(
    private readonly places: Places,
    private readonly tell: (status: RelayStatus) => void,
    private readonly who: Installation = visitor(),
    private readonly keeper: Keeper = memoryKeeper(),
  ) {
    watchNetwork(() => {
      this.watch?.changed(); // first: who is asked anew is told nothing of the network before
      this.say({ to: 'networkChange' });
    }, this.life.signal);
  }

  hear(command: RelayCommand): void {
    switch (command.command) {
      case 'start':
        return void this.start(command.evenIfRisky === true);
      case 'stop':
        return this.stop();
      case 'setLimits':
        return this.setLimits(command.limits);
      case 'resume':
        return this.resume();
      case 'watch':
        return this.line.watched(performance.now());
      case 'setReports':
        this.reports = command.on;
        this.report();
        return this.tell(this.status());
    }
  }

  status(): RelayStatus {
    const { bytesUp, bytesDown } = this.stays?.totals() ?? { bytesUp: 0, bytesDown: 0 };
    const core = this.ofNow();
    const { pausedUntil, figures } = this.line;
    const pause = pausedUntil !== null ? 'slow' : core === null || core.pause === 'none' ? '' : core.pause;
    const reason = this.reason || (this.on ? pause : '') || core?.trouble || (this.restarted ? 'restarted' : '');
    const until = pausedUntil ?? core?.changesAt ?? null;
    return {
      state: this.state(),
      ...(reason === '' ? {} : { reason }),
      helpingNow: (core?.people ?? 0) - (core?.standby ?? 0),
      helpedToday: core?.record.helpedToday ?? 0,
      bytesUp,
      bytesDown,
      countries: core?.countries ?? [],
      ...(core === null ? {} : { standbyNow: core.standby, record: core.record, recordLost: core.recordLost }),
      ...(until === null ? {} : { changesAt: until }),
      ...(figures === null ? {} : { line: figures }),
      ...(this.on && this.network !== null ? { network: this.network } : {}),
      ...(this.netstate === null ? {} : { reports: this.reports }),
    };
  }

  // What the core said before it heard of the switch is of the time before.
  private ofNow(): CoreStatus | null {
    if (this.core === null || this.coreTurn === this.turn) return this.core;
    return { ...this.core, heard: false, people: 0, standby: 0, countries: [], trouble: '' };
  }

  private state(): RelayState {
    const core = this.ofNow();
    if (this.reason !== '') return 'unavailable';
    if (!this.on) return 'off';
    if (this.line.pausedUntil !== null || (core !== null && core.pause !== 'none')) return 'paused';
    if (!core?.heard) return 'starting';
    return core.people > core.standby ? 'helping' : 'waiting';
  }

  // Netstate hears of nobody before the broker has: until then nobody knows whether helping is dangerous here.
  private condition(): Condition | null {
    const state = this.state();
    const core = this.ofNow();
    if (!this.reports || core === null || core.trouble === 'risky-place') return null;
    if (!(this.on || this.leaving) || (state === 'starting' && !this.reported)) return null;
    const { bytesUp: up, bytesDown: down } = this.status();
    const legs = this.stays?.legs(core.people - core.standby) ?? [];
    const busy = legs.length > 0 ? 'helping' : state === 'paused' ? 'paused' : 'ready';
    return { state: this.leaving ? 'draining' : busy, legs, up, down };
  }

  private report(): void {
    if (this.netstate === null) return;
    const so = this.condition();
    if (so !== null && !this.reported) this.say({ to: 'netstate', config: this.netstate, form: this.who.form });
    if (so !== null || this.reported) this.say({ to: 'report', so });
    this.reported = so !== null;
  }

  private setLimits(limits: RelayLimits): void {
    this.limits = limits;
    this.apply();
  }

  private apply(): void {
    this.gate?.limit(this.limits.bytesPerSecond);
    const { hours, bytesPerDay, bytesPerMonth } = this.limits;
    this.say({ to: 'limits', limits: { hours, bytesPerDay, bytesPerMonth } });
    this.ask();
  }

  // For as many people as may come. While the line is too slow nobody may: who is helped is told, and goes elsewhere.
  private ask(): void {
    if (this.on) this.allow(this.line.pausedUntil !== null ? 0 : this.limits.people);
  }

  private allow(most: number): void {
    this.say({ to: 'people', most, turn: this.turn });
  }

  private resume(): void {
    if (!this.line.goOn()) return;
    this.ask();
    this.heedNetwork();
    this.tell(this.status());
  }

  // Nobody new comes; those who are helped are told, and have a minute (PRX-T5) to go elsewhere. start() takes it back.
  leave(): void {
    if (!this.on) return;
    this.on = false;
    this.leaving = true;
    this.line.switchedOff();
    this.allow(0);
    this.heedNetwork();
    this.report();
    this.tell(this.status());
  }

  private async start(evenIfRisky: boolean): Promise<void> {
    if (this.on) return;
    if (evenIfRisky !== this.evenIfRisky) this.discard(); // a core is told when it begins
    this.evenIfRisky = evenIfRisky;
    this.on = true;
    ++this.turn;
    this.line.switchedOn(performance.now());
    this.leaving = false;
    this.restarted = false;
    this.reason = '';
    this.tell(this.status());
    if (!hasWebrtc()) return this.fail('no-webrtc');
    if (this.worker === null && !this.starting) {
      this.starting = true;
      try {
        await this.begin();
      } catch {
        if (this.on) this.fail('not-loaded');
        return;
      } finally {
        this.starting = false;
      }
    } else if (this.worker !== null) {
      await this.catchUp();
    }
    if (!this.on) return; // it was stopped meanwhile
    this.apply();
    this.heedNetwork();
    this.ticking ??= setInterval(() => this.look(), kTellMs);
  }

  private look(): void {
    const people = this.ofNow()?.people ?? 0;
    if (this.stays !== null && this.line.look(performance.now(), this.stays, people, this.limits.bytesPerSecond))
      this.ask();
    this.heedNetwork();
    this.report();
    this.tell(this.status());
  }

  // It is looked at only while people are asked for, as the core says: STUN servers see the address of who asks them.
  private heedNetwork(): void {
    const { core } = this;
    const asks = core !== null && this.coreTurn === this.turn && core.trouble !== 'risky-place';
    const state = this.state();
    if (asks && (state === 'starting' || state === 'waiting' || state === 'helping')) this.watch?.start();
    else this.watch?.stop();
  }

  // Everything that is loaded stays: what comes next is ready at once.
  private stop(): void {
    if (!this.on && !this.leaving) return;
    this.on = false;
    ++this.turn;
    this.leaving = false;
    this.line.switchedOff();
    clearInterval(this.ticking);
    this.ticking = undefined;
    this.watch?.stop();
    this.say({ to: 'stop' });
    this.report();
    this.keeper.release();
    this.tell(this.status());
  }

  // For good: all that was loaded goes, and nothing is told or kept any more. Whoever wants another volunteer makes one.
  end(): void {
    this.stop();
    this.life.abort();
    this.discard();
  }

  private fail(reason: string): void {
    this.on = false;
    this.leaving = false;
    this.reason = reason;
    this.discard();
    this.keeper.release();
    this.tell(this.status());
  }

  private discard(): void {
    this.worker?.terminate();
    this.worker = null;
    this.stays?.drop();
    this.watch?.stop();
    this.core = null;
    this.reported = false;
    this.line.switchedOff();
    clearInterval(this.ticking);
    this.ticking = undefined;
  }

  private async begin(): Promise<void> {
    const [config, wasm, kept] = await Promise.all([
      fetch(this.places.config),
      fetch(this.places.wasm),
      this.keeper.load(),
    ]);
    if (!config.ok || !wasm.ok) throw new Error('not there');
    const parsed = parseConfig(await config.json());
    const module = await WebAssembly.compile(await wasm.arrayBuffer());
    this.netstate = (await canSign(parsed.netstate)) ? parsed.netstate : null;
    if (!this.life.signal.aborted) this.make(parsed, module, kept);
  }

  // Another tab may have carried since this one stopped.
  private async catchUp(): Promise<void> {
    const kept = await this.keeper.load();
    if (kept === null || !this.on || String(kept) === String(this.kept)) return;
    this.kept = kept;
    this.say({ to: 'restore', kept });
  }

  private make(config: RelayConfig, module: WebAssembly.Module, kept: Uint8Array | null): void {
    this.run = 0;
    this.kept = kept;
    this.gate = Gate.start(module, (why) => this.gateReplaced(why));
    this.stays = new Stays(config.iceServers, this.gate, (event) => this.say({ to: 'event', run: this.run, event }));
    this.worker = new Worker(this.places.worker, { type: 'module' });
    this.worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.listen(data));
    this.worker.addEventListener('error', () => this.fail('worker-lost'));
    this.watch ??= NetworkWatch.of(config.iceServers, (network) => this.looked(network));
    const volunteer = { ...config.volunteer, ...this.who, evenIfRisky: this.evenIfRisky };
    this.say({ to: 'begin', module, config: volunteer, kept });
  }

  private looked(network: RelayNetwork | null): void {
    this.network = network;
    this.say({ to: 'network', network: network ?? 'unknown' });
    if (network !== null) this.tell(this.status());
  }

  // Nobody is sent away for that: what it knew was how long queues are.
  private gateReplaced(why: string): void {
    console.warn('footbridge: the gate was restarted:', why);
    if (!this.gates.another(performance.now())) this.fail('core-broken');
  }

  private say(message: ToWorker): void {
    this.worker?.postMessage(message);
  }

  private listen(message: FromWorker): void {
    switch (message.from) {
      case 'command':
        if (message.run === this.run) this.stays?.carryOut(message.command);
        return;
      case 'status': {
        const before = JSON.stringify([this.core, this.coreTurn]);
        this.core = message.status;
        this.coreTurn = message.turn;
        if (this.core.people > 0) this.restarted = false;
        this.heedNetwork();
        if (before !== JSON.stringify([this.core, this.coreTurn])) this.tell(this.status());
        return;
      }
      case 'keep':
        this.kept = message.record;
        return this.keeper.save(message.record);
      case 'restarted':
        this.run = message.run;
        this.stays?.drop();
        this.restarted = true;
        this.line.coreRestarted();
        console.warn('footbridge: the core was restarted:', message.why);
        return;
      case 'broken':
        console.error('footbridge: the core is given up:', message.why);
        return this.fail('core-broken');
    }
  }
}
