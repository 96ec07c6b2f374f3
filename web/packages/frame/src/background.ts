// When the page is hidden, or the connection costs: what helping does then. Both only ever stop; nothing here starts.

export const kHiddenForMs = 60_000;

interface Connection extends EventTarget {
  saveData?: boolean;
  type?: string;
}

// undefined: the browser does not say.
export function connection(): Connection | undefined {
  return (navigator as { connection?: Connection }).connection;
}

export function isHandheld(): boolean {
  const hints = (navigator as { userAgentData?: { mobile?: boolean } }).userAgentData;
  return hints?.mobile ?? matchMedia('(pointer: coarse) and (hover: none)').matches;
}

// Why this connection should not be used unasked; null: no reason known.
export function whyCostly(net: { saveData?: boolean; type?: string } | undefined = connection()): string | null {
  if (net?.saveData) return 'data-saver';
  return net?.type === 'cellular' ? 'metered' : null;
}

// Calls `stop` with a reason when the page has been hidden for kHiddenForMs though it may not run there, and when the
// connection becomes one that costs.
export function watchBackground(mayRunHidden: () => boolean, stop: (reason: string) => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (document.hidden && !mayRunHidden()) timer = setTimeout(() => stop('hidden'), kHiddenForMs);
  });
  let costly = whyCostly();
  connection()?.addEventListener('change', () => {
    const before = costly;
    costly = whyCostly();
    if (costly && !before) stop(costly);
  });
}
