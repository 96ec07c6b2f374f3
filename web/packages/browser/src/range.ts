// Range: a page's links, legs and relay by themselves, between a client that is in the same page and an egress that is here. Nobody
// matches them, so that only what carries is tried, as fast as it can.
import { createHash, type Hash, randomFillSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild-wasm';
import { type WebSocket, WebSocketServer } from 'ws';
import { eventually } from './eventually.js';
import { RangeEnd } from './range_end.js';
import { makeFile, type Seen } from './range_format.js';

const kPage = fileURLToPath(new URL('range_page.js', import.meta.url));
const kCore = fileURLToPath(new URL('../../core/build/core.wasm', import.meta.url));
const kSlowTurnMs = 20;
const kLookEveryMs = 250;

// A tab of either browser.
export interface Tab {
  value<T>(expression: string): Promise<T>;
}

export class Range {
  readonly url: string;
  readonly leg: string;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #file: Hash = createHash('sha256'); // what came of one
  #leg: WebSocket | null = null;
  #end: RangeEnd | null = null;
  #slow: NodeJS.Timeout | undefined;
  #takesFile = false;

  private constructor(server: Server) {
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}/`;
    this.leg = `ws://127.0.0.1:${port}/leg`;
    this.#server = server;
    this.#sockets = new WebSocketServer({ server });
    this.#sockets.on('connection', (socket) => this.#take(socket));
  }

  static async open(): Promise<Range> {
    const [{ outputFiles }, core] = await Promise.all([
      build({ entryPoints: [kPage], bundle: true, format: 'esm', write: false, logLevel: 'warning' }),
      readFile(kCore),
    ]);
    const files: Record<string, [string, string | Uint8Array]> = {
      '/': ['text/html', '<!doctype html><title>range</title><script type="module" src="page.js"></script>'],
      '/page.js': ['text/javascript', outputFiles[0]?.contents ?? ''],
      '/core.wasm': ['application/wasm', core],
    };
    const server = createServer(({ url }, response) => {
      const [type, text] = files[url ?? ''] ?? ['text/plain', ''];
      response.writeHead(200, { 'Content-Type': type }).end(text);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new Range(server);
  }

  // Until messages pass between the client in the tab and us. `file`: over a link that loses nothing.
  async start(tab: Tab, file = false): Promise<void> {
    this.#takesFile = file;
    await eventually(() => tab.value<boolean>('typeof openRange === "function"'), 'the page of a range');
    await tab.value(`openRange(${JSON.stringify({ leg: this.leg, file })})`);
  }

  // Ours.
  get end(): RangeEnd {
    if (this.#end === null) throw new Error('nobody has come');
    return this.#end;
  }

  page(tab: Tab): Promise<Seen> {
    return tab.value<Seen>('range.seen');
  }

  // A file of so many messages each way, at once. Returns their SHA-256, as sent and as got; fails when nothing moves any more.
  async exchange(tab: Tab, bytes: number, messages: number, window: number): Promise<Record<'up' | 'down', string[]>> {
    const file = makeFile(bytes, messages, (part) => randomFillSync(part));
    void this.end.sendFile(file, bytes, window);
    await tab.value(
      `void range.sendFile(${bytes}, ${messages}, ${window}).then((sent) => { globalThis.sent = sent; })`,
    );
    const sentDown = createHash('sha256').update(file).digest('hex');
    for (let last = ''; ; ) {
      const { done, state } = await eventually(async () => {
        const [sentUp, seen] = await tab.value<[string | null, Seen]>('[globalThis.sent ?? null, range.seen]');
        const there = [seen.messages, this.end.seen.messages];
        const state = `${there} of ${messages}, ${sentUp === null ? 'sending' : 'all sent'}, ${seen.dropped} dropped`;
        const done = sentUp !== null && there.every((each) => each === messages);
        return state === last ? null : { state, done };
      }, `a file gets on after ${last}`);
      if (done) break;
      last = state;
      await new Promise((soon) => setTimeout(soon, kLookEveryMs));
    }
    const [sentUp, gotDown] = await tab.value<[string, string]>('Promise.all([globalThis.sent, range.fileSeen()])');
    return { up: [sentUp, this.#file.digest('hex')], down: [sentDown, gotDown] };
  }

  // From now on it reads no more than that a second.
  readSlowly(bytesPerSecond: number): void {
    const began = Date.now();
    const before = this.end.seen.bytes;
    this.#slow = setInterval(() => {
      const ahead = this.end.seen.bytes - before > ((Date.now() - began) / 1000) * bytesPerSecond;
      if (ahead) this.#leg?.pause();
      else this.#leg?.resume();
    }, kSlowTurnMs);
  }

  async close(): Promise<void> {
    clearInterval(this.#slow);
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #take(socket: WebSocket): void {
    this.#leg = socket;
    const wire = {
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      send: (message: Uint8Array) => socket.send(message.slice()),
    };
    const end = new RangeEnd(wire, this.#takesFile ? (message) => this.#file.update(message) : null);
    this.#end = end;
    socket.on('message', (data: Buffer) => end.got(data));
  }
}
