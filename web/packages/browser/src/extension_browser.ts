// ExtensionBrowser: a browser that has our extension, unpacked, in a profile that stays when it is closed; the next one goes on
// where this one ended. Tests say the same to Chromium and to Firefox.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Chromium, type Fields, kNoBrowser } from './chromium.js';
import { eventually } from './eventually.js';
import { Firefox, kNoFirefox, type Pref } from './firefox.js';
import type { FirefoxPage } from './firefox_page.js';
import type { Page } from './page.js';

export type Kind = 'chromium' | 'firefox';
export const kAbsent: Record<Kind, string | false> = { chromium: kNoBrowser, firefox: kNoFirefox };

export interface Tab {
  value<T = unknown>(expression: string): Promise<T>;
  eventually(expression: string): Promise<void>;
  click(selector: string): Promise<void>;
  close(): Promise<void>;
}

export interface ExtensionBrowser {
  open(page: string): Promise<Tab>;
  // The tab of that page of ours which the extension itself has opened.
  opened(page: string): Promise<Tab>;
  // Ends the worker of the background as the browser itself does when it has been idle. Chromium's only.
  stopWorker(): Promise<void>;
  // An update is there, and its moment comes. Chromium's only.
  update(): Promise<void>;
  // Tells the relay's document from the next one; null: there is none. Chromium's only.
  relayDocument(): Promise<string | null>;
  // At once, as a kill does.
  close(): Promise<void>;
}

// As browsers are in tests: addresses instead of mDNS names, which a native end never resolves.
const kSwitchedOff = 'WebRtcHideLocalIpsWithMdns,MediaRouter,DisableLoadExtensionCommandLineSwitch';
const kUuid = '6f6f7462-7269-4467-8e65-787400000001'; // of the extension in Firefox

function chromiumTab(page: Page): Tab {
  return {
    value: (expression) => page.value(expression),
    eventually: (expression) => page.eventually(expression),
    click: (selector) => page.click(`document.querySelector(${JSON.stringify(selector)})`),
    close: () => page.close(),
  };
}

export class ChromiumWithIt implements ExtensionBrowser {
  private constructor(
    readonly chromium: Chromium,
    readonly base: string,
  ) {}

  static async launch(folder: string, profile: string): Promise<ChromiumWithIt> {
    const letters = 'abcdefghijklmnop';
    const digest = createHash('sha256').update(folder).digest('hex').slice(0, 32);
    const id = [...digest].map((digit) => letters[Number.parseInt(digit, 16)]).join('');
    const words = [`--load-extension=${folder}`, `--disable-features=${kSwitchedOff}`];
    return new ChromiumWithIt(await Chromium.launchIn(profile, ...words), `chrome-extension://${id}/`);
  }

  page(name: string, options: { width?: number; height?: number; init?: string } = {}): Promise<Page> {
    return this.chromium.open(this.base + name, options);
  }

  async open(page: string): Promise<Tab> {
    return chromiumTab(await this.page(page));
  }

  async opened(page: string): Promise<Tab> {
    const blank = await this.chromium.open('about:blank');
    const found = await blank.opened(this.base + page);
    await blank.close();
    return chromiumTab(found);
  }

