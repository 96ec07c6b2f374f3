import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { primitives } from './primitives.js';
import { fromHex } from './recording.js';

// A memory of its own, in which bytes are put one behind the other.
function memoryOf(...parts: Uint8Array[]) {
  const bytes = new Uint8Array(4096);
  let end = 64;
  const places = parts.map((part) => {
    const at = end;
    bytes.set(part, at);
    end += part.length + 1; // at odd places too
    return at;
  });
  const read = (at: number, count: number) => bytes.slice(at, at + count);
  return { at: places, read, write: (at: number, more: Uint8Array) => bytes.set(more, at) };
}

const noRandom = () => assert.fail('asked for randomness');

test('what was sealed opens, and nothing else does', () => {
  for (const nonceBytes of [12, 24]) {
    const plain = new TextEncoder().encode('a message');
    const memory = memoryOf(new Uint8Array(32).fill(1), new Uint8Array(nonceBytes).fill(2), plain, new Uint8Array(64));
    const [key, nonce, text, sealed] = memory.at;
    const { aead_seal, aead_open } = primitives(memory, noRandom);
    aead_seal?.(sealed as number, key as number, nonce as number, nonceBytes, text as number, plain.length, 0, 3);
    const open = () =>
      aead_open?.(2000, key as number, nonce as number, nonceBytes, sealed as number, plain.length + 16, 0, 3);
    assert.equal(open(), 1);
    assert.deepEqual(memory.read(2000, plain.length), plain);
    memory.write(sealed as number, Uint8Array.of(memory.read(sealed as number, 1)[0] ? 0 : 1));
    assert.equal(open(), 0);
    assert.equal(aead_open?.(2000, key as number, nonce as number, nonceBytes, sealed as number, 15, 0, 0), 0);
  }
});

test('a key of small order agrees on nothing', () => {
  const memory = memoryOf(new Uint8Array(32).fill(5), new Uint8Array(32));
  const { x25519 } = primitives(memory, noRandom);
  assert.equal(x25519?.(2000, memory.at[0] as number, memory.at[1] as number), 0);
  assert.deepEqual(memory.read(2000, 32), new Uint8Array(32));
});

test('a signature holds for its message only, and one of small order for none', () => {
  // RFC 8032 §7.1, test 2.
  const key = fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
  const signature = fromHex(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  );
  const small = new Uint8Array(32);
  small[0] = 1;
  const memory = memoryOf(key, Uint8Array.of(0x72), signature, small, new Uint8Array(64));
  const [by, message, signed, smallKey, smallSignature] = memory.at as [number, number, number, number, number];
  memory.write(smallSignature, small);
  const { ed25519_verify } = primitives(memory, noRandom);
  assert.equal(ed25519_verify?.(by, message, 1, signed), 1);
  assert.equal(ed25519_verify?.(by, message, 0, signed), 0);
  assert.equal(ed25519_verify?.(smallKey, message, 1, smallSignature), 0);
});

test('every function of the glue is one that core.wasm imports, and the other way round', () => {
  const module = new WebAssembly.Module(readFileSync(new URL('../build/core.wasm', import.meta.url)));
  const imported = WebAssembly.Module.imports(module).map((each) => `${each.module}.${each.name}`);
  const offered = Object.keys(primitives(memoryOf(), noRandom)).map((name) => `env.${name}`);
  for (const name of imported) {
    assert.ok(name === 'env.assertion_failed' || offered.includes(name), `${name} has nobody who does it`);
  }
});
