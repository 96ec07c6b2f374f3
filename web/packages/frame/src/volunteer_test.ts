import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import test from 'node:test';
import { kDefaultLimits, kNothing } from '@footbridge/protocol';
import type { FrameMessage } from './messages.js';
import { MockRelay } from './mock_relay.js';
import { type Relay, UnavailableRelay } from './relay.js';
import type { Gesture } from './switch_gate.js';
import { Volunteer } from './volunteer.js';

globalThis.crypto ??= webcrypto as unknown as Crypto; // Node.js 18 has no global one

const seen: Gesture = { trusted: true, seen: 'visible' };
const unknown: Gesture = { trusted: true, seen: 'unknown' };
const forged: Gesture = { trusted: false, seen: 'visible' };
const origin = 'https://volunteer.example';

function volunteer(options: { relay?: Relay; agreed?: boolean; evenIfRisky?: boolean; costly?: string | null } = {}) {
  const kept: string[] = [];
  const told: FrameMessage[] = [];
  const it = new Volunteer({
    relay: options.relay ?? new MockRelay('helping'),
    agreed: options.agreed ?? false,
    evenIfRisky: options.evenIfRisky ?? false,
    remember: (evenIfRisky) => kept.push(evenIfRisky ? 'agreed, even if risky' : 'agreed'),
    keepLimits: ({ people }) => kept.push(`${people} people`) < 2,
    keepReports: (on) => kept.push(on ? 'on the map' : 'off the map'),
    whyCostly: () => options.costly ?? null,
    origin,
    reload: () => kept.push('reloaded'),
    lang: () => 'tr',
  });
  it.onTell = (message) => told.push(message);
  return { it, kept, told };
}

test('nothing runs until the visitor has agreed', () => {
  const { it, kept } = volunteer();
  assert.equal(it.state, 'off');
  it.onSwitch(seen);
  assert.equal(it.state, 'consent-required');
  assert.equal(it.status.state, 'off');
  it.onAgree(seen);
  assert.equal(it.state, 'helping');
  assert.deepEqual(kept, ['agreed']);
});

test('gestures of scripts change nothing', () => {
  const { it } = volunteer({ agreed: true });
  it.onSwitch(forged);
  it.onAgree(forged);
  it.onReopen(forged);
  assert.equal(it.state, 'off');
  it.onSwitch(seen);
  it.onSwitch(forged);
  assert.equal(it.state, 'helping');
});

test('the map is told only after a click of somebody who saw what he clicked; and not any more after any click of his', () => {
  const { it, kept } = volunteer({ agreed: true });
  assert.equal(it.reports, null, 'it is off');
  it.onSwitch(seen);
  assert.equal(it.reports, false);
  for (const gesture of [forged, unknown, { trusted: true, seen: 'covered' } as const])
    assert.equal(it.setReports(gesture, true), false);
  assert.deepEqual([it.reports, kept], [false, []]);
  assert.equal(it.setReports(seen, true), true);
  assert.equal(it.reports, true);
  assert.equal(it.setReports(forged, false), false);
  assert.equal(it.setReports(unknown, false), true);
  assert.deepEqual([it.reports, kept], [false, ['on the map', 'off the map']]);
});

test('where nothing can carry, the switch does nothing and says why', () => {
  const { it } = volunteer({ relay: new UnavailableRelay('no-webrtc'), agreed: true });
  it.onSwitch(seen);
  assert.equal(it.state, 'unavailable');
  assert.equal(it.reason, 'no-webrtc');
  assert.equal(it.isOn, false);
});

test('the host hears the state and how many, and nothing else', () => {
  const { it, told } = volunteer({ agreed: true });
  it.onSwitch(seen);
  assert.deepEqual(told.at(-1), { type: 'state', state: 'helping', helpingNow: 3 });
});

test('a stop is obeyed and its reason shown until the next start', () => {
  const { it, told } = volunteer({ agreed: true });
  it.stop('stopped-by-page');
  assert.equal(it.reason, null);
  it.onSwitch(seen);
  it.stop('hidden');
  assert.equal(it.state, 'off');
  assert.equal(it.reason, 'hidden');
  assert.deepEqual(told.at(-1), { type: 'state', state: 'off', helpingNow: 0 });
  it.onSwitch(seen);
  assert.equal(it.reason, null);
});

test('where data costs, who has agreed is asked again', () => {
  const { it } = volunteer({ agreed: true, costly: 'metered' });
  it.onSwitch(seen);
  assert.equal(it.isAsking, true);
  assert.equal(it.status.state, 'off');
});

test('the window decides where the browser cannot tell, and only ours', () => {
  const { it, told } = volunteer();
  it.onSwitch(unknown);
  it.onAgree(unknown);
  const asked = told.find((message) => message.type === 'confirm');
  assert.ok(asked?.type === 'confirm');
  assert.equal(asked.lang, 'tr');
  const data = { type: 'confirmed', nonce: asked.nonce, question: 'consent' };
  it.onWindowMessage({ origin: 'https://host.example', data });
  assert.equal(it.state, 'consent-required');
  it.onWindowMessage({ origin, data });
  assert.equal(it.state, 'helping');
});

test('a stop while the window is open wins over its answer', () => {
  const { it, told } = volunteer();
  it.onSwitch(unknown);
  it.onAgree(unknown);
  const asked = told.find((message) => message.type === 'confirm');
  it.stop('stopped-by-page');
  it.onWindowMessage({
    origin,
    data: { type: 'confirmed', nonce: asked?.type === 'confirm' && asked.nonce, question: 'consent' },
  });
  assert.equal(it.state, 'off');
});

