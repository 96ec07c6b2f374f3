// A relay leg in a browser: one WebSocket to an egress, messages as they are. closed() is the last event, and comes once.
import { PipeEnd } from '@footbridge/core';

export interface LegEvents {
  open(): void;
  message(data: ArrayBuffer): void;
  closed(why: PipeEnd): void;
}

export class Leg {
  readonly socket: WebSocket;
  private opened = false;
  private over = false;

  constructor(
    url: string,
    private readonly events: LegEvents,
  ) {
    this.socket = new WebSocket(url);
    this.socket.binaryType = 'arraybuffer';
    this.socket.addEventListener('open', () => {
      if (this.over) return;
      this.opened = true;
      events.open();
    });
    this.socket.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer && !this.over) events.message(data);
    });
    this.socket.addEventListener('close', () => this.close(this.opened ? PipeEnd.Remote : PipeEnd.Setup));
  }

  // Bytes that still wait are of no use: the path is over with its leg.
  close(why: PipeEnd): void {
    if (this.over) return;
    this.over = true;
    this.socket.close();
    this.events.closed(why);
  }
}
