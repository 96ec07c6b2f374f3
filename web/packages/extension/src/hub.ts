// Hub: what the extension does, and when. It keeps what a person wants and what was carried, and sees that a relay runs when
// and only when he agreed, wants it, has not paused it, and it costs him nothing unasked. It may be ended at any moment, as browsers end service workers, and
// begins anew from what is stored and what the relay says. Each call is carried out after the one before.
import { kConsentVersion } from '@footbridge/frame/consent';
import { kNothing } from '@footbridge/protocol';
import { helpedAt, todayOf } from './helped.js';
import { hexOf } from './hex.js';
import { dropImpossible, type Kept, kNotifyEveryMs, kPauseMs, kUpdateJitterMs, readKept } from './kept.js';
import { type RightsHost, settleRights } from './rights.js';
import { readSettings, type Settings } from './settings.js';
import type { Told, View, ViewState, Wish } from './talk.js';

export const kWatchMs = 60_000; // how soon a relay that was lost, or could not start, is started again
export const kDrainMs = 65_000; // to the end of the relay: the core gives those who are to leave a minute (PRX-T5), then closes
export const kLookedMs = 3_000; // our pages ask each second how it is

const kRunning: readonly ViewState[] = ['starting', 'waiting', 'helping', 'unavailable'];
export const kAlarms = ['watch', 'resume', 'drained', 'update'] as const;
export type Alarm = (typeof kAlarms)[number];

export interface HubHost extends RightsHost {
  load(): Promise<unknown>;
  save(kept: Kept): Promise<void>;
  // Leaves nothing stored.
  erase(): Promise<void>;
  relay: {
    // Only a wish to relay makes the relay if there is none. null: there is none.
    wish(wish: Wish): Promise<Told | null>;
    ask(): Promise<Told | null>;
    // Ends it, with what is left of it.
    close(): Promise<void>;
  };
  show(view: View): void;
  // Tells the person, wherever he is, what the view says.
  notify(view: View): void;
  // Why this connection should not be used unasked; null: no reason known.
  whyCostly(): string | null;
  // Calls alarm() then, also in another life of the hub; null: not any more.
  alarm(name: Alarm, at: number | null): void;
  // Whether it will.
  awaits(name: Alarm): Promise<boolean>;
  welcome(): void;
  reload(): void;
  now(): number; // Unix milliseconds
  random(): number; // 0 to 1
  fillRandom(bytes: Uint8Array): Uint8Array;
}

// null: it was done.
function outcome(done: Promise<void>): Promise<{ why: unknown } | null> {
  return done.then(
    () => null,
    (why: unknown) => ({ why }),
  );
}

export class Hub {
  #kept: Kept | null = null;
  #status = kNothing;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly host: HubHost) {}

  // The browser, or this part of it, has just started, or what it is in has changed.
  wake(): Promise<View> {
    return this.#inTurn(() => this.#pursue());
  }

