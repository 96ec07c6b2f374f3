// IdlePage: the bare page of a volunteer to whom nobody comes, and its broker, which notes when it is asked. Every other poll is held
// for a second; the one between is refused, for a second at least. So its own clock, as the core sets it, decides on half of the time.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild-wasm';

const kRelay = fileURLToPath(new URL('../../relay/', import.meta.url));
const kCore = fileURLToPath(new URL('../../core/build/core.wasm', import.meta.url));
const kHoldMs = 1_000;
const kNobody = Buffer.from([0x08, 1, 0x22, 0]); // version 1, an empty PollReply (proto/rendezvous.proto)
const kBusy = Buffer.from([0x08, 1, 0x10, 2, 0x18, 0xe8, 0x07]); // version 1, REFUSAL_BUSY, 1000 ms
// From one poll that is held to the next: the hold, and PRV's wait, which BCK-T3 draws from 1 to 1.5 s where 1 s was asked for.
export const kRoundMs = 2_125;

export class IdlePage {
  readonly url: string;
  readonly #server: Server;
  readonly #heldAt: number[] = [];
  #asked = 0;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  static async open(): Promise<IdlePage> {
    const entryPoints = ['page', 'worker'].map((name) => `${kRelay}build/${name}.js`);
    const [{ outputFiles }, document, core] = await Promise.all([
      build({ entryPoints, bundle: true, format: 'esm', write: false, outdir: '/', logLevel: 'warning' }),
      readFile(`${kRelay}page/index.html`),
      readFile(kCore),
    ]);
    const files: Record<string, [string, string | Uint8Array]> = {
      '/': ['text/html', document],
      '/core.wasm': ['application/wasm', core],
    };
    for (const { path, contents } of outputFiles) files[path] = ['text/javascript', contents];
    const server = createServer((request, response) => {
      request.resume();
      if (request.method === 'POST') {
        const held = it.#hear();
        setTimeout(() => response.end(held ? kNobody : kBusy), held ? kHoldMs : 0);
        return;
      }
      const [type, text] = files[request.url ?? ''] ?? ['text/plain', ''];
      response.writeHead(200, { 'Content-Type': type }).end(text);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const it = new IdlePage(server);
    files['/config.json'] = ['application/json', JSON.stringify({ brokers: [{ url: it.url }], relays: [] })];
    return it;
  }

  get wasAsked(): boolean {
    return this.#asked > 0;
  }

  // Of those that began since then, by performance.now(): how long each took, in ms.
  roundsSince(moment: number): number[] {
    const times = this.#heldAt.filter((each) => each >= moment);
    return times.slice(1).map((each, i) => each - (times[i] ?? 0));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  // True: this poll is held.
  #hear(): boolean {
    const held = this.#asked++ % 2 === 0;
    if (held) this.#heldAt.push(performance.now());
    return held;
  }
}
