// The worker of recording_browser_test.ts: replays what it is sent, and says how far it got, or why not.
import { type Recording, replay } from '@footbridge/core/recording';

const scope = globalThis as unknown as Worker;

scope.addEventListener('message', ({ data }: MessageEvent<{ module: WebAssembly.Module; recording: Recording }>) => {
  try {
    scope.postMessage({ steps: replay(data.module, data.recording) });
  } catch (error) {
    scope.postMessage({ failed: String(error) });
  }
});
