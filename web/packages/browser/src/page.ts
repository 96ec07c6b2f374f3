// Page: one tab, with the documents of other origins in it. What any of them asked of the network, complained about in the console or
// threw is collected from the very beginning. A document is told by a part of its address.
import type { Chromium, Fields } from './chromium.js';
import { eventually } from './eventually.js';

export interface Asked {
  kind: 'request' | 'socket' | 'peer';
  url: string;
}

// What was asked of a page that has gone meanwhile, as a window does that closes itself when clicked: no answer ever comes.
export class PageGone extends Error {}

interface Place {
  x: number;
  y: number;
}

const kPresses = 5;
// Remembers whether the next press is on what the expression names then.
const feel = (element: string) => `window.felt = false;
  addEventListener('mousedown', (e) => { window.felt = e.composedPath().includes(${element}); }, { capture: true, once: true }); 0`;
const kFelt = 'window.felt !== false';

// Two frames on, or where none are drawn, a tenth of a second.
const kDrawn = `Promise.race([new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0)))),
  new Promise((done) => setTimeout(done, 100))])`;
const kPeerWord = 'footbridge-peer-connection';
// Says so in the console when a document makes a peer connection or breaks its policy.
const kWatch = `(() => {
  const Real = window.RTCPeerConnection;
  if (Real) window.RTCPeerConnection = class extends Real { constructor(...a) { super(...a); console.info('${kPeerWord}'); } };
  addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.effectiveDirective + ' ' + e.blockedURI));
})();`;

interface Document {
  session: string;
  url: string;
}

export class Page {
  readonly asked: Asked[] = [];
  readonly complaints: string[] = [];
  readonly #chromium: Chromium;
  readonly #target: string;
  readonly #documents: Document[] = [];
  readonly #workers: string[] = []; // their sessions
  #init = '';

  private constructor(chromium: Chromium, target: string) {
    this.#chromium = chromium;
    this.#target = target;
  }

  static async open(
    chromium: Chromium,
    url: string,
    options: { width?: number; height?: number; init?: string },
  ): Promise<Page> {
    const { targetId } = await chromium.send('Target.createTarget', { url: 'about:blank' });
    const page = await Page.#attach(chromium, targetId as string, kWatch + (options.init ?? ''));
    const size = { width: options.width ?? 1024, height: options.height ?? 768, deviceScaleFactor: 1, mobile: false };
    await page.#send('Emulation.setDeviceMetricsOverride', size);
    await page.#send('Page.navigate', { url });
    return page;
  }

  static async #attach(chromium: Chromium, targetId: string, init: string): Promise<Page> {
    const page = new Page(chromium, targetId);
    page.#init = init;
    chromium.listen((method, params, session) => page.#onEvent(method, params, session));
    const { sessionId } = await chromium.send('Target.attachToTarget', { targetId, flatten: true });
    await page.#prepare(sessionId as string, '', true);
    return page;
  }

