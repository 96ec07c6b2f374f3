import assert from 'node:assert/strict';
import test from 'node:test';

import { parseConfig } from './config.js';

const key = 'ab'.repeat(32);
const sealed = { url: 'https://broker.example/', secret: key, keys: [{ x25519: key, from: 1, until: 2 }] };
const whole = { brokers: [sealed], relays: ['wss://egress.example/leg'], stun: ['stun:stun.example:3478'] };

test('a file says brokers with their keys, relays and STUN servers', () => {
  const { volunteer, iceServers } = parseConfig(whole);
  assert.deepEqual(volunteer.ways[0]?.seal?.keys[0]?.x25519, new Uint8Array(32).fill(0xab));
  assert.deepEqual(volunteer.relays, whole.relays);
  assert.deepEqual(iceServers, [{ urls: 'stun:stun.example:3478' }]);
  assert.equal(volunteer.allowPrivate, false);
});

test('legs in the clear are for tests on one machine', () => {
  const relays = ['ws://127.0.0.1:8901/leg'];
  assert.deepEqual(parseConfig({ ...whole, relays, allowPrivate: true }).volunteer.relays, relays);
});

const relay = 'wss://egress.example/leg';
const netstate = {
  url: 'https://netstate.example/report',
  key,
  chain: 'cd'.repeat(200),
  names: { [relay]: 'ee'.repeat(16) },
};

test('whom a page may tell how it is stands there only where somebody put it', () => {
  assert.equal(parseConfig(whole).netstate, null);
  const said = parseConfig({ ...whole, netstate }).netstate;
  assert.deepEqual(said?.key, new Uint8Array(32).fill(0xab));
  assert.deepEqual([said?.url, said?.chain.length], [netstate.url, 200]);
  assert.deepEqual(said?.names.get(relay), new Uint8Array(16).fill(0xee));
});

test('a file that is not whole starts nothing', () => {
  const wrong: unknown[] = [
    null,
    {},
    { ...whole, brokers: [] },
    { ...whole, brokers: [sealed, { url: 'https://other.example/' }] },
    { ...whole, brokers: [{ ...sealed, url: 'javascript:alert(1)' }] },
    { ...whole, brokers: [{ ...sealed, secret: 'short' }] },
    { ...whole, brokers: [{ ...sealed, keys: [{ x25519: key, from: -1, until: 2 }] }] },
    { ...whole, relays: ['ws://egress.example/leg'] },
    { ...whole, relays: ['https://egress.example/leg'] },
    { ...whole, relays: new Array(65).fill('wss://egress.example/leg') },
    { ...whole, stun: ['turn:stun.example'] },
    { ...whole, netstate: {} },
    { ...whole, netstate: { ...netstate, url: 'http://netstate.example/report' } },
    { ...whole, netstate: { ...netstate, key: 'ab' } },
    { ...whole, netstate: { ...netstate, chain: 'cd'.repeat(641) } },
    { ...whole, netstate: { ...netstate, names: { [relay]: 'ee' } } },
  ];
  for (const file of wrong) assert.throws(() => parseConfig(file), TypeError, JSON.stringify(file));
});
