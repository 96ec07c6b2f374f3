// NetworkProbe: how well people elsewhere can reach a browser in this network, as far as it can find out (spec 13 §12). First
// some STUN servers are asked, each by itself, until two have answered; then these two together, from one port: do they see the
// same? What they see stays here; one word comes out. Ends within kAnswerMs and kCompareMs.
import type { RelayNetwork } from '@footbridge/protocol';
import { type Clock, pageClock } from './clock.js';
import { Gathering, type Outside } from './gathering.js';

export const kMostAsked = 4; // at once: two must answer, the others stand in for dead ones
export const kAnswerMs = 5_000; // five tries of a browser, and a slow mobile network
export const kCompareMs = 3_000; // both have just answered

// Two names of one host would be one opinion.
function oneOfEachHost(servers: RTCIceServer[]): RTCIceServer[] {
  const hosts = new Map<string, RTCIceServer>();
  for (const server of servers) {
    const host = String(server.urls).replace(/^stun:(\[[^\]]*\]|[^:?]*).*$/, '$1');
    if (!hosts.has(host)) hosts.set(host, server);
  }
  return [...hosts.values()].slice(0, kMostAsked);
}

function isSeenTwice(outside: Outside[]): boolean {
  const bases = outside.map(({ base }) => base);
  return new Set(outside.map(({ base, at }) => `${base} ${at}`)).size > new Set(bases).size;
}

export class NetworkProbe {
  private readonly gatherings = new Set<Gathering>();
  private ended = false;

  constructor(
    private readonly servers: RTCIceServer[],
    private readonly clock: Clock = pageClock,
  ) {}

  // Once; null: it was ended before.
  async result(): Promise<RelayNetwork | null> {
    try {
      const network = await this.look();
      return this.ended ? null : network;
    } catch (error) {
      if (this.ended) return null;
      // The servers are written wrongly, or something has put itself before WebRTC, and shut it.
      return error instanceof DOMException && error.name === 'SyntaxError' ? 'unknown' : 'no-udp';
    } finally {
      this.end();
    }
  }

  end(): void {
    this.ended = true;
    for (const gathering of this.gatherings) gathering.end();
  }

  private async look(): Promise<RelayNetwork> {
    const servers = oneOfEachHost(this.servers);
    const [first, ...more] = await this.gather(servers.length > 0 ? servers.map((each) => [each]) : [[]]);
    if (first === undefined || this.ended) return 'unknown';
    const all = [first, ...more];
    if (!all.some(({ udp }) => udp)) return 'no-udp';
    const live = servers.filter((_, index) => (all[index]?.outside.length ?? 0) > 0).slice(0, 2);
    if (live.length === 2) return this.compare(live);
    // A server that is silent, and no gathering that ended without a word: that one says nothing.
    const silent = (it: Gathering) => !it.answered && (it.refused || !it.complete);
    return servers.length > 0 && all.every(silent) ? 'no-udp' : 'unknown';
  }

  private async compare(live: RTCIceServer[]): Promise<RelayNetwork> {
    const both = await this.gatherOne(live, kCompareMs, ({ outside }) => isSeenTwice(outside));
    if (isSeenTwice(both.outside)) return 'restricted';
    if (!both.complete || both.refusedByIpv4 || both.outside.length === 0) return 'unknown';
    return both.outside.every(({ own }) => own) ? 'open' : 'moderate';
  }

  // Until two of them have been seen from outside.
  private async gather(each: RTCIceServer[][]): Promise<Gathering[]> {
    let seen = 0;
    const all = each.map((servers) => this.begin(servers, kAnswerMs, ({ outside }) => outside.length > 0));
    const one = async (gathering: Gathering) => {
      await gathering.over;
      if (gathering.outside.length > 0 && ++seen === 2) for (const other of all) other.end();
    };
    await Promise.all(all.map(one));
    return all;
  }

  private async gatherOne(servers: RTCIceServer[], limitMs: number, isEnough: (it: Gathering) => boolean) {
    const gathering = this.begin(servers, limitMs, isEnough);
    await gathering.over;
    return gathering;
  }

  private begin(servers: RTCIceServer[], limitMs: number, isEnough: (it: Gathering) => boolean): Gathering {
    const gathering = new Gathering(servers, limitMs, isEnough, this.clock);
    this.gatherings.add(gathering);
    return gathering;
  }
}
