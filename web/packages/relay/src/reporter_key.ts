// The key that a page's reports are signed with, in the browser's own Ed25519: Chromium's from 137, Firefox's from 129, and only where
// a page came in TLS or from this machine. Elsewhere there is none, and nothing is reported.

// RFC 8410: what stands before the 32 bytes of a seed.
const kBeforeSeed = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

export type Sign = (text: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

// null: this browser cannot.
export async function signer(
  seed: Uint8Array,
  subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle,
): Promise<Sign | null> {
  if (subtle === undefined) return null;
  try {
    const key = await subtle.importKey('pkcs8', Uint8Array.from([...kBeforeSeed, ...seed]), 'Ed25519', false, ['sign']);
    return async (text) => new Uint8Array(await subtle.sign('Ed25519', key, text));
  } catch {
    return null;
  }
}
