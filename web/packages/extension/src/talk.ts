// What the parts of the extension say to each other: its pages ask the hub, the hub tells the relay what it wishes, the relay
// says how it is. All of them are of one installation; who else sends something is not heard (isOurs).
import type { RelayLimits, RelayNetwork, RelayState, RelayStatus } from '@footbridge/protocol';
import { api, type Sender } from './api.js';
import type { Amounts } from './helped.js';
import type { Settings } from './settings.js';

// A relay's own word.
export interface Told {
  status: RelayStatus;
  record: string | null; // to be kept for the next one, hexadecimal; null: nothing yet
}

// To relay, so; to take nobody new and let those who are helped go elsewhere; to go on after a pause for a slow line; or (null) to end
// at once.
export interface Relaying {
  limits: RelayLimits;
  identity: { selfTag: string; key: string };
  record: string | null; // what was to be kept last
  evenIfRisky: boolean; // he was warned that helping may be dangerous where he is, and wants to
  reports: boolean; // he wants that the network's map is told
}
export type Wish = Relaying | 'leave' | 'resume' | null;

// `wish` left out: it is only asked how it is. It answers Told.
export type ToRelay = { to: 'relay'; wish?: Wish };

// Answered with a View, but for `told`.
export type ToHub = { to: 'hub' } & (
  | { ask: 'view' }
  | { ask: 'agree' }
  | { ask: 'decline' }
  | { ask: 'switch'; on: boolean }
  | { ask: 'pause' }
  | { ask: 'resume' }
  | { ask: 'helpAnyway' } // though it may be dangerous
  | { ask: 'set'; settings: Settings }
  | { ask: 'erase' }
  | { ask: 'look' } // what it is in has changed
  | { ask: 'told'; told: Told }
);

// consent-required: nobody has agreed yet.
export type ViewState = RelayState | 'consent-required';

// What pages and the icon show.
export interface View {
  state: ViewState;
  on: boolean; // what the person wants
  reason?: string; // an identifier: why it does not help
  helpingNow: number;
  today: Amounts;
  ever: Amounts;
  countries: RelayStatus['countries'];
  network?: RelayNetwork; // missing: it does not run, or has not looked yet
  map?: true; // the network has one that can be told how this is; missing: none, or it does not run
  pausedUntil: number | null; // Unix milliseconds; null: not paused, or for as long as the reason says
  settings: Settings;
}

export function isOurs(sender: Sender): boolean {
  return sender.id === api.runtime.id;
}

export function to(whom: 'hub' | 'relay', message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as { to?: unknown }).to === whom;
}
