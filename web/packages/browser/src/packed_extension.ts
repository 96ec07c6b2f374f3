// The extension, packed for a network whose broker answers nobody: what its pages do and say is looked at, and no more.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const kPack = fileURLToPath(new URL('../../../scripts/extension.mjs', import.meta.url));

export interface Packed {
  chrome: string; // folders
  firefox: string;
  profile: string; // for a browser, fresh
  asked(): number; // how often anything of its network was
  close(): Promise<void>;
}

export async function packed(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'extension-'));
  let asked = 0;
  const broker = createServer(({ socket }) => {
    ++asked;
    socket.destroy();
  });
  await new Promise<void>((done) => broker.listen(0, '127.0.0.1', done));
  const address = `127.0.0.1:${(broker.address() as AddressInfo).port}`;
  const network = { brokers: [{ url: `http://${address}/` }], relays: [`ws://${address}/leg`], allowPrivate: true };
  const config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify(network));
  execFileSync('node', [kPack, '--config', config, '--out', folder], { stdio: 'ignore' });
  const profile = await mkdtemp(join(folder, 'profile-'));
  const close = async () => {
    broker.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  return { chrome: join(folder, 'chrome'), firefox: join(folder, 'firefox'), profile, asked: () => asked, close };
}
