// Asking for rights, which a browser lets only a page do, and only in the midst of a gesture.
import { api } from '../api.js';
import type { Right } from '../rights.js';
import type { View } from '../talk.js';

// Whether this browser's extension may ever ask for it.
export function mayAskFor(right: Right): boolean {
  return api.runtime.getManifest().optional_permissions?.includes(right) ?? false;
}

// First of all in a gesture. False: it is not there.
export async function askFor(right: Right): Promise<boolean> {
  try {
    return await api.permissions.request({ permissions: [right] });
  } catch {
    return false;
  }
}

// The same for what is given back while it is off: in the gesture that switches it on. The browser, which has granted it
// before, does not ask the person again.
export async function askAgain(view: View | null): Promise<void> {
  if (view?.settings.background) await askFor('background');
}
