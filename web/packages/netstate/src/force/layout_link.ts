// LayoutLink: the page's end of the layout's worker. Tells nothing of a shape that is no longer wanted.
import type { FromLayout, ToLayout } from './layout_messages.js';
import type { Scene } from './scene.js';

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

const kWorker = './netstate-worker.js';

// Where only trusted addresses may become a worker, this one is, and no other.
function workerAddress(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  const createScriptURL = (url: string) => {
    if (url !== kWorker) throw new TypeError('not the worker');
    return url;
  };
  return trustedTypes?.createPolicy('footbridge-worker', { createScriptURL }).createScriptURL(kWorker) ?? kWorker;
}

export class LayoutLink {
  readonly #worker = new Worker(workerAddress(), { type: 'module' });
  #serial = 0;

  constructor(onPlaces: (places: Float32Array, isFirst: boolean, settled: boolean) => void) {
    let told = 0;
    this.#worker.onmessage = ({ data }: MessageEvent<FromLayout>) => {
      if (data.serial !== this.#serial) return;
      onPlaces(data.places, told !== data.serial, data.settled);
      told = data.serial;
    };
  }

  set(scene: Scene): void {
    const shape = scene.toLayout();
    const transfer = [shape.ids.buffer, shape.egress.buffer, shape.edges.buffer];
    this.#send({ kind: 'shape', serial: ++this.#serial, shape }, transfer);
  }

  run(on: boolean, still: boolean): void {
    this.#send({ kind: 'run', on, still });
  }

  #send(message: ToLayout, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
