// What a page says are the bytes that the engine reads, as tests/vectors has them.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { encodeBatch, encodeReport, inSteps, kMaxReportedCount, type StateReport, signedText } from './report_wire.js';
import { signer } from './reporter_key.js';

const subtle = webcrypto.subtle as unknown as SubtleCrypto; // Node.js 18 has no global one
const vectors = JSON.parse(readFileSync(new URL('../../../../tests/vectors/netstate.json', import.meta.url), 'utf8'));
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (text: Uint8Array) => Buffer.from(text).toString('hex');
const vector = (name: string): string =>
  vectors.reports.find((each: { name: string }) => each.name === name)?.hex ?? assert.fail(name);

const node = bytes('707172737475767778797a7b7c7d7e7f');
const egresses = ['e0e1e2e3e4e5e6e7e8e9eaebecedeeef', '202122232425262728292a2b2c2d2e2f'].map(bytes);
const plain: StateReport = { node, role: 2, sequence: 1, state: 'ready', legs: [], upKib: 0, downKib: 0 };

test('a page says nothing but what a report has, and leaves out what is nothing', () => {
  assert.equal(hex(encodeReport({ ...plain, state: 'paused' })), vector('page'));
  assert.equal(hex(encodeReport({ ...plain, role: 3, state: 'draining' })), vector('extension'));
});

test('legs, people and bytes are where the format has them', () => {
  const legs = egresses.map((egress, at) => ({ egress, people: 3 - 2 * at }));
  const said: StateReport = { ...plain, sequence: 7, state: 'helping', legs, upKib: 64, downKib: 6_400 };
  const [egress, role] = ['0a10', '1001']; // of a volunteer, with a tag at its end
  const whole = vector('volunteer with every field').replace(/6208[0-9a-f]{16}$/, '');
  assert.equal(hex(encodeReport(said)), whole.replace(`${egress}${hex(node)}${role}`, `${egress}${hex(node)}1002`));
});

test('what is beyond a bound is not said', () => {
  const legs = new Array(17).fill({ egress: egresses[0], people: 2 * kMaxReportedCount });
  const said = hex(encodeReport({ ...plain, legs }));
  assert.equal(said.split(hex(egresses[0] as Uint8Array)).length - 1, 16);
  assert.ok(said.includes('10c0843d'), 'people of a leg');
  assert.ok(!said.includes('1080897a'));
});

test('bytes are told in whole steps', () => {
  assert.deepEqual([0, 65_535, 65_536, 200_000, 2 ** 61].map(inSteps), [0, 0, 64, 192, 2 ** 50]);
  assert.ok(hex(encodeReport({ ...plain, upKib: 2 ** 50 })).endsWith('508080808080808002'));
});

test('the browser signs as the network’s key does elsewhere', async () => {
  const sign = (await signer(bytes(vectors.reporter_seed), subtle)) ?? assert.fail('no Ed25519 here');
  const report = bytes(vector('volunteer with every field'));
  const timeMs = 1_800_000_000_005;
  const signature = await sign(signedText(report, timeMs));
  assert.equal(hex(encodeBatch(report, timeMs, signature, bytes(vectors.chain))), vectors.batches[0].hex);
});

test('where there is no Ed25519, or no crypto at all, there is no key', async () => {
  const lacks = {
    importKey: () => Promise.reject(new DOMException('Algorithm: Unrecognized name', 'NotSupportedError')),
  } as unknown as SubtleCrypto;
  assert.equal(await signer(bytes(vectors.reporter_seed), lacks), null);
  assert.equal(await signer(new Uint8Array(31), subtle), null);
});
