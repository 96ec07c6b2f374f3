// Relay: what carries the traffic of the people helped, as the frame sees it. start() is only called after the visitor has
// agreed; before that an implementation opens no socket and asks for nothing. Statuses come whenever something changed.
import { kNothing, type RelayStatus } from '@footbridge/protocol';

export interface Relay {
  start(): void;
  stop(): void;
  // Called with each new status; the present one is `status`.
  onStatus: (status: RelayStatus) => void;
  readonly status: RelayStatus;
}

// Where helping is not possible: says why, does nothing.
export class UnavailableRelay implements Relay {
  onStatus: (status: RelayStatus) => void = () => {};
  readonly status: RelayStatus;

  constructor(reason: string) {
    this.status = { ...kNothing, state: 'unavailable', reason };
  }

  start(): void {}
  stop(): void {}
}
