// The links, legs and relays of the clients that are here, and what the core wants done with them. What happens is told
// to the core with the stay's slot; a stay of an older epoch is over and says nothing any more.
import { type Command, type Gate, PipeEnd, type Slot } from '@footbridge/core';
import { Leg } from './leg.js';
import { Link } from './link.js';
import { Relay } from './relay.js';
import type { Flow } from './slow_line.js';
import type { StayEvent } from './talk.js';

// How often the core hears what was carried, so that an allowance is not overrun: whichever comes first.
const kTellMs = 1_000;
const kTellBytes = 256 * 1024;

interface Stay {
  at: Slot;
  link: Link | null;
  leg: Leg | null;
  relay: Relay | null;
  egress: string; // its relay's URL, once it is dialled
  seen: { bytes: number; look: number }; // what had been carried, and at which look that was new
  toldMs: number;
  toldBytes: number;
  rest: ReturnType<typeof setTimeout> | undefined; // until what was carried last is told, should nothing follow
}

export interface Totals {
  bytesUp: number;
  bytesDown: number;
  dropped: number; // messages
}

function add(totals: Totals, relay: Relay | null): void {
  if (relay === null) return;
  totals.bytesUp += relay.up.bytes;
  totals.bytesDown += relay.down.bytes;
  totals.dropped += relay.up.dropped + relay.down.dropped;
}

export class Stays {
  private readonly stays = new Map<number, Stay>(); // by slot number: the newest of each
  private readonly before: Totals = { bytesUp: 0, bytesDown: 0, dropped: 0 };
  private looks = 0;

  constructor(
    private readonly iceServers: RTCIceServer[],
    private readonly gate: Gate,
    private readonly tell: (event: StayEvent) => void,
  ) {}

  carryOut(command: Command): void {
    switch (command.do) {
      case 'makeAnswer':
        return this.makeLink(command.at, command.offer);
      case 'dialLeg':
        return this.dial(command.at, command.url);
      case 'startRelay':
        return this.start(command.at);
      case 'sendOnLink':
        return this.find(command.at)?.link?.send(command.message);
      case 'closeLink': {
        const link = this.find(command.at)?.link;
        return link ? link.close(command.why) : this.tell({ what: 'linkClosed', at: command.at, why: command.why });
      }
      case 'closeLeg': {
        const leg = this.find(command.at)?.leg;
        return leg ? leg.close(command.why) : this.tell({ what: 'legClosed', at: command.at, why: command.why });
      }
      case 'post':
      case 'cut':
      case 'keep':
        return; // the worker's
    }
  }

  // Ends all of them without a word.
  drop(): void {
    for (const stay of [...this.stays.values()]) this.bury(stay);
  }

  totals(): Totals {
    const out = { ...this.before };
    for (const { relay } of this.stays.values()) add(out, relay);
    return out;
  }

  // Of those that can carry: of a stay that has lost an end nothing goes on, whatever its queues still show.
  flows(): Flow[] {
    const out: Flow[] = [];
    for (const { at, link, leg, relay } of this.stays.values()) {
      if (relay === null || link === null || leg === null) continue;
      const { up, down, waiting } = relay;
      out.push({ stay: at, bytes: up.bytes + down.bytes, waiting, dropped: up.dropped + down.dropped });
    }
    return out;
  }

  links(): number {
    return [...this.stays.values()].filter(({ relay, link }) => relay !== null && link !== null).length;
  }

