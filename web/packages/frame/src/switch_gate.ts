// SwitchGate: when a volunteer's relay may start. Only a visitor starts it, by a gesture in the frame, after agreeing to
// this version of the text, at something that he has seen. Anybody may stop it. Where the network says that helping may be
// dangerous, it is stopped until he has decided, by such a gesture, too.
//
//            gesture, not agreed          agrees, seen
//   Off ───────────────────────▶ Asking ────────────────▶ On
//    │ ▲                           │ agrees, cannot tell   ▲
//    │ └── declines, lapses, stop ─┤                       │ confirmed
//    │                             ▼                       │
//    └── gesture, agreed ───▶ Confirming ──────────────────┘      (agreed and seen: Off ─▶ On at once)
//
//    On ── risky place ──▶ Warning ── helps anyway ──▶ On, or Confirming, as above; every other way leads to Off
//
// Pure: no clock and no page. Each call returns what is to be done now, in order.

export type Phase = 'off' | 'asking' | 'warning' | 'confirming' | 'on';
export type Question = 'consent' | 'risk';

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
  #evenIfRisky: boolean;
  #question: Question = 'consent';
  #complaint: 'covered' | 'not-confirmed' | null = null;

  constructor(agreed: boolean, evenIfRisky = false) {
    this.#agreed = agreed;
    this.#evenIfRisky = evenIfRisky;
  }

  // He was warned that helping may be dangerous where he is, and wants to.
  get evenIfRisky(): boolean {
    return this.#evenIfRisky;
  }

  // What is asked, or was asked last.
  get question(): Question {
    return this.#question;
  }

  get phase(): Phase {
    return this.#phase;
  }

  // Why the last gesture did not lead where it wanted to.
  get complaint(): 'covered' | 'not-confirmed' | null {
    return this.#complaint;
  }

  get wantsConsent(): boolean {
    return (this.#phase !== 'off' && this.#phase !== 'on') || this.#complaint !== null;
  }

  onSwitch(gesture: Gesture, askAgain = false): Effect[] {
    if (!gesture.trusted) return [];
    if (this.#phase !== 'off') return this.onStop();
    this.#complaint = null;
    this.#question = 'consent';
    if (this.#agreed && !askAgain) return this.#judge(gesture);
    this.#phase = 'asking';
    return [];
  }

  onAgree(gesture: Gesture): Effect[] {
    if (this.#phase !== 'asking' || !gesture.trusted) return [];
    return this.#judge(gesture);
  }

  // The network says that helping may be dangerous from here. Who has decided is not asked again.
  onRisky(): Effect[] {
    if (this.#phase !== 'on' || this.#evenIfRisky) return [];
    this.#phase = 'warning';
    this.#question = 'risk';
    return ['stop'];
  }

  onHelpAnyway(gesture: Gesture): Effect[] {
    if (this.#phase !== 'warning' || !gesture.trusted) return [];
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
    const decided = !this.#agreed || this.#question === 'risk';
    this.#agreed = true;
    if (this.#question === 'risk') this.#evenIfRisky = true;
    return decided ? ['remember', 'start'] : ['start'];
  }
}
