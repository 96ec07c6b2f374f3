// What a browser shows of the network that it is in: it gathers candidates with some STUN servers, as for a link that never comes,
// and shows at what address and port each of them saw it. Over when it has seen enough, when the browser is done, when the time is
// over, or on end().
//
// Of several servers that see the same, Chromium and Firefox show one candidate. Neither is done (within nine seconds) while one of
// the servers is silent. Without a camera's permission they hide our own addresses behind mDNS names and show 0.0.0.0:0 as base of
// what was seen, which is one base then: the default route's.
import type { Clock } from './clock.js';

export interface Outside {
  base: string; // of what it is seen; the same for all whose base is hidden
  at: string; // where it is seen
  own: boolean; // and that is our own address
}

export class Gathering {
  readonly outside: Outside[] = []; // over IPv4
  udp = false; // some socket was opened
  answered = false; // some server has, over IPv6 too
  refused = false; // the browser has said that some server did not
  refusedByIpv4 = false; // as far as the browser says by what; by IPv6 it is usual
  complete = false;
  readonly over: Promise<void>;
  private readonly peer: RTCPeerConnection;
  private readonly endTimer: () => void;
  private settle: () => void = () => {};

  // Throws what the browser throws.
  constructor(
    iceServers: RTCIceServer[],
    limitMs: number,
    private readonly isEnough: (it: Gathering) => boolean,
    clock: Clock,
  ) {
    this.over = new Promise((done) => {
      this.settle = done;
    });
    this.peer = new RTCPeerConnection({ iceServers });
    this.endTimer = clock.after(limitMs, () => this.end());
    this.peer.addEventListener('icecandidate', ({ candidate }) => candidate && this.take(candidate));
    this.peer.addEventListener('icecandidateerror', ({ address }) => {
      this.refused = true;
      if (!address?.includes(':')) this.refusedByIpv4 = true; // hidden in part, addresses are still of one kind
    });
    this.peer.addEventListener('icegatheringstatechange', () => {
      if (this.peer.iceGatheringState !== 'complete') return;
      this.complete = true;
      this.end();
    });
    this.peer.createDataChannel('');
    this.peer.setLocalDescription().catch(() => this.end());
  }

  end(): void {
    this.endTimer();
    this.peer.close();
    this.settle();
  }

  private take({ protocol, type, address, port, relatedAddress, relatedPort }: RTCIceCandidate): void {
    if (protocol !== 'udp' || !address) return;
    this.udp = true;
    if (type !== 'srflx') return;
    this.answered = true;
    if (address.includes(':')) return;
    const at = `${address}:${port}`;
    this.outside.push({ at, base: `${relatedAddress}:${relatedPort}`, own: relatedAddress === address });
    if (this.isEnough(this)) this.end();
  }
}
