// Carries messages between a link and its leg for one client's stay. Which of them may go is the core's decision; their bytes stay in
// this thread, because what went through another one would come late. It parses nothing and keeps nothing, except the few
// messages a client sends while its leg is still being dialled.
//
// Neither end of a browser can stop reading: what would queue for too long is dropped and counted.
import { type Gate, RelayWay } from '@footbridge/core';

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

  // The link of a new stay in this slot has opened.
  constructor(
    private readonly gate: Gate,
    private readonly slot: number,
    private readonly link: Outlet,
  ) {
    gate.begin(slot);
  }

  // The leg is open: what waits goes out.
  attachLeg(leg: Outlet, nowMs: number): void {
    this.leg = leg;
    for (const message of this.early) this.forward(message, leg, RelayWay.ToLeg, this.up, nowMs);
    this.early = [];
  }

  // Bytes that were put out and are not gone yet.
  get waiting(): number {
    return this.link.bufferedAmount + (this.leg?.bufferedAmount ?? 0);
  }

  fromLink(message: ArrayBuffer, nowMs: number): void {
    if (this.leg !== null) this.forward(message, this.leg, RelayWay.ToLeg, this.up, nowMs);
    else if (this.gate.mayWait(this.slot, message.byteLength)) this.early.push(message);
    else ++this.up.dropped;
  }

  fromLeg(message: ArrayBuffer, nowMs: number): void {
    this.forward(message, this.link, RelayWay.ToLink, this.down, nowMs);
  }

  private forward(message: ArrayBuffer, out: Outlet, way: RelayWay, count: Counted, nowMs: number): void {
    if (!this.gate.mayGo(nowMs, this.slot, way, message.byteLength, out.bufferedAmount)) {
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
