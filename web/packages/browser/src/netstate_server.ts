// NetstateServer: stands for `footbridge netstate` in tests of its page: the page's files with their policy, and an invented network behind
// the paths of docs/spec/18-netstate.md. It says what it is told to say, when it is told; a resumed viewer gets what he has missed.
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Delta, Snapshot } from '@footbridge/netstate/messages';
import type { NetstateWorld } from './netstate_world.js';

const kBuilt = fileURLToPath(new URL('../../../../build/web/', import.meta.url));
const kFiles = new Map([
  ['/', 'netstate.html'],
  ['/netstate.js', 'netstate.js'],
  ['/netstate-worker.js', 'netstate-worker.js'],
  ['/netstate.css', 'netstate.css'],
  ['/netstate-views.css', 'netstate-views.css'],
]);
const kTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};
export const kPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types footbridge-worker";
const kTickMs = 2_000;

export class NetstateServer {
  readonly url: string;
  readonly asked: string[] = [];
  readonly resumed: string[] = []; // the Last-Event-ID of each viewer that had one
  silent = false;
  token = ''; // asked for when it is not empty
  tokenTrouble = 0; // what is answered to a token, whichever it is; 0: whether it is the one
  series: unknown = null;
  readonly #server: Server;
  readonly #world: NetstateWorld;
  readonly #keyframe: Snapshot;
  readonly #deltas: Delta[] = [];
  readonly #viewers = new Set<ServerResponse>();
  readonly #ticks: ReturnType<typeof setInterval>;

  private constructor(server: Server, world: NetstateWorld) {
    this.#server = server;
    this.#world = world;
    this.#keyframe = world.snapshot();
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    server.on('request', (request, response) => void this.#answer(request, response));
    this.#ticks = setInterval(() => this.#tell('event: tick\ndata: {}\n\n'), kTickMs);
  }

  static async open(world: NetstateWorld): Promise<NetstateServer> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new NetstateServer(server, world);
  }

  say(delta: Delta): void {
    this.#deltas.push(delta);
    this.#tell(eventOf('delta', delta));
  }

  // Ends every viewer's line, as a server that is started again does.
  interrupt(): void {
    for (const viewer of this.#viewers) viewer.end();
    this.#viewers.clear();
  }

  async close(): Promise<void> {
    clearInterval(this.#ticks);
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #tell(text: string): void {
    if (!this.silent) for (const viewer of this.#viewers) viewer.write(text);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.url);
    this.asked.push(request.url ?? '');
    response.setHeader('Content-Security-Policy', kPolicy);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    const file = kFiles.get(pathname);
    if (file !== undefined) {
      const text = await readFile(kBuilt + file);
      response.writeHead(200, { 'Content-Type': kTypes[extname(file)] ?? 'text/plain' }).end(text);
    } else if (pathname === '/token' && request.method === 'POST') {
      let said = '';
      for await (const part of request) said += String(part);
      const status = this.tokenTrouble || (said === this.token ? 204 : 401);
      const cookie = status === 204 ? { 'Set-Cookie': `viewer=${said}; HttpOnly; SameSite=Strict; Path=/` } : {};
      response.writeHead(status, cookie).end();
    } else if (this.token !== '' && request.headers.cookie !== `viewer=${this.token}`) {
      response.writeHead(401).end();
    } else {
      this.#show(pathname, request, response);
    }
  }

  #show(path: string, request: IncomingMessage, response: ServerResponse): void {
    const json = (value: unknown) =>
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    const { at } = this.#world;
    if (path === '/events') this.#view(request, response);
    else if (path === '/snapshot.json') json(this.#world.snapshot());
    else if (path === '/snapshot.dot')
      response.writeHead(200, { 'Content-Type': 'text/vnd.graphviz' }).end('digraph netstate {}\n');
    else if (path === '/replay.json')
      json({ from: this.#keyframe.at, to: at, keyframe: this.#keyframe, deltas: this.#deltas });
    else if (path === '/series.json' && this.series !== null) json(this.series);
    else response.writeHead(404).end();
  }

  #view(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    this.#viewers.add(response);
    response.on('close', () => this.#viewers.delete(response));
    const last = request.headers['last-event-id'];
    if (typeof last !== 'string') return void response.write(eventOf('snapshot', this.#world.snapshot()));
    this.resumed.push(last);
    for (const delta of this.#deltas) if (delta.version > Number(last)) response.write(eventOf('delta', delta));
  }
}

function eventOf(type: string, value: Snapshot | Delta): string {
  return `event: ${type}\nid: ${value.version}\ndata: ${JSON.stringify(value)}\n\n`;
}