  // Where those are carried to who are helped, as many as the core says: theirs are the stays that carried something last. Looked at
  // about each second.
  legs(people: number): { relay: string; people: number }[] {
    const look = ++this.looks;
    const able = [...this.stays.values()].filter(({ relay, link, leg }) => relay && link && leg);
    for (const { relay, seen } of able) {
      const bytes = (relay?.up.bytes ?? 0) + (relay?.down.bytes ?? 0);
      if (bytes !== seen.bytes) Object.assign(seen, { bytes, look });
    }
    const counts = new Map<string, number>();
    for (const { egress } of able.sort((a, b) => b.seen.look - a.seen.look).slice(0, people))
      counts.set(egress, (counts.get(egress) ?? 0) + 1);
    return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([relay, each]) => ({ relay, people: each }));
  }

  // Of those who are helped, on the average; null: not known of any.
  async roundTripMs(): Promise<number | null> {
    const asked = [...this.stays.values()].map(({ link }) => link?.roundTripMs().catch(() => null) ?? null);
    const known = (await Promise.all(asked)).filter((each) => each !== null);
    if (known.length === 0) return null;
    return Math.round(known.reduce((sum, each) => sum + each, 0) / known.length);
  }

  private find(at: Slot): Stay | null {
    const stay = this.stays.get(at.number);
    return stay?.at.epoch === at.epoch ? stay : null;
  }

  private bury(stay: Stay): void {
    add(this.before, stay.relay);
    this.stays.delete(stay.at.number); // first: what follows is said of nobody
    clearTimeout(stay.rest);
    stay.link?.close(PipeEnd.Local);
    stay.leg?.close(PipeEnd.Local);
  }

  // Says it of a stay that is still the slot's.
  private say(stay: Stay, event: StayEvent): void {
    if (this.find(stay.at) === stay) this.tell(event);
  }

  private makeLink(at: Slot, offer: string): void {
    const old = this.stays.get(at.number);
    if (old) this.bury(old);
    const none = { link: null, leg: null, relay: null, egress: '', toldMs: 0, toldBytes: 0, rest: undefined };
    const stay: Stay = { at, ...none, seen: { bytes: 0, look: 0 } };
    this.stays.set(at.number, stay);
    try {
      stay.link = this.link(stay, offer);
    } catch {
      this.say(stay, { what: 'answerFailed', at }); // WebRTC was shut meanwhile
    }
  }

  private link(stay: Stay, offer: string): Link {
    const { at } = stay;
    return new Link(offer, this.iceServers, {
      answerMade: (sdp) => this.say(stay, { what: 'answerMade', at, sdp }),
      answerFailed: () => {
        stay.link = null;
        this.say(stay, { what: 'answerFailed', at });
      },
      open: () => this.opened(stay),
      message: (data) => {
        stay.relay?.fromLink(data, performance.now());
        this.tellCarried(stay);
      },
      closed: (why) => {
        stay.link = null;
        this.tellCarried(stay, true);
        this.say(stay, { what: 'linkClosed', at, why });
      },
    });
  }

  private opened(stay: Stay): void {
    const channel = stay.link?.channel;
    if (!channel) return;
    stay.relay = new Relay(this.gate, stay.at.number, channel);
    this.say(stay, { what: 'linkOpen', at: stay.at });
  }

  private dial(at: Slot, url: string): void {
    const stay = this.find(at);
    if (stay === null) return this.tell({ what: 'legClosed', at, why: PipeEnd.Setup });
    stay.egress = url.slice(0, url.lastIndexOf('/')); // what follows is a token
    try {
      stay.leg = this.leg(stay, url);
    } catch {
      // Refused by the browser, whose words have the URL in them, and with it a token.
      this.say(stay, { what: 'legClosed', at, why: PipeEnd.Setup });
    }
  }

  private leg(stay: Stay, url: string): Leg {
    const { at } = stay;
    return new Leg(url, {
      open: () => this.say(stay, { what: 'legOpen', at }),
      message: (data) => {
        stay.relay?.fromLeg(data, performance.now());
        this.tellCarried(stay);
      },
      closed: (why) => {
        stay.leg = null;
        this.tellCarried(stay, true);
        this.say(stay, { what: 'legClosed', at, why });
      },
    });
  }

  private start(at: Slot): void {
    const stay = this.find(at);
    if (stay?.leg && stay.relay) stay.relay.attachLeg(stay.leg.socket, performance.now());
  }

  private tellCarried(stay: Stay, last = false): void {
    if (stay.relay === null) return;
    const now = performance.now();
    const [up, down] = [stay.relay.up.bytes, stay.relay.down.bytes];
    if (!last && now - stay.toldMs < kTellMs && up + down - stay.toldBytes < kTellBytes) {
      stay.rest ??= setTimeout(() => this.tellCarried(stay, true), kTellMs);
      return;
    }
    clearTimeout(stay.rest);
    stay.rest = undefined;
    stay.toldMs = now;
    stay.toldBytes = up + down;
    this.say(stay, { what: 'carried', at: stay.at, up, down });
  }
}
