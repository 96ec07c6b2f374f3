import assert from 'node:assert/strict';
import test from 'node:test';

import { kMaxPeople, kMinBytesPerSecond, parseCommand, parseStatus } from './index.js';

const helping = { state: 'helping', helpingNow: 1, helpedToday: 3, bytesUp: 10, bytesDown: 2000, countries: ['IR'] };

test('a status passes as it was said', () => {
  assert.deepEqual(parseStatus(helping), helping);
  const paused = { ...helping, state: 'paused', reason: 'data-saver' };
  assert.deepEqual(parseStatus(paused), paused);
});

test('what is more than a status does not pass with it', () => {
  assert.deepEqual(parseStatus({ ...helping, address: '192.0.2.1' }), helping);
});

test('what is no status is dropped', () => {
  const wrong: unknown[] = [
    null,
    'helping',
    [],
    {},
    { ...helping, state: 'mining' },
    { ...helping, helpingNow: -1 },
    { ...helping, bytesUp: 1.5 },
    { ...helping, bytesDown: '7' },
    { ...helping, countries: ['192.0.2.1'] },
    { ...helping, countries: new Array(251).fill('IR') },
    { ...helping, reason: '<b>' },
    { ...helping, reason: 'a'.repeat(65) },
  ];
  for (const message of wrong) assert.equal(parseStatus(message), null, JSON.stringify(message));
});

test('commands pass with their limits and nothing else', () => {
  assert.deepEqual(parseCommand({ command: 'start', consent: true }), { command: 'start' });
  assert.deepEqual(parseCommand({ command: 'stop' }), { command: 'stop' });
  for (const limits of [
    { people: kMaxPeople, bytesPerSecond: null },
    { people: 1, bytesPerSecond: kMinBytesPerSecond },
  ]) {
    assert.deepEqual(parseCommand({ command: 'setLimits', limits }), { command: 'setLimits', limits });
  }
});

test('limits beyond their bounds are no command', () => {
  const wrong: unknown[] = [
    undefined,
    { people: 0, bytesPerSecond: null },
    { people: kMaxPeople + 1, bytesPerSecond: null },
    { people: 1 },
    { people: 1, bytesPerSecond: kMinBytesPerSecond - 1 },
    { people: 1.5, bytesPerSecond: null },
  ];
  for (const limits of wrong) {
    assert.equal(parseCommand({ command: 'setLimits', limits }), null, JSON.stringify(limits));
  }
  assert.equal(parseCommand({ command: 'restart' }), null);
});
