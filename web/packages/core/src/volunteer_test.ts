import assert from 'node:assert/strict';
import test from 'node:test';

import type { Command, CoreStatus, VolunteerConfig } from './records.js';
import { coreModule, seededRandom } from './test_module.js';
import { kMostRestarts, kRestartWindowMs, Volunteer, type VolunteerHost } from './volunteer.js';

const config: VolunteerConfig = {
  relays: ['wss://egress.example/leg'],
  ways: [{ url: 'https://broker.example/' }],
  selfTag: new Uint8Array(16).fill(1),
  key: new Uint8Array(32).fill(2),
  form: 'widget',
};
const module = coreModule();

class Host implements VolunteerHost {
  now = 1000;
  commands: Command[] = [];
  last: CoreStatus | null = null;
  wake: number | null = null;
  told: string[] = [];
  moment() {
    return { steadyMs: this.now, wallMs: 1_800_000_000_000 };
  }
  carryOut(command: Command) {
    this.commands.push(command);
  }
  wakeAt(steadyMs: number | null) {
    this.wake = steadyMs;
  }
  status(status: CoreStatus) {
    this.last = status;
  }
  restarted(why: string) {
    this.told.push(`restarted ${why}`);
  }
  broken(why: string) {
    this.told.push(`broken ${why}`);
  }
}

// A slot that there is not: a bug of the host, for which the core stops.
const nowhere = { number: 200, epoch: 1 };

test('nothing is asked before it is switched on, and a poll is after', () => {
  const host = new Host();
  const volunteer = new Volunteer(module, config, host, seededRandom(1n));
  assert.equal(host.commands.length, 0);
  assert.equal(host.wake, null);
  assert.equal(volunteer.bounds.backlogBytes, 65_536);
  volunteer.setPeople(3);
  assert.deepEqual(
    host.commands.map((each) => each.do),
    ['post'],
  );
  assert.equal(host.last?.on, true);
  assert.ok(host.wake !== null && host.wake > host.now);
});

test('a core that traps is replaced, switched on as it was, and says so', () => {
  const host = new Host();
  const volunteer = new Volunteer(module, config, host, seededRandom(1n));
  volunteer.setPeople(3);
  host.commands = [];
  volunteer.linkOpen(nowhere);
  assert.equal(host.told.length, 1);
  assert.match(host.told[0] ?? '', /^restarted .*proxy_engine\.cpp:\d+: at\.slot < kMaxSlots/);
  assert.deepEqual(
    host.commands.map((each) => each.do),
    ['post'],
  );
  assert.equal(host.last?.on, true);
});

test('a core that keeps trapping is given up, one that traps now and then is not', () => {
  const host = new Host();
  const volunteer = new Volunteer(module, config, host, seededRandom(1n));
  for (let i = 0; i < 2 * kMostRestarts; ++i) {
    volunteer.linkOpen(nowhere);
    host.now += kRestartWindowMs / 2;
  }
  assert.ok(host.told.every((word) => word.startsWith('restarted')));
  host.told = [];
  host.now += kRestartWindowMs;
  for (let i = 0; i <= kMostRestarts; ++i) volunteer.linkOpen(nowhere);
  assert.match(host.told.at(-1) ?? '', /^broken/);
  host.commands = [];
  volunteer.setPeople(1);
  assert.deepEqual(host.commands, []);
  assert.equal(host.wake, null);
});

test('an answer from inside a command waits its turn', () => {
  const host = new Host();
  const order: string[] = [];
  let volunteer: Volunteer | null = null;
  host.carryOut = (command) => {
    order.push(command.do);
    if (command.do === 'post') volunteer?.failed(command.post);
  };
  host.status = (status) => order.push(status.trouble || 'quiet');
  volunteer = new Volunteer(module, config, host, seededRandom(1n));
  volunteer.setPeople(1);
  assert.deepEqual(order, ['quiet', 'post', 'quiet', 'broker-silent']);
});
