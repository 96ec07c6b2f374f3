// What the page and its worker say to each other. The worker has the core, its clocks and its requests, because a hidden
// tab slows the page's down; the page has links and legs, because a worker has none.
import type { Command, CoreStatus, LimitSettings, Network, PipeEnd, Slot, VolunteerConfig } from '@footbridge/core';
import type { NetstateConfig } from './netstate_config.js';
import type { NodeState } from './report_wire.js';

// What became of a stay.
export type StayEvent =
  | { what: 'answerMade'; at: Slot; sdp: string }
  | { what: 'answerFailed'; at: Slot }
  | { what: 'linkOpen'; at: Slot }
  | { what: 'linkClosed'; at: Slot; why: PipeEnd }
  | { what: 'legOpen'; at: Slot }
  | { what: 'legClosed'; at: Slot; why: PipeEnd }
  | { what: 'carried'; at: Slot; up: number; down: number };

// How a page is, as netstate is told. Bytes are since the frame was loaded; a relay's people are those whom it carries now.
export interface Condition {
  state: Exclude<NodeState, 'gone'>;
  legs: readonly { relay: string; people: number }[];
  up: number; // bytes
  down: number;
}

// Whom to tell, once; then how it is, each time that it is looked at, and null when nobody is to be told any more.
export type ToReporter =
  | { to: 'netstate'; config: NetstateConfig; form: VolunteerConfig['form'] }
  | { to: 'report'; so: Condition | null };

// `run` numbers the cores of a worker: what is said of a stay of a core that has trapped is not for the next one.
// `turn` numbers how often it was switched on: a status is of the turn of which the core has heard last.
export type ToDesk =
  | { to: 'begin'; module: WebAssembly.Module; config: VolunteerConfig; kept: Uint8Array | null }
  | { to: 'people'; most: number; turn: number }
  | { to: 'limits'; limits: LimitSettings }
  | { to: 'restore'; kept: Uint8Array } // which another tab has counted; said while it is off
  | { to: 'stop' }
  | { to: 'networkChange' }
  | { to: 'network'; network: Network }
  | { to: 'event'; run: number; event: StayEvent };
export type ToWorker = ToDesk | ToReporter;

export type FromWorker =
  | { from: 'command'; run: number; command: Command }
  | { from: 'status'; status: CoreStatus; turn: number }
  | { from: 'keep'; record: Uint8Array }
  | { from: 'restarted'; run: number; why: string }
  | { from: 'broken'; why: string };
