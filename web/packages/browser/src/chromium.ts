// Chromium: the browser of this machine, without a window, led through its debugging pipe as tests need it: real clicks, every
// document's script, every request of every frame. One process for a test file; close() ends it and removes its profile.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { Page, PageGone } from './page.js';

export type Fields = Record<string, unknown>;
export type Listener = (method: string, params: Fields, session: string) => void;

const kProgram = '/usr/bin/chromium';
export const kNoBrowser = existsSync(kProgram) ? false : 'no chromium on this machine (scripts/setup web installs it)';
const kQuiet = [
  '--headless=new',
  '--no-sandbox', // tests may run as root
  '--disable-gpu',
  '--disable-dev-shm-usage', // small in a container
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--remote-debugging-pipe',
];
const kAnswerWithinMs = 30_000;
const kStartWithinMs = 120_000; // the first of a machine is read from its disk, 300 MB of it

interface Waiting {
  session: string | undefined;
  done: (result: Fields) => void;
  fail: (error: Error) => void;
}

export class Chromium {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #keeps: boolean;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<Listener>();
  #serial = 0;

  private constructor(process: ChildProcess, profile: string, keeps: boolean) {
    this.#process = process;
    this.#profile = profile;
    this.#keeps = keeps;
    let text = '';
    const from = process.stdio[4] as Readable;
    from.setEncoding('utf8');
    from.on('data', (part: string) => {
      const messages = (text + part).split('\0');
      text = messages.pop() ?? '';
      for (const message of messages) this.#onMessage(JSON.parse(message) as Fields);
    });
  }

  static async launch(...more: string[]): Promise<Chromium> {
    return Chromium.#run(await mkdtemp(join(tmpdir(), 'chromium-')), false, more);
  }

  // With a profile that stays, for the next one.
  static async launchIn(profile: string, ...more: string[]): Promise<Chromium> {
    return Chromium.#run(profile, true, more);
  }

  static async #run(profile: string, keeps: boolean, more: string[]): Promise<Chromium> {
    const words = [...kQuiet, ...more, `--user-data-dir=${profile}`, 'about:blank'];
    const child = spawn(kProgram, words, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    const it = new Chromium(child, profile, keeps);
    try {
      await it.#draws();
    } catch (error) {
      await it.close();
      throw error;
    }
    return it;
  }

  // Until a first document has been drawn, so that no test's own time is spent on starting the browser.
  async #draws(): Promise<void> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' }, undefined, kStartWithinMs);
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const expression = 'new Promise((done) => requestAnimationFrame(() => done(0)))';
    const drawn = { expression, awaitPromise: true };
    await this.send('Runtime.evaluate', drawn, sessionId as string, kStartWithinMs);
    await this.send('Target.closeTarget', { targetId });
  }

  listen(listener: Listener): void {
    this.#listeners.add(listener);
  }

  send(method: string, params: Fields = {}, sessionId?: string, withinMs = kAnswerWithinMs): Promise<Fields> {
    const id = ++this.#serial;
    return new Promise((done, reject) => {
      const late = setTimeout(() => fail(new Error(`${method}: no answer`)), withinMs);
      const fail = (error: Error) => {
        clearTimeout(late);
        this.#waiting.delete(id);
        reject(error);
      };
      const answered = (result: Fields) => {
        clearTimeout(late);
        done(result);
      };
      this.#waiting.set(id, { session: sessionId, done: answered, fail });
      (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  async open(url: string, options: { width?: number; height?: number; init?: string } = {}): Promise<Page> {
    return Page.open(this, url, options);
  }

  async close(): Promise<void> {
    const ended = new Promise((done) => this.#process.once('exit', done));
    this.#process.kill('SIGKILL');
    await ended;
    if (!this.#keeps) await rm(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  #onGone(session: string): void {
    for (const waiting of [...this.#waiting.values()])
      if (waiting.session === session) waiting.fail(new PageGone('the page has gone'));
  }

  #onMessage({ id, result, error, method, params, sessionId }: Fields): void {
    const waiting = this.#waiting.get(id as number);
    if (waiting) {
      this.#waiting.delete(id as number);
      if (error) waiting.fail(new Error((error as { message: string }).message));
      else waiting.done(result as Fields);
    } else if (typeof method === 'string') {
      if (method === 'Target.detachedFromTarget') this.#onGone((params as Fields).sessionId as string);
      for (const listener of this.#listeners)
        listener(method, params as Fields, (sessionId as string | undefined) ?? '');
    }
  }
}
