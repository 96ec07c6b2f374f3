// Chrome's background: the hub in a service worker, which the browser ends when it has had nothing to do for a while. The relay
// is in an offscreen document, as a worker has no WebRTC, and lives on meanwhile.
import { api } from '../api.js';
import { runHub } from '../hub_browser.js';
import type { Told, ToRelay, Wish } from '../talk.js';

async function said(message: ToRelay): Promise<Told | null> {
  try {
    return ((await api.runtime.sendMessage(message)) as Told | undefined) ?? null;
  } catch {
    return null; // there is no document
  }
}

async function makeDocument(): Promise<void> {
  const there = await api.runtime.getContexts?.({ contextTypes: ['OFFSCREEN_DOCUMENT'] });
  if (there && there.length > 0) return;
  const justification = 'Carries encrypted packets between WebRTC peers and a WebSocket.';
  // It is refused where another of our turns has just made one: whether there is one, the answer tells.
  await api.offscreen?.createDocument({ url: 'offscreen.html', reasons: ['WEB_RTC'], justification }).catch(() => {});
}

async function wish(wish: Wish): Promise<Told | null> {
  if (typeof wish === 'object' && wish !== null) await makeDocument();
  return said({ to: 'relay', wish });
}

async function close(): Promise<void> {
  await api.offscreen?.closeDocument().catch(() => {}); // there was none
}

runHub({ wish, ask: () => said({ to: 'relay' }), close });
