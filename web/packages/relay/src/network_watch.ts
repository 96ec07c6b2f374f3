// NetworkWatch: when a page looks at its network (NetworkProbe): when it starts, and when the network has changed. It begins once
// in kNetworkPauseMs at the most; a change that comes sooner waits for that. Off, it asks nobody. What it found holds until the network
// changes or it is stopped, which it tells with null.
import type { RelayNetwork } from '@footbridge/protocol';
import { type Clock, pageClock } from './clock.js';
import { NetworkProbe } from './network_probe.js';

export const kNetworkPauseMs = 30_000;

type Probe = Pick<NetworkProbe, 'result' | 'end'>;

export class NetworkWatch {
  private on = false;
  private found = false;
  private probe: Probe | null = null;
  private beganMs = Number.NEGATIVE_INFINITY;
  private endLater: (() => void) | null = null;

  constructor(
    private readonly make: () => Probe,
    private readonly tell: (network: RelayNetwork | null) => void,
    private readonly clock: Clock = pageClock,
  ) {}

  static of(iceServers: RTCIceServer[], tell: (network: RelayNetwork | null) => void): NetworkWatch {
    return new NetworkWatch(() => new NetworkProbe(iceServers), tell);
  }

  start(): void {
    if (this.on) return;
    this.on = true;
    this.look();
  }

  stop(): void {
    this.on = false;
    this.endLater?.();
    this.endLater = null;
    this.endProbe();
    this.forget();
  }

  changed(): void {
    if (!this.on) return;
    this.endProbe(); // of the network before
    this.forget();
    this.look();
  }

  private endProbe(): void {
    this.probe?.end();
    this.probe = null;
  }

  private forget(): void {
    if (!this.found) return;
    this.found = false;
    this.tell(null);
  }

  private look(): void {
    if (this.endLater !== null) return;
    const wait = this.beganMs + kNetworkPauseMs - this.clock.nowMs();
    if (wait > 0) {
      this.endLater = this.clock.after(wait, () => {
        this.endLater = null;
        this.look();
      });
      return;
    }
    this.beganMs = this.clock.nowMs();
    const probe = this.make();
    this.probe = probe;
    void probe.result().then((network) => {
      if (this.probe !== probe || network === null) return;
      this.found = true;
      this.tell(network);
    });
  }
}

interface Connection extends EventTarget {
  type?: string;
}

// Calls when this device is back in a network, or is in one of another kind, where a browser says so; until the signal.
export function watchNetwork(changed: () => void, until: AbortSignal): void {
  globalThis.addEventListener('online', changed, { signal: until });
  const connection = (globalThis.navigator as { connection?: Connection } | undefined)?.connection;
  let type = connection?.type;
  const look = () => {
    if (type === connection?.type) return; // how fast it seems changes by the minute
    type = connection?.type;
    changed();
  };
  connection?.addEventListener('change', look, { signal: until });
}
