// Relay: what carries the traffic of the people helped, as the frame sees it. start() is only called after the visitor has
// agreed; before that an implementation opens no socket and asks for nothing. Statuses come whenever something changed.
import { kDefaultLimits, kNothing, type RelayLimits, type RelayStatus } from '@footbridge/protocol';

export interface Relay {
  // evenIfRisky: the visitor was warned that helping may be dangerous where he is, and wants to.
  start(evenIfRisky: boolean): void;
  stop(): void;
  // Ends a pause for a slow line.
  resume(): void;
  // Somebody looks at what it costs to know (RelayStatus.line), for the next seconds.
  watch(): void;
  // At any time; what runs keeps to them at once, what starts later does as well.
  setLimits(limits: RelayLimits): void;
  readonly limits: RelayLimits;
  // At any time: whether netstate is told how it is, where it can be (RelayStatus.reports).
  setReports(on: boolean): void;
  // Called with each new status, and after others have set limits; the present ones are `status` and `limits`.
  onStatus: (status: RelayStatus) => void;
  readonly status: RelayStatus;
}

// Where helping is not possible: says why, does nothing.
export class UnavailableRelay implements Relay {
  onStatus: (status: RelayStatus) => void = () => {};
  limits: RelayLimits = kDefaultLimits;
  readonly status: RelayStatus;

  constructor(reason: string) {
    this.status = { ...kNothing, state: 'unavailable', reason };
  }

  start(): void {}
  stop(): void {}
  resume(): void {}
  watch(): void {}
  setReports(): void {}

  setLimits(limits: RelayLimits): void {
    this.limits = limits;
  }
}
