// Firefox: the stock browser of this machine, without a window, led by WebDriver BiDi: tabs, scripts in them, extensions. One process for
// a test file; close() ends it and removes its profile.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Fields } from './chromium.js';
import { eventually } from './eventually.js';
import { FirefoxPage } from './firefox_page.js';

export type Pref = boolean | number | string;

const kProgram = '/usr/bin/firefox-esr';
export const kNoFirefox = existsSync(kProgram)
  ? false
  : 'no firefox-esr on this machine (scripts/setup web installs it)';
// No traffic of its own, no questions, and addresses instead of mDNS names, which a native end never resolves.
const kQuiet: Record<string, Pref> = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.getAddons.cache.enabled': false,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
};
const kWindow = 'chrome://browser/content/browser.xhtml';
const kSaysWhere = 'WebDriverBiDiServer.json';
const kAnswerWithinMs = 60_000;
const kStartWithinMs = 120_000; // the first of a machine is read from its disk, and a busy machine starts it slowly

interface Waiting {
  done: (result: Fields) => void;
  fail: (error: Error) => void;
  late: NodeJS.Timeout;
}

export class Firefox {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #keeps: boolean;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(method: string, params: Fields) => void>();
  #socket: WebSocket | null = null;
  #serial = 0;

  private constructor(process: ChildProcess, profile: string, keeps: boolean) {
    this.#process = process;
    this.#profile = profile;
    this.#keeps = keeps;
  }

  static async launch(prefs: Record<string, Pref> = {}): Promise<Firefox> {
    return Firefox.#run(await mkdtemp(join(tmpdir(), 'firefox-')), false, prefs);
  }

  // With a profile that stays, for the next one.
  static launchIn(profile: string, prefs: Record<string, Pref> = {}): Promise<Firefox> {
    return Firefox.#run(profile, true, prefs);
  }

  static async #run(profile: string, keeps: boolean, prefs: Record<string, Pref>): Promise<Firefox> {
    const lines = Object.entries({ ...kQuiet, ...prefs }).map(
      (each) => `user_pref(${each.map((it) => JSON.stringify(it))});\n`,
    );
    await writeFile(join(profile, 'user.js'), lines.join(''));
    await rm(join(profile, kSaysWhere), { force: true }); // of a run before
    const leading = ['--remote-debugging-port=0', '--remote-allow-system-access'];
    const words = ['--headless', '--no-remote', ...leading, '--profile', profile, 'about:blank'];
    // A group of its own: its helpers end with it. It ends with us, too, also where we are killed.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', kProgram, ...words], { stdio: 'ignore', detached: true });
    const it = new Firefox(child, profile, keeps);
    try {
      await it.#connect();
    } catch (error) {
      await it.close();
      throw error;
    }
    return it;
  }

  // What the protocol calls events, of those that were subscribed to by session.subscribe.
  listen(listener: (method: string, params: Fields) => void): void {
    this.#listeners.add(listener);
  }

  send(method: string, params: Fields = {}): Promise<Fields> {
    const id = ++this.#serial;
    return new Promise((done, fail) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) return fail(new Error('Firefox has ended'));
      const late = setTimeout(() => this.#settle(id)?.fail(new Error(`${method}: no answer`)), kAnswerWithinMs);
      this.#waiting.set(id, { done, fail, late });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  open(url: string, options: { init?: string } = {}): Promise<FirefoxPage> {
    return FirefoxPage.open(this, url, options);
  }

  // A tab of what no page may lead to, such as a page of an extension: as if its address were typed.
  async openTyped(url: string): Promise<FirefoxPage> {
    const { contexts } = await this.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
    const window = (contexts as Fields[]).find((each) => each.url === kWindow);
    const expression = `gBrowser.addTrustedTab(${JSON.stringify(url)}); null`;
    await this.send('script.evaluate', { expression, target: { context: window?.context }, awaitPromise: true });
    return this.opened(url);
  }

  // The tab that somebody else has opened, an extension too, by a part of its address.
  opened(part: string): Promise<FirefoxPage> {
    return FirefoxPage.opened(this, part);
  }

  // Installs an unpacked extension (a folder) or a packed one (a file) until the browser ends. Returns its id.
  async install(path: string, kind: 'path' | 'archivePath' = 'path'): Promise<string> {
    const { extension } = await this.send('webExtension.install', { extensionData: { type: kind, path } });
    return extension as string;
  }

  async close(): Promise<void> {
    this.#socket?.terminate();
    const { pid, exitCode, signalCode } = this.#process;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const ended = new Promise((done) => this.#process.once('exit', done));
      process.kill(-pid, 'SIGKILL');
      await ended;
    }
    if (!this.#keeps) await rm(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  // It says in its profile where it listens, once it does.
  async #connect(): Promise<void> {
    const said = await eventually(
      async () => JSON.parse(await readFile(join(this.#profile, kSaysWhere), 'utf8')) as Fields,
      'Firefox listens',
      kStartWithinMs,
    );
    const socket = new WebSocket(`ws://${said.ws_host}:${said.ws_port}/session`);
    this.#socket = socket;
    socket.on('message', (text) => this.#onMessage(JSON.parse(String(text)) as Fields));
    socket.on('close', () => {
      for (const id of [...this.#waiting.keys()]) this.#settle(id)?.fail(new Error('Firefox has ended'));
    });
    await new Promise((done, fail) => socket.once('open', done).once('error', fail));
    await this.send('session.new', { capabilities: {} });
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.late);
    return waiting;
  }

  #onMessage({ type, id, result, message, method, params }: Fields): void {
    if (type === 'event') {
      for (const listener of this.#listeners) listener(method as string, params as Fields);
      return;
    }
    const waiting = this.#settle(id as number);
    if (type === 'success') waiting?.done(result as Fields);
    else waiting?.fail(new Error(String(message)));
  }
}