  // Its target may be the same one when it begins anew: a mark in its globals tells.
  async stopWorker(): Promise<void> {
    const worker = await eventually(() => this.#worker(), 'a service worker');
    await this.#inWorker(worker, 'globalThis.marked = true');
    await this.chromium.send('Target.closeTarget', { targetId: worker.targetId });
    await eventually(async () => {
      const now = await this.#worker();
      return !now || !(await this.#inWorker(now, 'globalThis.marked === true'));
    }, 'the service worker has ended');
  }

  // As the browser tells its listeners.
  async update(): Promise<void> {
    await this.inWorker("chrome.runtime.onUpdateAvailable.dispatch({ version: '9' })");
    await this.inWorker("chrome.alarms.onAlarm.dispatch({ name: 'update' })");
  }

  async relayDocument(): Promise<string | null> {
    const found = (await this.#targets()).find(({ url }) => url === `${this.base}offscreen.html`);
    return (found?.targetId as string | undefined) ?? null;
  }

  // How many tabs have that page of ours.
  async tabs(page: string): Promise<number> {
    const there = (await this.#targets()).filter(({ url, type }) => url === this.base + page && type === 'page');
    return new Set(there.map(({ targetId }) => targetId)).size;
  }

  // Those of the extension that are open, also inside other pages, by name. Browsers tell of some twice.
  async documents(): Promise<string[]> {
    const ours = (await this.#targets()).filter(
      ({ url, type }) => String(url).startsWith(this.base) && type !== 'service_worker',
    );
    return [...new Set(ours.map(({ url }) => String(url).slice(this.base.length)))];
  }

  // What the service worker complains of from now on. It is not ended while this is listened to.
  async complaintsOfWorker(): Promise<string[]> {
    const { targetId } = await eventually(() => this.#worker(), 'a service worker');
    const { sessionId } = await this.chromium.send('Target.attachToTarget', { targetId, flatten: true });
    const complaints: string[] = [];
    this.chromium.listen((method, params, session) => {
      if (session !== sessionId) return;
      const { level } = (params.entry ?? {}) as { level?: string };
      const worries = method === 'Runtime.exceptionThrown' || level === 'error' || level === 'warning';
      if (worries || params.type === 'error') complaints.push(JSON.stringify(params));
    });
    await this.chromium.send('Runtime.enable', {}, sessionId as string);
    await this.chromium.send('Log.enable', {}, sessionId as string);
    return complaints;
  }

  close(): Promise<void> {
    return this.chromium.close();
  }

  // The value of an expression in the service worker that is there.
  async inWorker(expression: string): Promise<unknown> {
    return this.#inWorker(await eventually(() => this.#worker(), 'a service worker'), expression);
  }

  async #inWorker({ targetId }: Fields, expression: string): Promise<unknown> {
    const { sessionId } = await this.chromium.send('Target.attachToTarget', { targetId, flatten: true });
    const { result } = await this.chromium.send(
      'Runtime.evaluate',
      { expression, returnByValue: true },
      sessionId as string,
    );
    await this.chromium.send('Target.detachFromTarget', { sessionId });
    return (result as { value: unknown }).value;
  }

  async #targets(): Promise<Fields[]> {
    const { targetInfos } = await this.chromium.send('Target.getTargets', { filter: [{}] });
    return targetInfos as Fields[];
  }

  async #worker(): Promise<Fields | undefined> {
    const ours = ({ type, url }: Fields) => type === 'service_worker' && String(url).startsWith(this.base);
    return (await this.#targets()).find(ours);
  }
}

export class FirefoxWithIt implements ExtensionBrowser {
  constructor(private readonly firefox: Firefox) {}

  static async launch(folder: string, profile: string, prefs: Record<string, Pref> = {}): Promise<FirefoxWithIt> {
    const { browser_specific_settings: settings } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    // What a temporary extension has stored is there for the next run, as that of any other is.
    const firefox = await Firefox.launchIn(profile, {
      'extensions.webextensions.uuids': JSON.stringify({ [settings.gecko.id]: kUuid }),
      'extensions.webextensions.keepStorageOnUninstall': true,
      'extensions.webextensions.keepUuidOnUninstall': true,
      ...prefs,
    });
    await firefox.install(folder);
    return new FirefoxWithIt(firefox);
  }

  open(page: string): Promise<FirefoxPage> {
    return this.firefox.openTyped(`moz-extension://${kUuid}/${page}`);
  }

  opened(page: string): Promise<Tab> {
    return this.firefox.opened(`moz-extension://${kUuid}/${page}`);
  }

  async stopWorker(): Promise<void> {
    throw new Error('Firefox has none');
  }

  async update(): Promise<void> {
    throw new Error('Firefox cannot be told so');
  }

  async relayDocument(): Promise<string | null> {
    throw new Error('Firefox has none');
  }

  close(): Promise<void> {
    return this.firefox.close();
  }
}

export function launch(
  kind: Kind,
  folder: string,
  profile: string,
  prefs: Record<string, Pref> = {},
): Promise<ExtensionBrowser> {
  return kind === 'chromium' ? ChromiumWithIt.launch(folder, profile) : FirefoxWithIt.launch(folder, profile, prefs);
}