  // The value of an expression in the document whose address contains `of`; the page's own if it is left out. Promises are awaited.
  async value<T = unknown>(expression: string, of = ''): Promise<T> {
    const { session } = this.#document(of);
    const params = { expression, awaitPromise: true, returnByValue: true, userGesture: false };
    const { result, exceptionDetails } = await this.#chromium.send('Runtime.evaluate', params, session);
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: T }).value;
  }

  // Looks until the expression is true; fails with what `why` says.
  async eventually(expression: string, of = '', why = expression): Promise<void> {
    await eventually(() => this.value<boolean>(expression, of), why);
  }

  // A click of a hand, in the middle of what the expression names, wherever in the page its frame is. A browser that is busy
  // sends a press for a while where a frame was before it grew, and what stood still moves after all: as a hand does, it is tried
  // again where something else was hit.
  async click(element: string, of = '', frame = ''): Promise<void> {
    await this.value(`(${element}).scrollIntoView({ block: 'center', behavior: 'instant' })`, of);
    for (let tries = kPresses; tries > 0; --tries) {
      await this.value(feel(element), of);
      const place = { ...(await this.#restingPlace(element, of, frame)), button: 'left', clickCount: 1 };
      if (await this.#press(place, of)) return;
    }
  }

  // Whether what was meant was hit. A press that leads elsewhere, or closes the page, has hit.
  async #press(place: Place & Fields, of: string): Promise<boolean> {
    await this.#send('Input.dispatchMouseEvent', { ...place, type: 'mouseMoved' });
    try {
      for (const type of ['mousePressed', 'mouseReleased'])
        await this.#send('Input.dispatchMouseEvent', { ...place, type });
    } catch (error) {
      if (error instanceof PageGone) return true;
      throw error;
    }
    return this.value<boolean>(kFelt, of).catch(() => true);
  }

  // Where it is once it has stopped moving: what a frame of another origin scrolls into view is scrolled by the page around
  // it, in another process and later.
  async #restingPlace(element: string, of: string, frame: string): Promise<Place> {
    const within = (expression: string) => `(() => { const r = (${expression}).getBoundingClientRect();
      return { x: r.x, y: r.y, width: r.width, height: r.height }; })()`;
    let before: Place | null = null;
    return eventually(async () => {
      await Promise.all([this.value(kDrawn, of), this.value(kDrawn)]);
      const at = await this.value<Place & { width: number; height: number }>(within(element), of);
      const around = frame ? await this.value<Place>(within(frame)) : { x: 0, y: 0 };
      const now = { x: at.x + at.width / 2 + around.x, y: at.y + at.height / 2 + around.y };
      const rests = before !== null && before.x === now.x && before.y === now.y;
      before = now;
      return rests ? now : null;
    }, `${element} rests`);
  }

  async move(x: number, y: number): Promise<void> {
    await this.#send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
  }

  async press(key: string, code = key, text = '', withShift = false): Promise<void> {
    const modifiers = withShift ? 8 : 0;
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', key, code, text, modifiers });
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', key, code });
  }

  // The window that this page has opened, by a part of its address.
  async opened(part: string): Promise<Page> {
    const found = await eventually(async () => {
      const { targetInfos } = await this.#chromium.send('Target.getTargets');
      return (targetInfos as { targetId: string; url: string; type: string }[]).find(
        ({ type, url }) => type === 'page' && url.includes(part),
      );
    }, `a window of ${part}`);
    return Page.#attach(this.#chromium, found.targetId, '');
  }

  async bringToFront(): Promise<void> {
    await this.#send('Page.bringToFront');
  }

  // Without a network, as far as the page and its events can tell; connections that stand are not cut.
  async offline(offline: boolean): Promise<void> {
    const asBefore = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.#send('Network.emulateNetworkConditions', { offline, ...asBefore });
  }

  // What the person's system wishes: prefers-color-scheme, prefers-reduced-motion.
  async media(wishes: Record<string, string>): Promise<void> {
    const features = Object.entries(wishes).map(([name, value]) => ({ name, value }));
    await this.#send('Emulation.setEmulatedMedia', { features });
  }

  // As browsers do with tabs that nobody looks at.
  async freeze(frozen: boolean): Promise<void> {
    await this.#send('Page.setWebLifecycleState', { state: frozen ? 'frozen' : 'active' });
  }

  async picture(format: 'png' | 'webp' = 'png'): Promise<Buffer> {
    const { data } = await this.#send('Page.captureScreenshot', {
      format,
      ...(format === 'webp' ? { quality: 80 } : {}),
    });
    return Buffer.from(data as string, 'base64');
  }

  async close(): Promise<void> {
    await this.#chromium.send('Target.closeTarget', { targetId: this.#target });
  }

  #send(method: string, params: Fields = {}): Promise<Fields> {
    return this.#chromium.send(method, params, this.#documents[0]?.session);
  }

  #document(of: string): Document {
    const found = of === '' ? this.#documents[0] : this.#documents.find(({ url }) => url.includes(of));
    if (!found) throw new Error(`no document of ${of}`);
    return found;
  }

  async #prepare(session: string, url: string, own: boolean): Promise<void> {
    this.#documents.push({ session, url });
    const attach = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true };
    await Promise.all([
      this.#chromium.send('Network.enable', {}, session),
      this.#chromium.send('Runtime.enable', {}, session),
      this.#chromium.send('Log.enable', {}, session),
      this.#chromium.send('Page.enable', {}, session),
      this.#chromium.send('Page.addScriptToEvaluateOnNewDocument', { source: this.#init }, session),
      this.#chromium.send('Target.setAutoAttach', attach, session),
    ]);
    if (!own) await this.#chromium.send('Runtime.runIfWaitingForDebugger', {}, session);
  }

  // What a worker of one of the documents asks for counts, too.
  async #watchWorker(session: string): Promise<void> {
    this.#workers.push(session);
    await this.#chromium.send('Network.enable', {}, session);
    await this.#chromium.send('Runtime.runIfWaitingForDebugger', {}, session);
  }

  #onEvent(method: string, params: Fields, session: string): void {
    const known = this.#workers.includes(session) || this.#documents.some((document) => document.session === session);
    if (!known) return;
    if (method === 'Target.attachedToTarget') {
      const { type, url } = params.targetInfo as { type: string; url: string };
      if (type === 'iframe') void this.#prepare(params.sessionId as string, url, false).catch(() => {});
      else void this.#watchWorker(params.sessionId as string).catch(() => {});
    } else if (method === 'Page.frameNavigated') {
      const { url, parentId } = params.frame as { url: string; parentId?: string };
      const document = this.#documents.find((it) => it.session === session);
      if (document && (parentId === undefined || session !== this.#documents[0]?.session)) document.url = url;
    } else if (method === 'Network.requestWillBeSent') {
      this.asked.push({ kind: 'request', url: (params.request as { url: string }).url });
    } else if (method === 'Network.webSocketCreated') {
      this.asked.push({ kind: 'socket', url: params.url as string });
    } else if (method === 'Runtime.consoleAPICalled') {
      const text = (params.args as { value?: unknown }[]).map(({ value }) => String(value)).join(' ');
      if (text === kPeerWord) this.asked.push({ kind: 'peer', url: '' });
      else if (params.type === 'error') this.complaints.push(text);
    } else if (method === 'Runtime.exceptionThrown') {
      this.complaints.push(JSON.stringify(params.exceptionDetails));
    } else if (method === 'Log.entryAdded') {
      const { level, text } = params.entry as { level: string; text: string };
      if (level === 'error') this.complaints.push(text);
    }
  }
}