test('a relay that ends by itself switches off, and the next gesture starts it', () => {
  const relay = new MockRelay('waiting');
  const { it } = volunteer({ relay, agreed: true });
  it.onSwitch(seen);
  relay.stop();
  assert.equal(it.isOn, false);
  it.onSwitch(seen);
  assert.equal(it.state, 'waiting');
});

test('a relay that fails while it starts leaves the switch off, with the reason, and it may be tried again', () => {
  const relay: Relay = {
    onStatus: () => {},
    status: { ...kNothing },
    start() {
      for (const state of ['starting', 'off'] as const) {
        Object.assign(this.status, { state, reason: 'not-loaded' });
        this.onStatus(this.status);
      }
    },
    stop() {},
    limits: kDefaultLimits,
    setLimits() {},
    resume() {},
    watch() {},
    setReports() {},
  };
  const { it } = volunteer({ relay, agreed: true });
  it.onSwitch(seen);
  assert.equal(it.state, 'off');
  assert.equal(it.isOn, false);
  assert.equal(it.reason, 'not-loaded');
  it.onSwitch(seen);
  assert.equal(it.reason, 'not-loaded');
});

test('limits are those of the relay, and whether they are kept is known once they were set', () => {
  const relay = new MockRelay('helping');
  const { it } = volunteer({ relay });
  assert.equal(it.areLimitsKept, null);
  it.setLimits({ ...it.limits, people: 7 });
  assert.deepEqual([relay.limits.people, it.areLimitsKept], [7, true]);
  it.setLimits({ ...it.limits, people: 2 });
  assert.deepEqual([it.limits.people, it.areLimitsKept], [2, false]);
});

test('where WebRTC is missing a hand may try again, and a script may not', () => {
  const { it, kept } = volunteer({ relay: new UnavailableRelay('no-webrtc') });
  assert.equal(it.canRetry, true);
  it.onRetry(forged);
  assert.deepEqual(kept, []);
  it.onRetry(seen);
  assert.deepEqual(kept, ['reloaded']);
  const other = volunteer({ relay: new UnavailableRelay('same-origin') });
  other.it.onRetry(seen);
  assert.deepEqual(other.kept, [], 'nothing would be another');
});

test('where nothing gets out while nobody is helped, that is known, and a hand may try again', () => {
  const relay = new MockRelay('waiting');
  const { it, kept } = volunteer({ relay, agreed: true });
  it.onSwitch(seen);
  assert.equal(it.isShutOut, false);
  Object.assign(relay.status, { network: 'no-udp' });
  assert.equal(it.isShutOut, true);
  it.onRetry(seen);
  assert.deepEqual(kept, ['reloaded']);
  Object.assign(relay.status, { state: 'helping' });
  assert.deepEqual([it.isShutOut, it.canRetry], [false, false]);
});

test('where helping may be dangerous the relay is stopped until the visitor has decided, and the host hears nothing of it', () => {
  const relay = new MockRelay('risky');
  const { it, kept, told } = volunteer({ relay, agreed: true });
  it.onSwitch(seen);
  assert.equal(it.isWarning, true);
  assert.equal(it.isOn, false);
  assert.equal(relay.status.state, 'off');
  assert.deepEqual(told.at(-1), { type: 'state', state: 'consent-required', helpingNow: 0 });
  it.onHelpAnyway(forged);
  assert.equal(relay.status.state, 'off');
  it.onHelpAnyway(seen);
  assert.equal(it.isWarning, false);
  assert.equal(it.state, 'waiting');
  assert.deepEqual(kept, ['agreed, even if risky']);
  it.onSwitch(seen);
  it.onSwitch(seen);
  assert.equal(it.state, 'waiting', 'he is asked again on the same page');
});

test('who stays off is off, and is asked again the next time', () => {
  const { it, kept } = volunteer({ relay: new MockRelay('risky'), agreed: true });
  it.onSwitch(seen);
  it.onDecline(seen);
  assert.equal(it.state, 'off');
  assert.equal(it.isWarning, false);
  assert.deepEqual(kept, []);
  it.onSwitch(seen);
  assert.equal(it.isWarning, true);
});

test('who decided on an earlier visit is not asked', () => {
  const { it } = volunteer({ relay: new MockRelay('risky'), agreed: true, evenIfRisky: true });
  it.onSwitch(seen);
  assert.equal(it.isWarning, false);
  assert.equal(it.state, 'waiting');
});

test('where the browser cannot tell, the window decides this too, and only one that asked this', () => {
  const { it, told } = volunteer({ relay: new MockRelay('risky'), agreed: true });
  it.onSwitch(seen);
  it.onHelpAnyway(unknown);
  const asked = told.find((message) => message.type === 'confirm');
  assert.ok(asked?.type === 'confirm');
  assert.equal(asked.question, 'risk');
  assert.equal(it.isWarning, true);
  it.onWindowMessage({ origin, data: { type: 'confirmed', nonce: asked.nonce, question: 'consent' } });
  assert.equal(it.state, 'consent-required');
  it.onWindowMessage({ origin, data: { type: 'confirmed', nonce: asked.nonce, question: 'risk' } });
  assert.equal(it.state, 'waiting');
});
