// Hub: what the extension does, and when. It keeps what a person wants and what was carried, and sees that a relay runs when
// and only when he agreed, wants it and has not paused it. It may be ended at any moment, as browsers end service workers, and
// begins anew from what is stored and what the relay says. Each call is carried out after the one before.
import { kConsentVersion } from '@footbridge/frame/consent';
import type { RelayStatus } from '@footbridge/protocol';
import { helpedAt, todayOf } from './helped.js';
import { hexOf } from './hex.js';
import { type Kept, readKept } from './kept.js';
import { readSettings, type Settings } from './settings.js';
import type { Told, View, ViewState, Wish } from './talk.js';

export const kPauseMs = 3_600_000;
export const kWatchMs = 60_000; // how soon a relay that was lost, or could not start, is started again
export const kDrainMs = 60_000; // after it was switched off; longer than the core lets anybody take to leave
export const kUpdateJitterMs = 3_600_000; // volunteers of one network must not all leave at once

export type Alarm = 'watch' | 'resume' | 'drained' | 'update';

export interface HubHost {
  load(): Promise<unknown>;
  save(kept: Kept): Promise<void>;
  relay: {
    // A wish makes the relay if there is none. null: there is none.
    wish(wish: Wish): Promise<Told | null>;
    ask(): Promise<Told | null>;
    // Ends it, with what is left of it.
    close(): Promise<void>;
  };
  show(view: View): void;
  // Calls alarm() then, also in another life of the hub; null: not any more.
  alarm(name: Alarm, at: number | null): void;
  welcome(): void;
  reload(): void;
  now(): number; // Unix milliseconds
  random(): number; // 0 to 1
  fillRandom(bytes: Uint8Array): Uint8Array;
}

const kNothing: RelayStatus = {
  state: 'off',
  helpingNow: 0,
  helpedToday: 0,
  bytesUp: 0,
  bytesDown: 0,
  countries: [],
};

export class Hub {
  #kept: Kept | null = null;
  #status = kNothing;
  #updating = false; // what waits for it is only that nobody is helped any more
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly host: HubHost) {}

  // The browser, or this part of it, has just started.
  wake(): Promise<View> {
    return this.#inTurn(() => this.#pursue());
  }

  installed(): Promise<View> {
    return this.#inTurn(async (kept) => {
      if (kept.consent === null) this.host.welcome();
      return this.#view(kept);
    });
  }

  view(): Promise<View> {
    return this.#inTurn(async (kept) => {
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
      kept.pausedUntil = null;
    });
  }

  decline(): Promise<View> {
    return this.#change((kept) => {
      kept.consent = null;
      kept.on = false;
    });
  }

  switch(on: boolean): Promise<View> {
    return this.#change((kept) => {
      if (on && kept.consent === null) this.host.welcome();
      kept.on = on && kept.consent !== null;
      kept.pausedUntil = null;
    });
  }

  pause(): Promise<View> {
    return this.#change((kept) => {
      if (kept.on) kept.pausedUntil = this.host.now() + kPauseMs;
    });
  }

  resume(): Promise<View> {
    return this.#change((kept) => {
      kept.pausedUntil = null;
    });
  }

  set(settings: Settings): Promise<View> {
    return this.#change((kept) => {
      kept.settings = readSettings(settings);
    });
  }

  // Who helps nobody takes it at once; who helps, at a moment of his own, when those who are helped have gone elsewhere.
  updateAvailable(): Promise<View> {
    return this.#inTurn(async (kept) => {
      if (!this.#wanted(kept)) this.host.reload();
      else await this.#keepUpdate(kept);
      return this.#view(kept);
    });
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
    this.#turn = done.catch(() => {});
    return done;
  }

  async #load(): Promise<Kept> {
    this.#kept ??= readKept(await this.host.load());
    return this.#kept;
  }

  #change(change: (kept: Kept) => void): Promise<View> {
    return this.#inTurn(async (kept) => {
      change(kept);
      if (kept.on && kept.identity === null) {
        const random = (bytes: number) => hexOf(this.host.fillRandom(new Uint8Array(bytes)));
        kept.identity = { selfTag: random(16), key: random(32) };
      }
      await this.host.save(kept);
      return this.#pursue();
    });
  }

  #isPaused(kept: Kept): boolean {
    return kept.pausedUntil !== null && kept.pausedUntil > this.host.now();
  }

  #wanted(kept: Kept): boolean {
    return kept.on && kept.consent !== null && !this.#isPaused(kept) && !this.#updating;
  }

  // Makes true what is wanted, as far as it is not.
  async #pursue(): Promise<View> {
    const kept = await this.#load();
    const wanted = this.#wanted(kept);
    if (wanted && kept.identity !== null) {
      const { settings, identity, record } = kept;
      await this.#hear(kept, await this.host.relay.wish({ limits: settings.limits, identity, record }));
    } else {
      const told = await this.host.relay.ask();
      if (told !== null) await this.#hear(kept, await this.host.relay.wish(null));
      this.host.alarm('drained', told === null ? null : this.host.now() + kDrainMs);
    }
    if (wanted) this.host.alarm('drained', null);
    this.host.alarm('watch', wanted ? this.host.now() + kWatchMs : null);
    this.host.alarm('resume', kept.on && this.#isPaused(kept) ? kept.pausedUntil : null);
    const view = this.#view(kept);
    this.host.show(view);
    return view;
  }

  async #hear(kept: Kept, told: Told | null): Promise<void> {
    this.#status = told?.status ?? kNothing;
    if (told === null) return;
    const { record } = told.status;
    const before = JSON.stringify([kept.helped, kept.record]);
    if (record !== undefined) kept.helped = helpedAt(record, new Date(this.host.now()));
    kept.record = told.record ?? kept.record;
    if (JSON.stringify([kept.helped, kept.record]) !== before) await this.host.save(kept);
    if (this.#updating && told.status.helpingNow === 0) this.host.reload();
    this.host.show(this.#view(kept));
  }

  async #end(kept: Kept): Promise<View> {
    if (!this.#wanted(kept)) {
      await this.#hear(kept, await this.host.relay.ask());
      await this.host.relay.close();
      this.#status = kNothing;
      if (this.#updating) this.host.reload();
    }
    return this.#view(kept);
  }

  async #keepUpdate(kept: Kept): Promise<void> {
    const now = this.host.now();
    // Said again while it waits, it does not wait longer; what is left of one of before is not a moment for this one.
    if (kept.updateAt === null || kept.updateAt <= now)
      kept.updateAt = now + Math.floor(this.host.random() * kUpdateJitterMs);
    await this.host.save(kept);
    this.host.alarm('update', kept.updateAt);
  }

  async #leaveForUpdate(kept: Kept): Promise<View> {
    kept.updateAt = null;
    await this.host.save(kept);
    this.#updating = true;
    return this.#pursue();
  }

  #state(kept: Kept): { state: ViewState; reason?: string } {
    const { state, reason } = this.#status;
    if (kept.consent === null) return { state: 'consent-required' };
    if (!kept.on) return { state: 'off' };
    if (this.#isPaused(kept)) return { state: 'paused', reason: 'pause' };
    if (this.#updating) return { state: 'paused', reason: 'update' };
    return { state: state === 'off' ? 'starting' : state, ...(reason === undefined ? {} : { reason }) };
  }

  // Of the relay's own pause: of its hours, or of an allowance.
  #pauseEnds(): number | null {
    const { state, changesAt } = this.#status;
    return state === 'paused' && changesAt !== undefined ? Date.parse(changesAt) : null;
  }

  #view(kept: Kept): View {
    return {
      ...this.#state(kept),
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
