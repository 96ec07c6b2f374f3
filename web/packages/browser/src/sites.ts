// Sites: two origins on loopback, as in the world: a host's page, written by the test, and ours, served from build/web with the headers
// that docs/ops/widget.md asks for. They are of different sites for the browser, so the frame is a stranger in the page.
// The network that our pages are told to help is a third one: a broker that counts who asks, and answers nonsense.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const kBuilt = fileURLToPath(new URL('../../../../build/web/', import.meta.url));
const kTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};
const kByThemselves = ['/confirm.html', '/privacy.html'];

const kIcon = '/favicon.ico'; // browsers ask for one

export interface HostPage {
  body: string;
  head?: string;
  headers?: Record<string, string>;
}

export class Sites {
  readonly ours: string;
  brokerAsked = 0;
  readonly #host: string;
  readonly #servers: Server[];
  readonly #pages = new Map<string, HostPage>();
  #serial = 0;

  private constructor(servers: Server[], host: string, ours: string) {
    this.#servers = servers;
    this.#host = host;
    this.ours = ours;
  }

  static async open(): Promise<Sites> {
    const broker = createServer((request, response) => {
      ++sites.brokerAsked;
      request.resume();
      response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end();
    });
    const brokerUrl = `http://127.0.0.1:${await listen(broker)}/`;
    const built = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://x').pathname;
      if (path === '/config.json')
        return void response.end(JSON.stringify({ brokers: [{ url: brokerUrl }], relays: [] }));
      const policy = kByThemselves.includes(path) ? "frame-ancestors 'none'" : `connect-src 'self' ${brokerUrl}`;
      const own = { 'Content-Security-Policy': policy };
      const headers = { 'Access-Control-Allow-Origin': '*', 'X-Content-Type-Options': 'nosniff', ...own };
      readFile(kBuilt + path.slice(1)).then(
        (text) =>
          response.writeHead(200, { ...headers, 'Content-Type': kTypes[extname(path)] ?? 'text/plain' }).end(text),
        () => response.writeHead(path === kIcon ? 204 : 404).end(),
      );
    });
    const host = createServer((request, response) => {
      const page = sites.#pages.get(request.url ?? '');
      if (!page) return response.writeHead(request.url === kIcon ? 204 : 404).end();
      const text = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A host's page</title>${page.head ?? ''}</head><body>${page.body}</body></html>`;
      return response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...page.headers }).end(text);
    });
    const ports = await Promise.all([host, built].map(listen));
    const sites = new Sites([host, built, broker], `http://localhost:${ports[0]}`, `http://127.0.0.1:${ports[1]}`);
    return sites;
  }

  // The address of a page of the host's.
  host(page: HostPage): string {
    const path = `/page-${++this.#serial}`;
    this.#pages.set(path, page);
    return this.#host + path;
  }

  // A page with one widget.
  widget(attributes = '', more: Partial<HostPage> = {}): string {
    const head = `<script type="module" src="${this.ours}/widget.js"></script>${more.head ?? ''}`;
    const body = `<main><h1>A host's page</h1><footbridge-widget ${attributes}></footbridge-widget>${more.body ?? ''}</main>`;
    return this.host({ ...more, head, body });
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}