  installed(): Promise<View> {
    return this.#inTurn(async (kept) => {
      if (kept.consent === null) this.host.welcome();
      return this.#view(kept);
    });
  }

  // This is another version than before, or the first life of a browser, which has put in what waited.
  renewed(): Promise<View> {
    return this.#change((kept) => {
      if (kept.lapsed) this.host.welcome();
      kept.lapsed = false;
      kept.updateAt = null;
    });
  }

  view(): Promise<View> {
    return this.#inTurn(async (kept) => {
      this.#lookedAt = this.host.now();
      await this.#hear(kept, await this.host.relay.ask());
      return this.#view(kept);
    });
  }

  told(told: Told): Promise<View> {
    return this.#inTurn(async (kept) => {
      await this.#hear(kept, told);
      return this.#view(kept);
    });
  }

  agree(): Promise<View> {
    return this.#change((kept) => {
      kept.consent = { version: kConsentVersion, time: this.host.now() };
      kept.on = true;
      kept.lapsed = false;
      kept.pausedUntil = null;
    });
  }

  decline(): Promise<View> {
    return this.#change((kept) => {
      kept.consent = null;
      kept.on = false;
      kept.lapsed = false;
      kept.risk = null;
    });
  }

  switch(on: boolean): Promise<View> {
    return this.#change((kept) => {
      if (on && kept.consent === null) this.host.welcome();
      kept.on = on && kept.consent !== null;
      kept.pausedUntil = null;
      if (kept.risk === 'asked') kept.risk = null; // he may be elsewhere then
    });
  }

  helpAnyway(): Promise<View> {
    return this.#change((kept) => {
      if (kept.risk === 'asked') kept.risk = 'accepted';
    });
  }

  pause(): Promise<View> {
    return this.#change((kept) => {
      if (kept.on) kept.pausedUntil = this.host.now() + kPauseMs;
    });
  }

  // After a person's own pause, or the relay's for a slow line.
  async resume(): Promise<View> {
    await this.#change((kept) => {
      kept.pausedUntil = null;
    });
    return this.#inTurn(async (kept) => {
      if (this.#status.reason === 'slow') await this.#hear(kept, await this.host.relay.wish('resume'));
      return this.#view(kept);
    });
  }

  set(settings: Settings): Promise<View> {
    return this.#change((kept) => {
      kept.settings = readSettings(settings);
    });
  }

  // A right has been taken away.
  rightsChanged(): Promise<View> {
    return this.#inTurn(async (kept) => {
      const before = kept.settings;
      await settleRights(kept, this.host);
      if (kept.settings !== before) await this.host.save(kept);
      return this.#view(kept);
    });
  }

  // As if it had just been installed: nothing runs, nothing is stored, nobody has agreed, no right is left.
  erase(): Promise<View> {
    return this.#inTurn(async () => {
      await this.host.relay.wish(null); // who is helped hears of the end, and takes another volunteer
      await this.host.relay.close();
      for (const name of kAlarms) this.host.alarm(name, null);
      const fresh = readKept(undefined);
      this.#kept = fresh;
      this.#status = kNothing;
      const erased = await outcome(this.host.erase().catch(() => this.host.save(fresh))); // what stays is written over
      await settleRights(fresh, this.host);
      const view = this.#view(fresh);
      this.host.show(view);
      if (erased !== null) throw erased.why;
      return view;
    });
  }

  // What is on takes it at a moment of its own, when those who are helped have gone elsewhere. What is off, or paused, takes it
  // at once, unless somebody reads one of our pages, which would close.
  updateAvailable(): Promise<View> {
    return this.#inTurn((kept) => this.#update(kept));
  }

  alarm(name: Alarm): Promise<View> {
    return this.#inTurn(async (kept) => {
      if (name === 'update') return this.#leaveForUpdate(kept);
      if (name === 'drained') return this.#end(kept);
      return this.#pursue();
    });
  }

  #inTurn(work: (kept: Kept) => Promise<View>): Promise<View> {
    const done = this.#turn.then(async () => work(await this.#load()));
    this.#turn = done.catch(() => this.host.alarm('watch', this.host.now() + kWatchMs)); // what failed is tried again
    return done;
  }

  async #load(): Promise<Kept> {
    this.#kept ??= readKept(await this.host.load());
    dropImpossible(this.#kept, this.host.now());
    return this.#kept;
  }

  #change(change: (kept: Kept) => void): Promise<View> {
    return this.#inTurn(async (kept) => {
      change(kept);
      if (kept.on && kept.identity === null) {
        const random = (bytes: number) => hexOf(this.host.fillRandom(new Uint8Array(bytes)));
        kept.identity = { selfTag: random(16), key: random(32) };
      }
      // Whoever switches it off has it off, whether or not rights can be settled, and that be stored.
      await settleRights(kept, this.host).catch(() => {});
      const saved = await outcome(this.host.save(kept));
      const view = await this.#pursue();
      if (saved !== null) throw saved.why;
      return view;
    });
  }

  #isPaused(kept: Kept): boolean {
    return kept.pausedUntil !== null && kept.pausedUntil > this.host.now();
  }

  #costly(kept: Kept): string | null {
    return kept.settings.metered ? null : this.host.whyCostly();
  }

  #isOff(kept: Kept): boolean {
    if (!kept.on || kept.consent === null || kept.risk === 'asked') return true;
    return this.#isPaused(kept) || this.#costly(kept) !== null;
  }

  #wanted(kept: Kept): boolean {
    return !this.#isOff(kept) && !this.#isUpdating(kept);
  }

  // What waits for it is only that nobody is helped any more.
  #isUpdating(kept: Kept): boolean {
    return !this.#isOff(kept) && kept.updateAt !== null && kept.updateAt <= this.host.now();
  }

  // Makes true what is wanted, as far as it is not. Alarms come first: they are there also if the rest fails.
  async #pursue(): Promise<View> {
    const kept = await this.#load();
    const wanted = this.#wanted(kept);
    const paused = kept.on && this.#isPaused(kept);
    const costs = kept.on && !paused && this.#costly(kept) !== null; // until it does not
    this.host.alarm('watch', wanted || costs ? this.host.now() + kWatchMs : null);
    this.host.alarm('resume', paused ? kept.pausedUntil : null);
    this.host.alarm('update', this.#isUpdating(kept) ? null : kept.updateAt);
    if (wanted) this.host.alarm('drained', null);
    if (wanted && kept.identity !== null) {
      const { settings, identity, record, risk } = kept;
      const evenIfRisky = risk === 'accepted';
      const { limits, reports } = settings;
      await this.#hear(kept, await this.host.relay.wish({ limits, identity, record, evenIfRisky, reports }));
    } else if (!wanted) {
      await this.#finish(kept);
    }
    const view = this.#view(kept);
    this.host.show(view);
    return view;
  }

  // Whoever switches it off, or pauses, wants his line for himself: that ends at once. An update can wait.
  async #finish(kept: Kept): Promise<void> {
    const leaves = !this.#isOff(kept);
    const told = await this.host.relay.ask();
    if (leaves) this.host.alarm('drained', (kept.updateAt ?? 0) + kDrainMs);
    else if (told === null) this.host.alarm('drained', null);
    else if (!(await this.host.awaits('drained'))) this.host.alarm('drained', this.host.now() + kDrainMs);
    if (told !== null) await this.#hear(kept, await this.host.relay.wish(leaves ? 'leave' : null));
  }

  async #hear(kept: Kept, told: Told | null): Promise<void> {
    const heard = kept.identity === null ? null : told; // the last word of a relay that has been erased is none
    this.#status = heard?.status ?? kNothing;
    if (heard === null) return;
    const { record, helpingNow, standbyNow, reason } = heard.status;
    const before = JSON.stringify([kept.helped, kept.record, kept.risk]);
    if (reason === 'risky-place' && kept.on) kept.risk ??= 'asked'; // the relay is silent; the next look ends it
    const people = kept.helped.ever.people;
    if (record !== undefined) kept.helped = helpedAt(record, new Date(this.host.now()));
    kept.record = heard.record ?? kept.record;
    if (kept.helped.ever.people > people) this.#notify(kept);
    if (JSON.stringify([kept.helped, kept.record, kept.risk]) !== before) await this.host.save(kept);
    if (this.#isUpdating(kept) && helpingNow + (standbyNow ?? 0) === 0) await this.#reload(kept);
    this.host.show(this.#view(kept));
  }

  #notify(kept: Kept): void {
    const now = this.host.now();
    if (!kept.settings.notify || now - (kept.notifiedAt ?? Number.NEGATIVE_INFINITY) < kNotifyEveryMs) return;
    kept.notifiedAt = now;
    this.host.notify(this.#view(kept));
  }

  async #end(kept: Kept): Promise<View> {
    if (!this.#wanted(kept)) {
      await this.#hear(kept, await this.host.relay.ask());
      await this.host.relay.close();
      this.#status = kNothing;
      if (this.#isUpdating(kept)) await this.#reload(kept);
    }
    return this.#view(kept);
  }

  async #update(kept: Kept): Promise<View> {
    const now = this.host.now();
    const reading = now - this.#lookedAt < kLookedMs;
    if (this.#isOff(kept) && !reading) {
      await this.#reload(kept);
      return this.#view(kept);
    }
    // Said again while it waits, it does not wait longer.
    kept.updateAt ??= now + Math.floor(this.host.random() * kUpdateJitterMs);
    await this.host.save(kept);
    if (kept.updateAt > now) this.host.alarm('update', kept.updateAt);
    return this.#view(kept);
  }

  async #leaveForUpdate(kept: Kept): Promise<View> {
    if (this.#isOff(kept)) {
      kept.updateAt = null;
      return this.#update(kept);
    }
    kept.updateAt = this.host.now();
    await this.host.save(kept);
    return this.#pursue();
  }

  // The next version begins as after any end.
  async #reload(kept: Kept): Promise<void> {
    kept.updateAt = null;
    await this.host.save(kept).catch(() => {}); // renewed() does it then
    this.host.reload();
  }

  #state(kept: Kept): { state: ViewState; reason?: string } {
    const { state, reason } = this.#status;
    if (kept.consent === null) return { state: 'consent-required' };
    if (!kept.on) return { state: 'off' };
    if (kept.risk === 'asked') return { state: 'paused', reason: 'risky-place' };
    if (this.#isPaused(kept)) return { state: 'paused', reason: 'pause' };
    const costly = this.#costly(kept);
    if (costly !== null) return { state: 'paused', reason: costly };
    if (this.#isUpdating(kept)) return { state: 'paused', reason: 'update' };
    return { state: state === 'off' ? 'starting' : state, ...(reason === undefined ? {} : { reason }) };
  }

  // Of the relay's own pause: of its hours, of an allowance, or for a slow line.
  #pauseEnds(): number | null {
    const { state, changesAt } = this.#status;
    return state === 'paused' && changesAt !== undefined ? Date.parse(changesAt) : null;
  }

  #view(kept: Kept): View {
    const state = this.#state(kept);
    const { network } = this.#status;
    const runs = kRunning.includes(state.state) && network !== undefined;
    return {
      ...state,
      ...(runs ? { network } : {}),
      ...(this.#status.reports === undefined ? {} : { map: true }),
      on: kept.on,
      helpingNow: this.#status.helpingNow,
      today: todayOf(kept.helped, new Date(this.host.now())),
      ever: kept.helped.ever,
      countries: this.#status.countries,
      pausedUntil: this.#isPaused(kept) ? kept.pausedUntil : this.#pauseEnds(),
      settings: kept.settings,
    };
  }
}
