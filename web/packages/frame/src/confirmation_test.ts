import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import test from 'node:test';

import { Confirmation, confirmTo, kConfirmWithinMs } from './confirmation.js';

globalThis.crypto ??= webcrypto as unknown as Crypto; // Node.js 18 has no global one

const ours = 'https://volunteer.example';

function asked(t: { mock: { timers: { enable(options?: unknown): void } } }) {
  const said: string[] = [];
  const confirmation = new Confirmation(
    ours,
    () => said.push('confirmed'),
    () => said.push('lapsed'),
  );
  void t;
  return { confirmation, said };
}

test('only a document of our origin confirms, with the nonce that was asked for, once', (t) => {
  const { confirmation, said } = asked(t as never);
  const nonce = confirmation.ask('consent');
  const data = { type: 'confirmed', nonce, question: 'consent' };
  confirmation.onMessage({ origin: 'https://host.example', data });
  confirmation.onMessage({ origin: 'null', data });
  confirmation.onMessage({ origin: ours, data: { ...data, nonce: '0'.repeat(32) } });
  confirmation.onMessage({ origin: ours, data: { ...data, type: 'start' } });
  confirmation.onMessage({ origin: ours, data: null });
  confirmation.onMessage({ origin: ours, data: { ...data, question: 'risk' } });
  confirmation.onMessage({ origin: ours, data: { ...data, question: undefined } });
  assert.deepEqual(said, []);
  confirmation.onMessage({ origin: ours, data });
  confirmation.onMessage({ origin: ours, data });
  assert.deepEqual(said, ['confirmed']);
});

test('nothing is confirmed that was not asked for, or was given up', (t) => {
  const { confirmation, said } = asked(t as never);
  confirmation.onMessage({ origin: ours, data: { type: 'confirmed', nonce: null, question: 'consent' } });
  const nonce = confirmation.ask('consent');
  confirmation.forget();
  confirmation.onMessage({ origin: ours, data: { type: 'confirmed', nonce, question: 'consent' } });
  assert.deepEqual(said, []);
});

test('asking again keeps the nonce, a new question has another', (t) => {
  const { confirmation } = asked(t as never);
  const first = confirmation.ask('consent');
  assert.equal(confirmation.ask('consent'), first);
  confirmation.forget();
  assert.notEqual(confirmation.ask('consent'), first);
  confirmation.forget();
});

test('a window tells the frames of its opener and names our origin as the only reader', () => {
  const told: unknown[] = [];
  const frame = { postMessage: (data: unknown, origin: string) => told.push([data, origin]) };
  const nonce = 'a'.repeat(32);
  const opener = { length: 2, 0: frame, 1: frame } as unknown as Window;
  assert.equal(confirmTo(opener, nonce, 'risk', ours), true);
  assert.deepEqual(told, Array(2).fill([{ type: 'confirmed', nonce, question: 'risk' }, ours]));
  assert.equal(confirmTo(null, nonce, 'risk', ours), false);
  assert.equal(confirmTo(opener, 'short', 'risk', ours), false);
});

test('reading takes minutes, not for ever', () => {
  assert.equal(kConfirmWithinMs, 120_000);
});
