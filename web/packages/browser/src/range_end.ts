// RangeEnd: one end of a Range, the same in the page and beside it: the client with its link, the egress with its leg. A message begins
// with its number; one that is nothing else says how far the other end got. So a sender knows what is under way, as a path does.
//
// Ends of a file lose nothing and repeat nothing, and get it in order; between others it is as between our programs. The relay between
// them drops what its queues have no room for, and in Firefox bytes are said to be queued after they have come where they go: so who
// sends a file, and who says how far it got, waits until the queues are short by the browser's own word.
import { fill, type Got, isRight, kNumberBytes, numberOf } from './range_format.js';

const kEveryBytes = 16 * 1024; // between two words of how far it got
const kLostAfterMs = 200; // without a word: what was under way is gone, where it can be
const kSoonMs = 10;
const kAgainMs = 1; // until a queue is looked at again
const kShort = 16 * 1024; // such a queue, and all that may be under way for it, is less than a relay holds at first

export interface Wire {
  readonly bufferedAmount: number;
  readonly relayQueues?: number; // bytes, of the relay behind it, where it can be seen
  send(message: Uint8Array<ArrayBuffer>): void; // does not keep it
}

export class RangeEnd {
  readonly seen: Got = { messages: 0, bytes: 0, wrong: 0 };
  sent = 0; // messages, ever
  private heard = 0; // the highest number that the other end has said
  private heardAt = 0;
  private said = 0; // of what was seen, the other end knows
  private wake = () => {};

  // `keep`: takes what comes of a file, in order. null: nothing is kept.
  constructor(
    private readonly wire: Wire,
    private readonly keep: ((message: Uint8Array) => void) | null,
  ) {}

  got(message: Uint8Array): void {
    if (message.length === kNumberBytes) {
      this.heard = Math.max(this.heard, numberOf(message));
      this.heardAt = performance.now();
    } else {
      this.take(message);
    }
    this.wake();
  }

  // For so long, with at most `window` bytes under way.
  async send(bytes: number, window: number, ms: number): Promise<void> {
    const until = performance.now() + ms;
    const message = new Uint8Array(bytes);
    const make = () => {
      fill(message, this.sent);
      return message;
    };
    await this.push(bytes, window, () => performance.now() < until, make);
  }

  // All of makeFile()'s, as the first that is sent.
  async sendFile(file: Uint8Array<ArrayBuffer>, bytes: number, window: number): Promise<void> {
    const make = () => file.subarray((this.sent - 1) * bytes, this.sent * bytes);
    await this.push(bytes, window, () => this.sent * bytes < file.length, make);
  }

  // While there is more, `make` gives what goes next.
  private async push(bytes: number, window: number, more: () => boolean, make: () => Uint8Array<ArrayBuffer>) {
    this.heardAt = performance.now();
    const room = () =>
      (this.sent - this.heard + 1) * bytes <= window && this.wire.bufferedAmount <= window && this.hasShortQueues();
    while (more()) {
      const lost = this.keep === null && performance.now() - this.heardAt > kLostAfterMs;
      if (lost) this.heard = this.sent;
      while (room() && more()) {
        ++this.sent;
        this.wire.send(make());
      }
      await this.turn();
    }
  }

  // The next message, or soon.
  private turn(): Promise<void> {
    return new Promise((done) => {
      const soon = setTimeout(done, this.hasShortQueues() ? kSoonMs : kAgainMs);
      this.wake = () => {
        clearTimeout(soon);
        done();
      };
    });
  }

  private take(message: Uint8Array): void {
    ++this.seen.messages;
    this.seen.bytes += message.length;
    this.keep?.(message);
    const right = this.keep === null ? isRight(message) : numberOf(message) === this.seen.messages;
    if (!right) ++this.seen.wrong;
    if (this.seen.bytes - this.said < kEveryBytes) return;
    this.said = this.seen.bytes;
    this.say(new Uint8Array(message.subarray(0, kNumberBytes)));
  }

  private say(number: Uint8Array<ArrayBuffer>): void {
    if (this.hasShortQueues()) this.wire.send(number);
    else setTimeout(() => this.say(number), kAgainMs);
  }

  private hasShortQueues(): boolean {
    return this.keep === null || (this.wire.relayQueues ?? 0) <= kShort;
  }
}
