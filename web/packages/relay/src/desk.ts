// The worker's side: the volunteer with its clocks and its requests to brokers. Everything that has to do with a link or
// a leg is said to the page. Begins once; one for each worker.
import {
  type Command,
  type CoreStatus,
  type FillRandom,
  kMostBodyBytes,
  Volunteer,
  type VolunteerHost,
} from '@footbridge/core';
import { plainPost } from './request.js';
import type { FromWorker, StayEvent, ToDesk } from './talk.js';

export interface Surroundings {
  say(message: FromWorker): void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  steadyMs(): number;
  wallMs(): number;
  zoneSeconds(wallMs: number): number; // what the clock on the wall is ahead of UTC then
  fillRandom: FillRandom;
  after(ms: number, then: () => void): () => void; // the timer's end
}

export class Desk implements VolunteerHost {
  private volunteer: Volunteer | null = null;
  private urls: string[] = [];
  private run = 0;
  private turn = 0;
  private posts = new Map<bigint, AbortController>();
  private endTimer: () => void = () => {};

  constructor(private readonly around: Surroundings) {}

  hear(message: ToDesk): void {
    switch (message.to) {
      case 'begin':
        this.urls = message.config.ways.map((way) => way.url);
        this.volunteer = new Volunteer(message.module, message.config, this, this.around.fillRandom, message.kept);
        return;
      case 'people':
        this.turn = message.turn;
        return this.volunteer?.setPeople(message.most);
      case 'limits':
        return this.volunteer?.setLimits(message.limits);
      case 'restore':
        return this.volunteer?.catchUp(message.kept);
      case 'stop':
        return this.volunteer?.stop();
      case 'networkChange':
        return this.volunteer?.networkChange();
      case 'network':
        return this.volunteer?.setNetwork(message.network);
      case 'event':
        if (message.run === this.run) this.tell(message.event);
    }
  }

  moment() {
    const wallMs = this.around.wallMs();
    return { steadyMs: this.around.steadyMs(), wallMs, zoneSeconds: this.around.zoneSeconds(wallMs) };
  }

  carryOut(command: Command): void {
    if (command.do === 'post') return this.post(command.post, this.urls[command.way] ?? '', command.body);
    if (command.do === 'cut') return this.cut(command.post);
    if (command.do === 'keep') return this.around.say({ from: 'keep', record: command.record });
    this.around.say({ from: 'command', run: this.run, command });
  }

  wakeAt(steadyMs: number | null): void {
    this.endTimer();
    this.endTimer = () => {};
    if (steadyMs === null) return;
    this.endTimer = this.around.after(Math.max(0, steadyMs - this.around.steadyMs()), () => this.volunteer?.time());
  }

  status(status: CoreStatus): void {
    this.around.say({ from: 'status', status, turn: this.turn });
  }

  restarted(why: string): void {
    this.forget();
    ++this.run;
    this.around.say({ from: 'restarted', run: this.run, why });
  }

  broken(why: string): void {
    this.forget();
    this.around.say({ from: 'broken', why });
  }

  private forget(): void {
    for (const post of [...this.posts.keys()]) this.cut(post);
  }

  private tell(event: StayEvent): void {
    const to = this.volunteer;
    switch (event.what) {
      case 'answerMade':
        return to?.answerMade(event.at, event.sdp);
      case 'answerFailed':
        return to?.answerFailed(event.at);
      case 'linkOpen':
        return to?.linkOpen(event.at);
      case 'linkClosed':
        return to?.linkClosed(event.at, event.why);
      case 'legOpen':
        return to?.legOpen(event.at);
      case 'legClosed':
        return to?.legClosed(event.at, event.why);
      case 'carried':
        return to?.carried(event.at, event.up, event.down);
    }
  }

  private cut(post: bigint): void {
    this.posts.get(post)?.abort();
    this.posts.delete(post);
  }

  private post(post: bigint, url: string, body: Uint8Array): void {
    const stop = new AbortController();
    this.posts.set(post, stop);
    const over = (end: () => void) => {
      if (this.posts.get(post) !== stop) return; // cut meanwhile
      this.posts.delete(post);
      end();
    };
    this.exchange(url, body, stop.signal).then(
      (answer) => over(() => this.volunteer?.answered(post, answer)),
      () => over(() => this.volunteer?.failed(post)),
    );
  }

  private async exchange(url: string, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const response = await this.around.fetch(url, plainPost(body, signal));
    if (response.status !== 200) throw new Error('not an answer');
    const announced = Number(response.headers.get('Content-Length') ?? 0);
    if (announced > kMostBodyBytes) throw new Error('too long');
    const answer = new Uint8Array(await response.arrayBuffer());
    if (answer.length > kMostBodyBytes) throw new Error('too long');
    return answer;
  }
}
