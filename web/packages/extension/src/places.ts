// Where the relay's parts are in the extension's package.
import type { Places } from '@footbridge/relay';
import { api } from './api.js';

export function places(): Places {
  const at = (name: string) => new URL(api.runtime.getURL(name));
  return { worker: at('worker.js'), wasm: at('core.wasm'), config: at('config.json') };
}
