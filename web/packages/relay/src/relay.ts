// Carries messages between a link and its leg for one client's stay: core::Relay in JavaScript, because bytes that went
// through another thread or through WebAssembly would come late. Its bounds are the core's. It parses nothing and keeps
// nothing, except the few messages a client sends while its leg is still being dialled.
//
// Neither end of a browser can stop reading, and none bounds its queue in time: what would queue is dropped and counted.
import type { Bounds } from '@footbridge/core';
import type { Pace } from './pace.js';

// The half of a data channel or a WebSocket that is written to.
export interface Outlet {
  readonly bufferedAmount: number;
  send(message: ArrayBuffer): void;
}

export interface Counted {
  messages: number;
  bytes: number;
  dropped: number;
}

export class Relay {
  readonly up: Counted = { messages: 0, bytes: 0, dropped: 0 };
  readonly down: Counted = { messages: 0, bytes: 0, dropped: 0 };
  private leg: Outlet | null = null;
  private early: ArrayBuffer[] = [];
  private earlyBytes = 0;

  constructor(
    private readonly bounds: Bounds,
    private readonly link: Outlet,
    private readonly pace: { up: Pace; down: Pace },
  ) {}

  // The leg is open: what waits goes out.
  attachLeg(leg: Outlet, nowMs: number): void {
    this.leg = leg;
    for (const message of this.early) this.forward(message, leg, this.pace.up, this.up, nowMs);
    this.early = [];
    this.earlyBytes = 0;
  }

  fromLink(message: ArrayBuffer, nowMs: number): void {
    if (this.leg !== null) return this.forward(message, this.leg, this.pace.up, this.up, nowMs);
    const { earlyBytes, earlyMessages } = this.bounds;
    if (this.earlyBytes + message.byteLength > earlyBytes || this.early.length >= earlyMessages) {
      ++this.up.dropped;
      return;
    }
    this.earlyBytes += message.byteLength;
    this.early.push(message);
  }

  fromLeg(message: ArrayBuffer, nowMs: number): void {
    this.forward(message, this.link, this.pace.down, this.down, nowMs);
  }

  private forward(message: ArrayBuffer, out: Outlet, pace: Pace, count: Counted, nowMs: number): void {
    // The same answer for packets of all sizes, or the ends would learn that large ones get lost.
    const room = this.bounds.backlogBytes - out.bufferedAmount;
    if (room < Math.max(message.byteLength, this.bounds.packetBytes) || !pace.allow(message.byteLength, nowMs)) {
      ++count.dropped;
      return;
    }
    try {
      out.send(message);
    } catch {
      ++count.dropped; // it is closing; its end is told by an event
      return;
    }
    ++count.messages;
    count.bytes += message.byteLength;
  }
}
