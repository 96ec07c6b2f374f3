import assert from 'node:assert/strict';
import test from 'node:test';

import {
  kDefaultLimits,
  kMaxHours,
  kMaxPeople,
  kMinBytesPerSecond,
  parseCommand,
  parseStatus,
  readLimits,
} from './index.js';

const countries = [
  { country: '??', people: 1 },
  { country: 'IR', people: 2 },
];
const helping = { state: 'helping', helpingNow: 3, helpedToday: 3, bytesUp: 10, bytesDown: 2000, countries };
const record = { helpedToday: 3, helped: 40, upToday: 1, downToday: 2, up: 10, down: 2000, thisMonth: 2010 };
const night = { days: 127, from: 1320, until: 360 };

test('a status passes as it was said', () => {
  assert.deepEqual(parseStatus(helping), helping);
  const paused = { ...helping, state: 'paused', reason: 'data-saver' };
  assert.deepEqual(parseStatus(paused), paused);
  const limited = {
    ...paused,
    reports: true,
    standbyNow: 2,
    changesAt: '2026-11-21T18:00:00',
    record,
    recordLost: true,
  };
  assert.deepEqual(parseStatus(limited), limited);
  for (const network of ['open', 'moderate', 'restricted', 'no-udp', 'unknown']) {
    assert.deepEqual(parseStatus({ ...helping, network }), { ...helping, network });
  }
});

test('what is more than a status does not pass with it', () => {
  assert.deepEqual(parseStatus({ ...helping, address: '192.0.2.1' }), helping);
  const told = countries.map((each) => ({ ...each, address: '192.0.2.1' }));
  assert.deepEqual(parseStatus({ ...helping, countries: told }), helping);
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
    { ...helping, countries: ['IR'] },
    { ...helping, countries: [{ country: '192.0.2.1', people: 1 }] },
    { ...helping, countries: [{ country: 'ir', people: 1 }] },
    { ...helping, countries: [{ country: 'IR', people: 0 }] },
    { ...helping, countries: [{ country: 'IR', people: kMaxPeople + 1 }] },
    { ...helping, countries: [...countries, { country: 'IR', people: 1 }] },
    { ...helping, countries: [...'ABCDEFGHIJK'].map((each) => ({ country: `A${each}`, people: 1 })) },
    { ...helping, countries: { country: 'IR', people: 1 } },
    { ...helping, reason: '<b>' },
    { ...helping, reason: 'a'.repeat(65) },
    { ...helping, standbyNow: -1 },
    { ...helping, changesAt: 'tomorrow' },
    { ...helping, record: { ...record, helped: undefined } },
    { ...helping, recordLost: 'yes' },
    { ...helping, network: '192.0.2.1' },
  ];
  for (const message of wrong) assert.equal(parseStatus(message), null, JSON.stringify(message));
});

test('commands pass with their limits and nothing else', () => {
  assert.deepEqual(parseCommand({ command: 'start', consent: true }), { command: 'start' });
  const risky = { command: 'start', evenIfRisky: true };
  assert.deepEqual(parseCommand(risky), risky);
  assert.deepEqual(parseCommand({ ...risky, evenIfRisky: 1 }), { command: 'start' });
  assert.deepEqual(parseCommand({ command: 'stop' }), { command: 'stop' });
  for (const limits of [
    { ...kDefaultLimits, people: kMaxPeople },
    { ...kDefaultLimits, people: 1, bytesPerSecond: kMinBytesPerSecond },
    { ...kDefaultLimits, bytesPerDay: 50_000_000, bytesPerMonth: 0, hours: [night, { days: 1, from: 0, until: 1440 }] },
  ]) {
    assert.deepEqual(parseCommand({ command: 'setLimits', limits }), { command: 'setLimits', limits });
  }
});

test('limits beyond their bounds are no command', () => {
  const wrong: unknown[] = [
    undefined,
    { ...kDefaultLimits, people: 0 },
    { ...kDefaultLimits, people: kMaxPeople + 1 },
    { people: 1 },
    { ...kDefaultLimits, bytesPerSecond: kMinBytesPerSecond - 1 },
    { ...kDefaultLimits, people: 1.5 },
    { ...kDefaultLimits, bytesPerDay: -1 },
    { ...kDefaultLimits, bytesPerMonth: '7' },
    { ...kDefaultLimits, hours: [{ ...night, days: 128 }] },
    { ...kDefaultLimits, hours: [{ ...night, from: 1440 }] },
    { ...kDefaultLimits, hours: [{ ...night, until: night.from }] },
    { ...kDefaultLimits, hours: new Array(kMaxHours + 1).fill(night) },
  ];
  for (const limits of wrong) {
    assert.equal(parseCommand({ command: 'setLimits', limits }), null, JSON.stringify(limits));
  }
  assert.equal(parseCommand({ command: 'restart' }), null);
});

test('limits that were stored are read field by field', () => {
  const stored = { people: 7, bytesPerSecond: 1, bytesPerDay: 9, bytesPerMonth: 'x', hours: [night] };
  assert.deepEqual(readLimits(stored), { ...kDefaultLimits, people: 7, bytesPerDay: 9, hours: [night] });
  for (const nothing of [null, 'torn', []]) assert.deepEqual(readLimits(nothing), kDefaultLimits);
});

test('what passes is whole, or it is no status', () => {
  const line = { upPerSecond: 1, downPerSecond: 2, roundTripMs: null, links: 1, runningSeconds: 5, restarts: 0 };
  assert.deepEqual(parseStatus({ ...helping, line })?.line, line);
  for (const wrong of [{ ...line, links: -1 }, { ...line, roundTripMs: '9' }, { ...line, upPerSecond: 0.5 }, {}, null])
    assert.equal(parseStatus({ ...helping, line: wrong }), null, JSON.stringify(wrong));
  for (const on of [true, false])
    assert.deepEqual(parseCommand({ command: 'setReports', on }), { command: 'setReports', on });
  assert.equal(parseCommand({ command: 'setReports' }), null);
  for (const command of ['resume', 'watch']) assert.deepEqual(parseCommand({ command }), { command });
});
