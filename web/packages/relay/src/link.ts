// A link in a browser: one RTCPeerConnection that answers a client's offer, and the one data channel that comes with it.
// Events come until closed() or answerFailed(), of which one comes, last and once.
import { PipeEnd } from '@footbridge/core';

export const kGatherMs = 3_000; // of the core's eight seconds to an answer: what is found by then has to do
export const kSilenceMs = 3_000; // without a sign of life for five seconds already, in Firefox ten; they come back, or another takes over

export interface LinkEvents {
  answerMade(sdp: string): void;
  answerFailed(): void;
  open(): void;
  message(data: ArrayBuffer): void;
  closed(why: PipeEnd): void;
}

export class Link {
  channel: RTCDataChannel | null = null;
  private readonly peer: RTCPeerConnection;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private opened = false;
  private over = false;

  constructor(
    offer: string,
    iceServers: RTCIceServer[],
    private readonly events: LinkEvents,
  ) {
    this.peer = new RTCPeerConnection({ iceServers });
    this.peer.addEventListener('datachannel', ({ channel }) => this.take(channel));
    this.peer.addEventListener('connectionstatechange', () => this.look());
    this.answer(offer).then(
      (sdp) => this.over || events.answerMade(sdp),
      () => this.fail(),
    );
  }

  send(message: Uint8Array): void {
    if (this.channel?.readyState === 'open') this.channel.send(message.slice().buffer);
  }

  close(why: PipeEnd): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.silence);
    this.peer.close();
    this.events.closed(why);
  }

  // To the client and back, as the browser's own checks of the connection say; null: they say nothing.
  async roundTripMs(): Promise<number | null> {
    for (const report of (await this.peer.getStats()).values()) {
      const { type, state, currentRoundTripTime } = report as Record<string, unknown>;
      if (type !== 'candidate-pair' || state !== 'succeeded' || typeof currentRoundTripTime !== 'number') continue;
      return currentRoundTripTime * 1_000;
    }
    return null;
  }

  private fail(): void {
    if (this.over) return;
    this.over = true;
    this.peer.close();
    this.events.answerFailed();
  }

  private async answer(offer: string): Promise<string> {
    await this.peer.setRemoteDescription({ type: 'offer', sdp: offer });
    await this.peer.setLocalDescription(await this.peer.createAnswer());
    await this.gathered();
    const made = this.peer.localDescription;
    if (made === null) throw new Error('no local description');
    return made.sdp;
  }

  private gathered(): Promise<void> {
    return new Promise((done) => {
      const limit = setTimeout(done, kGatherMs);
      const look = () => {
        if (this.peer.iceGatheringState !== 'complete') return;
        clearTimeout(limit);
        done();
      };
      this.peer.addEventListener('icegatheringstatechange', look);
      look();
    });
  }

  private take(channel: RTCDataChannel): void {
    if (this.channel !== null || this.over) return this.close(PipeEnd.Misused);
    this.channel = channel;
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer && !this.over) this.events.message(data);
    });
    channel.addEventListener('close', () => this.close(this.opened ? PipeEnd.Remote : PipeEnd.Setup));
    if (channel.readyState === 'open') this.open();
    else channel.addEventListener('open', () => this.open());
  }

  private open(): void {
    if (this.opened || this.over) return;
    this.opened = true;
    this.events.open();
  }

  private look(): void {
    const state = this.peer.connectionState;
    clearTimeout(this.silence);
    if (state === 'failed') this.close(this.opened ? PipeEnd.Lost : PipeEnd.Setup);
    // A client that is gone without a word: browsers wait half a minute before they call it failed.
    if (state === 'disconnected') this.silence = setTimeout(() => this.close(PipeEnd.Lost), kSilenceMs);
  }
}
