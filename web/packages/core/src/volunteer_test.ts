import assert from 'node:assert/strict';
import test from 'node:test';

import { kMostHours, kNoLimits, type LimitSettings } from './limits.js';
import { seededRandom, toHex } from './recording.js';
import type { Command, CoreStatus, VolunteerConfig } from './records.js';
import { kMostRestarts, kRestartWindowMs } from './restarts.js';
import { coreModule } from './test_module.js';
import { Volunteer, type VolunteerHost } from './volunteer.js';

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
    return { steadyMs: this.now, wallMs: 1_800_000_000_000, zoneSeconds: 0 };
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
  assert.match(host.told[0] ?? '', /^restarted .*proxy_engine\.cpp:\d+/);
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

const kNoon = { days: 127, from: 720, until: 721 }; // 1_800_000_000 is 08:00 UTC of a Friday

test('limits hold at once, and say when they change', () => {
  const host = new Host();
  const volunteer = new Volunteer(module, config, host, seededRandom(1n));
  volunteer.setLimits({ ...kNoLimits, hours: [kNoon] });
  volunteer.setPeople(3);
  assert.equal(host.commands.length, 0);
  assert.equal(host.last?.on, true);
  assert.equal(host.last?.pause, 'hours');
  assert.equal(host.last?.changesAt, '2027-01-15T12:00:00');
  volunteer.setLimits(kNoLimits);
  assert.equal(host.last?.pause, 'none');
  assert.deepEqual(
    host.commands.map((each) => each.do),
    ['post'],
  );
  volunteer.setLimits({ ...kNoLimits, bytesPerDay: 0 });
  assert.equal(host.last?.pause, 'day-used');
  assert.equal(host.last?.changesAt, '2027-01-16T00:00:00');
});

test('limits that are none are refused before the core hears of them', () => {
  const host = new Host();
  const volunteer = new Volunteer(module, config, host, seededRandom(1n));
  const wrong: LimitSettings[] = [
    { ...kNoLimits, bytesPerDay: -1 },
    { ...kNoLimits, bytesPerMonth: 0.5 },
    { ...kNoLimits, hours: [{ ...kNoon, until: 1441 }] },
    { ...kNoLimits, hours: [{ ...kNoon, days: 0 }] },
    { ...kNoLimits, hours: new Array(kMostHours + 1).fill(kNoon) },
  ];
  for (const limits of wrong) assert.throws(() => volunteer.setLimits(limits), RangeError);
  assert.deepEqual(host.told, []);
});

test('a record that cannot be read counts as used up, and says so', () => {
  const host = new Host();
  const volunteer = new Volunteer(module, config, host, seededRandom(1n), Uint8Array.of(1, 2, 3));
  volunteer.setLimits({ ...kNoLimits, bytesPerDay: 50_000_000 });
  assert.equal(host.last?.recordLost, true);
  assert.equal(host.last?.pause, 'day-used');
  const kept = host.commands.find((each) => each.do === 'keep');
  assert.ok(kept?.do === 'keep');
  const next = new Host();
  new Volunteer(module, config, next, seededRandom(1n), kept.record);
  assert.equal(next.last?.recordLost, false);
});

test('the core that takes the place of one that trapped has its limits and its record', () => {
  const host = new Host();
  const volunteer = new Volunteer(module, config, host, seededRandom(1n), Uint8Array.of(1, 2, 3));
  volunteer.setLimits({ ...kNoLimits, bytesPerDay: 50_000_000 });
  volunteer.setPeople(2);
  host.commands = [];
  volunteer.linkOpen(nowhere);
  assert.equal(host.told.length, 1);
  assert.equal(host.last?.on, true);
  assert.equal(host.last?.pause, 'day-used');
  assert.equal(host.last?.recordLost, false);
});

test('what the page found out of its network is in the poll, and in that of the core that takes its place', () => {
  const host = new Host();
  const volunteer = new Volunteer(module, config, host, seededRandom(1n));
  const strict = '22020803'; // field nat: mapping by address and port
  const polls = () => host.commands.flatMap((each) => (each.do === 'post' ? [toHex(each.body)] : []));
  volunteer.setPeople(1);
  assert.doesNotMatch(polls()[0] ?? '', new RegExp(strict));
  volunteer.setNetwork('restricted');
  assert.match(polls()[1] ?? '', new RegExp(strict));
  volunteer.linkOpen(nowhere);
  assert.equal(host.told.length, 1);
  assert.equal(polls().length, 3);
  assert.match(polls()[2] ?? '', new RegExp(strict));
});

test('who was warned that helping may be dangerous says so in his polls', () => {
  const bytesOf = (evenIfRisky: boolean) => {
    const host = new Host();
    new Volunteer(module, { ...config, evenIfRisky }, host, seededRandom(1n)).setPeople(1);
    const [post] = host.commands;
    assert.ok(post?.do === 'post');
    return Buffer.from(post.body).toString('hex');
  };
  const kWasWarned = '6801'; // field 13, true
  assert.equal(bytesOf(false).includes(kWasWarned), false);
  assert.equal(bytesOf(true).replace(kWasWarned, '').length, bytesOf(false).length);
});
