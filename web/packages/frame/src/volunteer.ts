// Volunteer: joins the gate, the relay and what the host may say, and holds what the box shows. It knows no DOM: whoever draws
// subscribes to `onChange`, whoever posts to the host subscribes to `onTell`.
import type { RelayLimits, RelayStatus } from '@footbridge/protocol';
import { Confirmation } from './confirmation.js';
import type { FrameMessage, PublicState } from './messages.js';
import { kMaxShownPeople } from './messages.js';
import type { Relay } from './relay.js';
import { type Effect, type Gesture, type Question, SwitchGate } from './switch_gate.js';

export interface VolunteerParts {
  relay: Relay;
  agreed: boolean;
  evenIfRisky: boolean;
  // He agreed; evenIfRisky: also to help where that may be dangerous.
  remember: (evenIfRisky: boolean) => void;
  // False: it holds as long as the page does.
  keepLimits: (limits: RelayLimits) => boolean;
  keepReports: (on: boolean) => void;
  // Why this connection should not be used unasked; then even who has agreed is asked again.
  whyCostly: () => string | null;
  origin: string;
  // Begins this document anew: what a setting or an extension has changed acts only then.
  reload: () => void;
  // Of the visitor, for the window that confirms.
  lang: () => string;
}

export class Volunteer {
  onChange: () => void = () => {};
  onTell: (message: FrameMessage) => void = () => {};
  readonly #parts: VolunteerParts;
  readonly #gate: SwitchGate;
  readonly #confirmation: Confirmation;
  #stopReason: string | null = null;
  #limitsKept: boolean | null = null;
  #ran = false; // since the last gesture or stop: the relay has said that it runs

  constructor(parts: VolunteerParts) {
    this.#parts = parts;
    this.#gate = new SwitchGate(parts.agreed, parts.evenIfRisky);
    const confirmed = () => this.#carryOut(this.#gate.onConfirmed());
    const lapsed = () => this.#carryOut(this.#gate.onLapsed());
    this.#confirmation = new Confirmation(parts.origin, confirmed, lapsed);
    parts.relay.onStatus = () => this.#onStatus();
  }

  get status(): RelayStatus {
    return this.#parts.relay.status;
  }

  get limits(): RelayLimits {
    return this.#parts.relay.limits;
  }

  // Whether what was set last is kept for the next visit; null: nothing has been set.
  get areLimitsKept(): boolean | null {
    return this.#limitsKept;
  }

  setLimits(limits: RelayLimits): void {
    this.#parts.relay.setLimits(limits);
    this.#limitsKept = this.#parts.keepLimits(limits);
    this.onChange();
  }

  // Whether the network's map is told how it is; null: there is none to tell, or this browser cannot.
  get reports(): boolean | null {
    return this.isOn ? (this.status.reports ?? null) : null;
  }

  // What he was not seen to see he has not chosen. True: it is done.
  setReports(gesture: Gesture, on: boolean): boolean {
    if (!gesture.trusted || (on && gesture.seen !== 'visible')) return false;
    this.#parts.relay.setReports(on);
    this.#parts.keepReports(on);
    this.onChange();
    return true;
  }

  // The relay runs, here or in another frame of ours on this site.
  get isOn(): boolean {
    return this.#gate.phase === 'on' || this.#isRunning();
  }

  get isAsking(): boolean {
    return this.#gate.phase === 'asking';
  }

  get isConfirming(): boolean {
    return this.#gate.phase === 'confirming';
  }

  // The relay is stopped until the visitor has decided, as helping may be dangerous from here.
  get isWarning(): boolean {
    return this.#gate.phase === 'warning' || (this.isConfirming && this.question === 'risk');
  }

  get question(): Question {
    return this.#gate.question;
  }

  // Why the connection should not be used unasked.
  get costly(): string | null {
    return this.#parts.whyCostly();
  }

  get state(): PublicState {
    const { state } = this.status;
    if (state === 'off' && this.#gate.phase === 'on') return 'starting';
    return state === 'off' && this.#gate.wantsConsent ? 'consent-required' : state;
  }

  // Why it is as it is, for who reads it: the last gesture's failure, else the last stop's reason, else the relay's.
  get reason(): string | null {
    return this.#gate.complaint ?? (this.isOn ? null : this.#stopReason) ?? this.status.reason ?? null;
  }

  onSwitch(gesture: Gesture): void {
    if (this.status.state === 'unavailable' || !gesture.trusted) return;
    this.#stopReason = null;
    if (this.isOn && this.#gate.phase === 'off') this.#parts.relay.stop();
    else this.#carryOut(this.#gate.onSwitch(gesture, this.costly !== null));
    this.#publish();
  }

  onAgree(gesture: Gesture): void {
    this.#carryOut(this.#gate.onAgree(gesture));
  }

  onHelpAnyway(gesture: Gesture): void {
    this.#carryOut(this.#gate.onHelpAnyway(gesture));
  }

  onDecline(gesture: Gesture): void {
    if (gesture.trusted) this.#confirmation.forget();
    this.#carryOut(this.#gate.onDecline(gesture));
  }

  // The window was blocked or closed, and the visitor wants it again.
  onReopen(gesture: Gesture): void {
    if (gesture.trusted && this.isConfirming) this.#carryOut(['confirm']);
  }

  onWindowMessage(event: { origin: string; data: unknown }): void {
    this.#confirmation.onMessage(event);
  }

  // The visitor goes on after a pause for a slow line.
  onResume(gesture: Gesture): void {
    if (gesture.trusted && this.isOn) this.#parts.relay.resume();
  }

  // After what stood in the way was switched off.
  onRetry(gesture: Gesture): void {
    if (gesture.trusted && this.canRetry) this.#parts.reload();
  }

  get canRetry(): boolean {
    return this.reason === 'no-webrtc' || (this.reason === null && this.isShutOut);
  }

  // It runs, and nothing gets out to people.
  get isShutOut(): boolean {
    return this.isOn && this.status.network === 'no-udp' && this.state !== 'helping';
  }

  // He looks at the line, for the next seconds.
  watch(): void {
    this.#parts.relay.watch();
  }

  // From anybody who may: the host, the background, another part of the page.
  stop(reason: string): void {
    const wasOn = this.isOn;
    this.#confirmation.forget();
    this.#carryOut(this.#gate.onStop());
    if (!wasOn) return;
    if (this.#isRunning()) this.#parts.relay.stop();
    this.#stopReason = reason;
    this.#publish();
  }

  #isRunning(): boolean {
    return this.status.state !== 'off' && this.status.state !== 'unavailable';
  }

  #onStatus(): void {
    const ran = this.#ran;
    this.#ran = this.#isRunning();
    // Another frame, or the relay itself, has ended it.
    if (ran && !this.#ran && this.#gate.phase === 'on') this.#gate.onStop();
    this.#carryOut(this.status.reason === 'risky-place' ? this.#gate.onRisky() : []);
  }

  #carryOut(effects: Effect[]): void {
    for (const effect of effects) {
      if (effect === 'remember') this.#parts.remember(this.#gate.evenIfRisky);
      if (effect === 'start') this.#parts.relay.start(this.#gate.evenIfRisky);
      if (effect === 'stop') this.#parts.relay.stop();
      if (effect === 'confirm') {
        const nonce = this.#confirmation.ask(this.question);
        this.onTell({ type: 'confirm', nonce, lang: this.#parts.lang(), question: this.question });
      }
    }
    this.#publish();
  }

  #publish(): void {
    this.onTell({ type: 'state', state: this.state, helpingNow: Math.min(this.status.helpingNow, kMaxShownPeople) });
    this.onChange();
  }
}
