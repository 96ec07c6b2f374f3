// What is kept between visits: which version of the consent text was agreed to, when, and whether its visitor helps also where that
// may be dangerous. Frames of other people's pages often
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

export interface Agreed {
  agreed: boolean;
  evenIfRisky: boolean;
}

export function readAgreed(box: Box | null = browserBox()): Agreed {
  try {
    const kept = JSON.parse(box?.getItem(kKey) ?? 'null') as { version?: unknown; evenIfRisky?: unknown } | null;
    const agreed = kept?.version === kConsentVersion;
    return { agreed, evenIfRisky: agreed && kept?.evenIfRisky === true };
  } catch {
    return { agreed: false, evenIfRisky: false };
  }
}

export function remember(now: number, evenIfRisky: boolean, box: Box | null = browserBox()): void {
  try {
    box?.setItem(
      kKey,
      JSON.stringify({ version: kConsentVersion, time: now, ...(evenIfRisky ? { evenIfRisky } : {}) }),
    );
  } catch {
    // Full or forbidden: the next visit asks again.
  }
}
