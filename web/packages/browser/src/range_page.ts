// What runs in the page of a Range: a client's end of a link, and the page's stay for it, which is told what to do as the core would
// tell it.
import { Gate } from '@footbridge/core';
import { Stays } from '@footbridge/relay/stays';
import { RangeEnd, type Wire } from './range_end.js';
import { makeFile, type Seen } from './range_format.js';

export interface RangeSettings {
  leg: string; // of the egress
  file: boolean; // an ordered link that loses nothing; else as between our programs
}

async function sha256(bytes: Uint8Array<ArrayBuffer> | Blob): Promise<string> {
  const whole = bytes instanceof Blob ? await bytes.arrayBuffer() : bytes;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

class RangePage {
  private readonly watched = { mostInChannel: 0, mostInSocket: 0, thrown: [] as string[] };
  private readonly peer = new RTCPeerConnection();
  private readonly channel: RTCDataChannel;
  private readonly end: RangeEnd;
  private readonly kept: Uint8Array<ArrayBuffer>[] = [];
  private readonly outlets = new Set<RTCDataChannel | WebSocket>(); // of the relay, that were sent on
  private stays: Stays | null = null;

  constructor({ file }: RangeSettings) {
    this.watch(RTCDataChannel.prototype, 'mostInChannel');
    this.watch(WebSocket.prototype, 'mostInSocket');
    addEventListener('error', ({ message }) => this.watched.thrown.push(message));
    this.channel = this.peer.createDataChannel('a', file ? {} : { ordered: false, maxRetransmits: 0 });
    this.channel.binaryType = 'arraybuffer';
    this.end = new RangeEnd(this.wire(), file ? (message) => this.kept.push(new Uint8Array(message)) : null);
    this.channel.addEventListener('message', ({ data }) => this.end.got(new Uint8Array(data as ArrayBuffer)));
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
      this.stays = stays;
      stays.carryOut({ do: 'makeAnswer', at, offer: this.peer.localDescription?.sdp ?? '' });
    });
  }

  get seen(): Seen {
    return { ...this.end.seen, ...this.watched, dropped: this.stays?.totals().dropped ?? 0 };
  }

  private wire(): Wire {
    const { channel, outlets } = this;
    return {
      get bufferedAmount() {
        return channel.bufferedAmount;
      },
      get relayQueues() {
        return Math.max(0, ...[...outlets].map((each) => each.bufferedAmount));
      },
      send: (message) => channel.send(message),
    };
  }

  // For so long, with at most `window` bytes under way. Returns how many messages were sent, ever.
  async send(bytes: number, window: number, ms: number): Promise<number> {
    await this.end.send(bytes, window, ms);
    return this.end.sent;
  }

  // Sends a random file. Returns its SHA-256.
  async sendFile(bytes: number, messages: number, window: number): Promise<string> {
    const file = makeFile(bytes, messages, (part) => crypto.getRandomValues(part));
    await this.end.sendFile(file, bytes, window);
    return sha256(file);
  }

  // The SHA-256 of the file that came.
  fileSeen(): Promise<string> {
    return sha256(new Blob(this.kept));
  }

  private watch(of: RTCDataChannel | WebSocket, what: 'mostInChannel' | 'mostInSocket'): void {
    const { watched, outlets, channel } = { watched: this.watched, outlets: this.outlets, channel: () => this.channel };
    const real = of.send as (this: unknown, message: unknown) => void;
    of.send = function (this: RTCDataChannel | WebSocket, message: unknown) {
      try {
        real.call(this, message);
      } catch (error) {
        watched.thrown.push(String(error));
      }
      if (this === channel()) return; // the client's own queue is not the relay's
      outlets.add(this);
      watched[what] = Math.max(watched[what], this.bufferedAmount);
    };
  }
}

const openRange = async (settings: RangeSettings) => {
  const range = new RangePage(settings);
  Object.assign(globalThis, { range });
  await range.open(settings.leg);
};
Object.assign(globalThis, { openRange });
