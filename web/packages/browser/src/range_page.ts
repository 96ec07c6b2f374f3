// What runs in the page of a Range: a client's end of a link, and the page's stay for it, which is told what to do as the core would
// tell it. A message begins with its number; one that is nothing else says how far the other end got.
import { Gate } from '@footbridge/core';
import { Stays } from '@footbridge/relay/stays';
import { fill, isRight, kEveryBytes, kNumberBytes, type Seen } from './range_format.js';

const kLostAfterMs = 200; // without such a word: what was under way is gone, where it can be
const kSoonMs = 10;

export interface RangeSettings {
  leg: string; // of the egress
  lossy: boolean; // as between our programs; else as a file needs it
}

class RangePage {
  readonly seen: Seen = { messages: 0, bytes: 0, wrong: 0, mostInChannel: 0, mostInSocket: 0, thrown: [] };
  private readonly peer = new RTCPeerConnection();
  private readonly channel: RTCDataChannel;
  private next = 1;
  private heard = 0; // the highest number that the egress has said
  private heardAt = 0;
  private said = 0; // of what it has seen, the egress knows
  private readonly lossy: boolean;

  constructor({ lossy }: RangeSettings) {
    this.lossy = lossy;
    this.watch(RTCDataChannel.prototype, 'mostInChannel');
    this.watch(WebSocket.prototype, 'mostInSocket');
    addEventListener('error', ({ message }) => this.seen.thrown.push(message));
    this.channel = this.peer.createDataChannel('a', lossy ? { ordered: false, maxRetransmits: 0 } : {});
    this.channel.binaryType = 'arraybuffer';
    this.channel.addEventListener('message', ({ data }) => this.got(new Uint8Array(data as ArrayBuffer)));
  }

  async open(leg: string): Promise<void> {
    const module = await WebAssembly.compileStreaming(fetch('core.wasm'));
    await this.peer.setLocalDescription(await this.peer.createOffer());
    while (this.peer.iceGatheringState !== 'complete') {
      await new Promise((done) => this.peer.addEventListener('icegatheringstatechange', done, { once: true }));
    }
    const at = { number: 0, epoch: 1 };
    await new Promise<void>((running, failed) => {
      const stays: Stays = new Stays([], Gate.start(module), (event) => {
        if (event.what === 'answerMade') void this.peer.setRemoteDescription({ type: 'answer', sdp: event.sdp });
        else if (event.what === 'linkOpen') stays.carryOut({ do: 'dialLeg', at, url: leg });
        else if (event.what === 'legOpen') {
          stays.carryOut({ do: 'startRelay', at });
          running();
        } else if (event.what !== 'carried') failed(new Error(event.what));
      });
      stays.carryOut({ do: 'makeAnswer', at, offer: this.peer.localDescription?.sdp ?? '' });
    });
  }

  // For so long, with at most `window` bytes under way. Returns how many messages it were.
  async send(bytes: number, window: number, ms: number): Promise<number> {
    const until = performance.now() + ms;
    const message = new Uint8Array(bytes);
    this.heardAt = performance.now();
    while (performance.now() < until) {
      if (this.lossy && performance.now() - this.heardAt > kLostAfterMs) this.heard = this.next - 1;
      for (let room = window - (this.next - 1 - this.heard) * bytes; room >= bytes; room -= bytes) {
        if (this.channel.bufferedAmount > window) break;
        fill(message, this.next++);
        this.channel.send(message);
      }
      await this.turn();
    }
    return this.next - 1;
  }

  // The next message, or soon.
  private turn(): Promise<void> {
    return new Promise((done) => {
      const go = () => {
        clearTimeout(soon);
        this.channel.removeEventListener('message', go);
        done();
      };
      const soon = setTimeout(go, kSoonMs);
      this.channel.addEventListener('message', go);
    });
  }

  private got(message: Uint8Array): void {
    const number = new DataView(message.buffer).getUint32(0);
    if (message.length === kNumberBytes) {
      this.heard = Math.max(this.heard, number);
      this.heardAt = performance.now();
      return;
    }
    ++this.seen.messages;
    this.seen.bytes += message.length;
    if (!isRight(message)) ++this.seen.wrong;
    if (this.seen.bytes - this.said < kEveryBytes) return;
    this.said = this.seen.bytes;
    this.channel.send(message.slice(0, kNumberBytes));
  }

  private watch(of: RTCDataChannel | WebSocket, what: 'mostInChannel' | 'mostInSocket'): void {
    const { seen, channel } = { seen: this.seen, channel: () => this.channel };
    const real = of.send as (this: unknown, message: unknown) => void;
    of.send = function (this: RTCDataChannel | WebSocket, message: unknown) {
      try {
        real.call(this, message);
      } catch (error) {
        seen.thrown.push(String(error));
      }
      // The client's own queue is not the relay's.
      if (this !== channel()) seen[what] = Math.max(seen[what], this.bufferedAmount);
    };
  }
}

const openRange = async (settings: RangeSettings) => {
  const range = new RangePage(settings);
  Object.assign(globalThis, { range });
  await range.open(settings.leg);
};
Object.assign(globalThis, { openRange });
