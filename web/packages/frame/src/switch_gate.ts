// SwitchGate: when a volunteer's relay may start. Only a visitor starts it, by a gesture in the frame, after agreeing to
// this version of the text, at something that he has seen. Anybody may stop it.
//
//            gesture, not agreed          agrees, seen
//   Off ───────────────────────▶ Asking ────────────────▶ On
//    │ ▲                           │ agrees, cannot tell   ▲
//    │ └── declines, lapses, stop ─┤                       │ confirmed
//    │                             ▼                       │
//    └── gesture, agreed ───▶ Confirming ──────────────────┘      (agreed and seen: Off ─▶ On at once)
//
// Pure: no clock and no page. Each call returns what is to be done now, in order.

export type Phase = 'off' | 'asking' | 'confirming' | 'on';

// What is known of one gesture. seen: the browser vouches that nothing lay over what was clicked (visible), or says that
// something did (covered), or cannot tell (unknown).
export interface Gesture {
  trusted: boolean;
  seen: 'visible' | 'covered' | 'unknown';
}

export type Effect = 'start' | 'stop' | 'confirm' | 'remember';

export class SwitchGate {
  #phase: Phase = 'off';
  #agreed: boolean;
  #complaint: 'covered' | 'not-confirmed' | null = null;

  constructor(agreed: boolean) {
    this.#agreed = agreed;
  }

  get phase(): Phase {
    return this.#phase;
  }

  // Why the last gesture did not lead where it wanted to.
  get complaint(): 'covered' | 'not-confirmed' | null {
    return this.#complaint;
  }

  get wantsConsent(): boolean {
    return this.#phase === 'asking' || this.#phase === 'confirming' || this.#complaint !== null;
  }

  onSwitch(gesture: Gesture, askAgain = false): Effect[] {
    if (!gesture.trusted) return [];
    if (this.#phase !== 'off') return this.onStop();
    this.#complaint = null;
    if (this.#agreed && !askAgain) return this.#judge(gesture);
    this.#phase = 'asking';
    return [];
  }

  onAgree(gesture: Gesture): Effect[] {
    if (this.#phase !== 'asking' || !gesture.trusted) return [];
    return this.#judge(gesture);
  }

  onDecline(gesture: Gesture): Effect[] {
    return gesture.trusted ? this.onStop() : [];
  }

  // The confirmation window, which is ours and which nothing can cover, said yes.
  onConfirmed(): Effect[] {
    return this.#phase === 'confirming' ? this.#start() : [];
  }

  onLapsed(): Effect[] {
    if (this.#phase !== 'confirming') return [];
    this.#phase = 'off';
    this.#complaint = 'not-confirmed';
    return [];
  }

  onStop(): Effect[] {
    const ran = this.#phase === 'on';
    this.#phase = 'off';
    this.#complaint = null;
    return ran ? ['stop'] : [];
  }

  #judge(gesture: Gesture): Effect[] {
    if (gesture.seen === 'visible') return this.#start();
    if (gesture.seen === 'covered') {
      this.#complaint = 'covered';
      return [];
    }
    this.#phase = 'confirming';
    return ['confirm'];
  }

  #start(): Effect[] {
    this.#phase = 'on';
    this.#complaint = null;
    const effects: Effect[] = this.#agreed ? ['start'] : ['remember', 'start'];
    this.#agreed = true;
    return effects;
  }
}
