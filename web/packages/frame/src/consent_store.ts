// What is kept between visits: which version of the consent text was agreed to, and when. Frames of other people's pages often
// have no storage; then nothing is kept, without an error, and the next visit asks again.
export const kConsentVersion = 1; // raised when the text says something new
const kKey = 'footbridge-consent';

type Box = Pick<Storage, 'getItem' | 'setItem'>;

function browserBox(): Box | null {
  try {
    return window.localStorage; // throws where a frame may keep nothing
  } catch {
    return null;
  }
}

export function hasAgreed(box: Box | null = browserBox()): boolean {
  try {
    const kept: unknown = JSON.parse(box?.getItem(kKey) ?? 'null');
    return (kept as { version?: unknown } | null)?.version === kConsentVersion;
  } catch {
    return false;
  }
}

export function remember(now: number, box: Box | null = browserBox()): void {
  try {
    box?.setItem(kKey, JSON.stringify({ version: kConsentVersion, time: now }));
  } catch {
    // Full or forbidden: the next visit asks again.
  }
}
