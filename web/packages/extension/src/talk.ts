// What the parts of the extension say to each other: its pages ask the hub, the hub tells the relay what it wishes, the relay
// says how it is. All of them are of one installation; who else sends something is not heard (isOurs).
import type { RelayLimits, RelayState, RelayStatus } from '@footbridge/protocol';
import { api, type Sender } from './api.js';
import type { Amounts } from './counts.js';
import type { Settings } from './settings.js';

// A relay's own word. `run` is another one for each relay that is loaded.
export interface Told {
  run: string;
  status: RelayStatus;
}

// To relay, so, or (null) to come to an end.
export type Wish = { limits: RelayLimits; identity: { selfTag: string; key: string } } | null;

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
  | { ask: 'set'; settings: Settings }
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
  countries: string[];
  pausedUntil: number | null; // Unix milliseconds
  settings: Settings;
}

export function isOurs(sender: Sender): boolean {
  return sender.id === api.runtime.id;
}

export function to(whom: 'hub' | 'relay', message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as { to?: unknown }).to === whom;
}
