// What the page and its worker say to each other. The worker has the core, its clocks and its requests, because a hidden
// tab slows the page's down; the page has links and legs, because a worker has none.
import type { Command, CoreStatus, LimitSettings, Network, PipeEnd, Slot, VolunteerConfig } from '@footbridge/core';

// What became of a stay.
export type StayEvent =
  | { what: 'answerMade'; at: Slot; sdp: string }
  | { what: 'answerFailed'; at: Slot }
  | { what: 'linkOpen'; at: Slot }
  | { what: 'linkClosed'; at: Slot; why: PipeEnd }
  | { what: 'legOpen'; at: Slot }
  | { what: 'legClosed'; at: Slot; why: PipeEnd }
  | { what: 'carried'; at: Slot; up: number; down: number };

// `run` numbers the cores of a worker: what is said of a stay of a core that has trapped is not for the next one.
// `turn` numbers how often it was switched on: a status is of the turn of which the core has heard last.
export type ToWorker =
  | { to: 'begin'; module: WebAssembly.Module; config: VolunteerConfig; kept: Uint8Array | null }
  | { to: 'people'; most: number; turn: number }
  | { to: 'limits'; limits: LimitSettings }
  | { to: 'restore'; kept: Uint8Array } // which another tab has counted; said while it is off
  | { to: 'stop' }
  | { to: 'networkChange' }
  | { to: 'network'; network: Network }
  | { to: 'event'; run: number; event: StayEvent };

export type FromWorker =
  | { from: 'command'; run: number; command: Command }
  | { from: 'status'; status: CoreStatus; turn: number }
  | { from: 'keep'; record: Uint8Array }
  | { from: 'restarted'; run: number; why: string }
  | { from: 'broken'; why: string };
