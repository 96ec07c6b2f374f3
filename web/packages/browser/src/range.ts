// Range: a page's links, legs and relay by themselves, between a client that is in the same page and an egress that is here. Nobody
// matches them, so that only what carries is tried, as fast as it can.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild-wasm';
import { type WebSocket, WebSocketServer } from 'ws';
import { eventually } from './eventually.js';
import { fill, isRight, kEveryBytes, kNumberBytes, type Seen } from './range_format.js';

const kPage = fileURLToPath(new URL('range_page.js', import.meta.url));
const kCore = fileURLToPath(new URL('../../core/build/core.wasm', import.meta.url));
const kLostAfterMs = 200; // without a word from the client: what was under way is gone, where it can be
const kSlowTurnMs = 20;
const kSoonMs = 10;

// A tab of either browser.
export interface Tab {
  value<T>(expression: string): Promise<T>;
}

export class Range {
  readonly url: string;
  readonly leg: string;
  readonly seen = { messages: 0, bytes: 0, wrong: 0 };
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  #leg: WebSocket | null = null;
  #slow: NodeJS.Timeout | undefined;
  #next = 1;
  #heard = 0;
  #heardAt = 0;
  #said = 0; // of what it has seen, the client knows
  #lossy = false;

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

  // Until messages pass between the client in the tab and us.
  async start(tab: Tab, lossy: boolean): Promise<void> {
    this.#lossy = lossy;
    await eventually(() => tab.value<boolean>('typeof openRange === "function"'), 'the page of a range');
    await tab.value(`openRange(${JSON.stringify({ leg: this.leg, lossy })})`);
  }

  // Messages that it has sent, ever.
  get sent(): number {
    return this.#next - 1;
  }

  page(tab: Tab): Promise<Seen> {
    return tab.value<Seen>('range.seen');
  }

  // Sends for so long, with at most `window` bytes under way.
  async send(bytes: number, window: number, ms: number): Promise<void> {
    const until = Date.now() + ms;
    const message = new Uint8Array(bytes);
    this.#heardAt = Date.now();
    while (Date.now() < until && this.#leg !== null) {
      if (this.#lossy && Date.now() - this.#heardAt > kLostAfterMs) this.#heard = this.#next - 1;
      for (let room = window - (this.#next - 1 - this.#heard) * bytes; room >= bytes; room -= bytes) {
        if (this.#leg.bufferedAmount > window) break;
        fill(message, this.#next++);
        this.#leg.send(message.slice());
      }
      await turn(this.#leg);
    }
  }

  // From now on it reads no more than that a second.
  readSlowly(bytesPerSecond: number): void {
    const began = Date.now();
    const before = this.seen.bytes;
    this.#slow = setInterval(() => {
      const ahead = this.seen.bytes - before > ((Date.now() - began) / 1000) * bytesPerSecond;
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
    socket.on('message', (data: Buffer) => this.#got(socket, data));
    socket.on('close', () => {
      if (this.#leg === socket) this.#leg = null;
    });
  }

  #got(socket: WebSocket, message: Buffer): void {
    if (message.length === kNumberBytes) {
      this.#heard = Math.max(this.#heard, message.readUInt32BE(0));
      this.#heardAt = Date.now();
      return;
    }
    ++this.seen.messages;
    this.seen.bytes += message.length;
    if (!isRight(message)) ++this.seen.wrong;
    if (this.seen.bytes - this.#said < kEveryBytes) return;
    this.#said = this.seen.bytes;
    socket.send(message.subarray(0, kNumberBytes));
  }
}

// The next message, or soon.
function turn(leg: WebSocket): Promise<void> {
  return new Promise((done) => {
    const go = () => {
      clearTimeout(soon);
      leg.off('message', go);
      done();
    };
    const soon = setTimeout(go, kSoonMs);
    leg.once('message', go);
  });
}
