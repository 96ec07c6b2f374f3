// The primitives that core.wasm imports, from @noble: synchronous, on copies of its memory. The port that they belong
// to is src/crypto/primitives.hpp; what it promises, these keep: nothing is thrown for bytes that came from outside.
import { chacha20poly1305, xchacha20poly1305 } from '@noble/ciphers/chacha';
import { ed25519, x25519 } from '@noble/curves/ed25519';
import { blake2b } from '@noble/hashes/blake2b';
import { hmac } from '@noble/hashes/hmac';
import { sha256 } from '@noble/hashes/sha2';

const kCountedNonceBytes = 12;
const kAeadTagBytes = 16;
const kKeyBytes = 32;
const kSignatureBytes = 64;
const kMostRandomBytes = 65_536; // that getRandomValues gives at once

export interface Memory {
  // A copy of what is there.
  read(at: number, count: number): Uint8Array;
  write(at: number, bytes: Uint8Array): void;
}

export type FillRandom = (out: Uint8Array) => void;

export function systemRandom(out: Uint8Array): void {
  for (let at = 0; at < out.length; at += kMostRandomBytes) {
    crypto.getRandomValues(out.subarray(at, at + kMostRandomBytes));
  }
}

function aead(memory: Memory, key: number, nonce: number, nonceBytes: number, ad: number, adBytes: number) {
  const cipher = nonceBytes === kCountedNonceBytes ? chacha20poly1305 : xchacha20poly1305;
  return cipher(memory.read(key, kKeyBytes), memory.read(nonce, nonceBytes), memory.read(ad, adBytes));
}

// What `make` returns, or null if it refuses its input.
function unlessRefused(make: () => Uint8Array): Uint8Array | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

function put(memory: Memory, out: number, bytes: Uint8Array | null): number {
  if (bytes === null) return 0;
  memory.write(out, bytes);
  return 1;
}

// The functions of module "env" by which core.wasm computes. The names are those of FB_IMPORTED in src/crypto.
export function primitives(memory: Memory, fillRandom: FillRandom): Record<string, (...words: number[]) => unknown> {
  const { read, write } = memory;
  return {
    random_fill(out = 0, count = 0) {
      const bytes = new Uint8Array(count);
      fillRandom(bytes);
      write(out, bytes);
    },
    aead_seal(out = 0, key = 0, nonce = 0, nonceBytes = 0, plain = 0, plainBytes = 0, ad = 0, adBytes = 0) {
      write(out, aead(memory, key, nonce, nonceBytes, ad, adBytes).encrypt(read(plain, plainBytes)));
    },
    aead_open(out = 0, key = 0, nonce = 0, nonceBytes = 0, sealed = 0, sealedBytes = 0, ad = 0, adBytes = 0) {
      if (sealedBytes < kAeadTagBytes) return 0;
      const cipher = aead(memory, key, nonce, nonceBytes, ad, adBytes);
      return put(
        memory,
        out,
        unlessRefused(() => cipher.decrypt(read(sealed, sealedBytes))),
      );
    },
    blake2b(out = 0, outBytes = 0, message = 0, messageBytes = 0, key = 0, keyBytes = 0) {
      const keyed = keyBytes === 0 ? {} : { key: read(key, keyBytes) };
      write(out, blake2b(read(message, messageBytes), { dkLen: outBytes, ...keyed }));
    },
    hmac_sha256(out = 0, key = 0, keyBytes = 0, message = 0, messageBytes = 0) {
      write(out, hmac(sha256, read(key, keyBytes), read(message, messageBytes)));
    },
    x25519_public(out = 0, secret = 0) {
      write(out, x25519.getPublicKey(read(secret, kKeyBytes)));
    },
    x25519(out = 0, secret = 0, peer = 0) {
      return put(
        memory,
        out,
        unlessRefused(() => x25519.getSharedSecret(read(secret, kKeyBytes), read(peer, kKeyBytes))),
      );
    },
    ed25519_verify(key = 0, message = 0, messageBytes = 0, signature = 0) {
      const [signed, by] = [read(signature, kSignatureBytes), read(key, kKeyBytes)];
      return ed25519.verify(signed, read(message, messageBytes), by, { zip215: false }) ? 1 : 0;
    },
  };
}
