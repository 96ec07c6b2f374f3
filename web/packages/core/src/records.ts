// The calls and records of core.wasm; src/web/volunteer_calls.hpp has the format, and both are built together.

import { areLimits, civilText, type HelpingRecord, kPauses, type LimitSettings, type Pause } from './limits.js';

export const kAbiVersion = 5;

// One client's stay in one slot.
export interface Slot {
  number: number;
  epoch: number;
}

// Why a link or a leg ended, as the core counts them.
export enum PipeEnd {
  Local = 0, // we closed it
  Remote = 1, // the other side closed it in order
  Lost = 2, // it fell silent or broke
  Setup = 3, // it never opened
  Misused = 4, // the other side broke a limit
  Leg = 5, // the other half of the path is gone
}

export interface BrokerKey {
  x25519: Uint8Array; // 32
  from: number; // Unix seconds
  until: number;
}

// No answer of a broker is longer, sealed or not.
export const kMostBodyBytes = 80 * 1024;

// How to reach a broker. With a seal, requests are sealed for one of its keys.
export interface Way {
  url: string;
  seal?: { secret: Uint8Array; keys: BrokerKey[] };
}

export interface VolunteerConfig {
  relays: string[]; // URLs without token
  ways: Way[]; // at least one; either all have seals or none
  selfTag: Uint8Array; // 16; the same in all volunteers of one installation
  key: Uint8Array; // 32; this volunteer's secret
  form: 'widget' | 'extension';
  invite?: Uint8Array; // 16
  evenIfRisky?: boolean; // its person was told that helping may be dangerous where he is, and goes on
  allowPrivate?: boolean; // demo and tests: egresses and candidates that are not public
}

// What the core wants done.
export type Command =
  | { do: 'post'; post: bigint; way: number; body: Uint8Array }
  | { do: 'cut'; post: bigint }
  | { do: 'makeAnswer'; at: Slot; offer: string }
  | { do: 'dialLeg'; at: Slot; url: string }
  | { do: 'startRelay'; at: Slot }
  | { do: 'sendOnLink'; at: Slot; message: Uint8Array }
  | { do: 'closeLink'; at: Slot; why: PipeEnd }
  | { do: 'closeLeg'; at: Slot; why: PipeEnd }
  | { do: 'keep'; record: Uint8Array }; // in place of what was kept before, for the next core

export interface CoreStatus {
  on: boolean;
  heard: boolean;
  people: number; // persons connected, however many links each has
  standby: number; // of these, who have nothing to carry
  pause: Pause;
  recordLost: boolean; // what was kept could not be read: allowances count as used, as far as must be feared
  changesAt: string | null; // on the clock of the wall: when `pause` changes by itself
  record: HelpingRecord;
  trouble: string;
  countries: { country: string; people: number }[]; // of who has something to carry; '??' where it is unknown
}

export interface Answer {
  commands: Command[];
  deadline: number | null; // milliseconds of the clock that the calls had
  status: CoreStatus;
}

enum Call {
  Start = 1,
  SetPeople = 2,
  Stop = 3,
  Answered = 4,
  Failed = 5,
  AnswerMade = 6,
  AnswerFailed = 7,
  LinkOpen = 8,
  LinkClosed = 9,
  LegOpen = 10,
  LegClosed = 11,
  Carried = 12,
  Time = 13,
  NetworkChange = 14,
  SetLimits = 15,
  Restore = 16,
  SetNetwork = 17,
}

// What the page has found out of its network, by its number there.
export const kNetworks = ['unknown', 'open', 'moderate', 'restricted', 'no-udp'] as const;
export type Network = (typeof kNetworks)[number];

enum Kind {
  Post = 1,
  Cut = 2,
  MakeAnswer = 3,
  DialLeg = 4,
  StartRelay = 5,
  SendOnLink = 6,
  CloseLink = 7,
  CloseLeg = 8,
  Deadline = 9,
  Status = 10,
  Keep = 11,
}

const kAllowPrivateEgress = 1;
const kAllowPrivateCandidates = 2;
const kHasInvite = 4;
const kWasWarned = 8;
const kPlain = 255;
const kForms = { widget: 1, extension: 2 };
const kNone = 0xffff_ffff_ffff_ffffn; // where a number may be missing

class Writer {
  private readonly parts: number[] = [];
  u8(value: number): this {
    this.parts.push(value & 0xff);
    return this;
  }
  u16(value: number): this {
    return this.u8(value >>> 8).u8(value);
  }
  u32(value: number): this {
    return this.u8(value >>> 24)
      .u8(value >>> 16)
      .u8(value >>> 8)
      .u8(value);
  }
  u64(value: bigint): this {
    return this.u32(Number((value >> 32n) & 0xffff_ffffn)).u32(Number(value & 0xffff_ffffn));
  }
  bytes(more: Uint8Array): this {
    for (const byte of more) this.parts.push(byte);
    return this;
  }
  blob(more: Uint8Array): this {
    return this.u32(more.length).bytes(more);
  }
  text(more: string): this {
    return this.blob(new TextEncoder().encode(more));
  }
  slot(at: Slot): this {
    return this.u8(at.number).u32(at.epoch);
  }
  done(): Uint8Array {
    return Uint8Array.from(this.parts);
  }
}

// The moment of a call: the clocks, read once.
export interface Moment {
  steadyMs: number; // of a clock that never goes back, such as performance.now()
  wallMs: number; // Date.now()
  zoneSeconds: number; // what the clock on the wall is ahead of UTC at that moment
}

function begin(what: Call, at: Moment): Writer {
  return new Writer()
    .u8(what)
    .u64(BigInt(Math.round(at.steadyMs * 1000)))
    .u64(BigInt(Math.floor(at.wallMs / 1000)))
    .u32(at.zoneSeconds);
}

function writeLimits(out: Writer, limits: LimitSettings): Writer {
  if (!areLimits(limits)) throw new RangeError('no such limits');
  for (const allowance of [limits.bytesPerDay, limits.bytesPerMonth]) {
    out.u64(allowance === null ? kNone : BigInt(allowance));
  }
  out.u8(limits.hours.length);
  for (const { days, from, until } of limits.hours) out.u8(days).u16(from).u16(until);
  return out;
}

function writeWay(out: Writer, way: Way): void {
  if (way.seal === undefined) {
    out.u8(kPlain);
    return;
  }
  out.u8(way.seal.keys.length).bytes(way.seal.secret);
  for (const key of way.seal.keys) out.bytes(key.x25519).u64(BigInt(key.from)).u64(BigInt(key.until));
}

export const calls = {
  start(at: Moment, config: VolunteerConfig): Uint8Array {
    const privately = config.allowPrivate === true ? kAllowPrivateEgress | kAllowPrivateCandidates : 0;
    const out = begin(Call.Start, at)
      .u8(privately | (config.invite === undefined ? 0 : kHasInvite) | (config.evenIfRisky ? kWasWarned : 0))
      .u8(kForms[config.form])
      .bytes(config.selfTag)
      .bytes(config.key)
      .u8(config.relays.length);
    for (const relay of config.relays) out.text(relay);
    out.u8(config.ways.length);
    for (const way of config.ways) writeWay(out, way);
    if (config.invite !== undefined) out.bytes(config.invite);
    return out.done();
  },
  setPeople: (at: Moment, most: number) => begin(Call.SetPeople, at).u8(most).done(),
  stop: (at: Moment) => begin(Call.Stop, at).done(),
  answered: (at: Moment, post: bigint, body: Uint8Array) => begin(Call.Answered, at).u64(post).blob(body).done(),
  failed: (at: Moment, post: bigint) => begin(Call.Failed, at).u64(post).done(),
  answerMade: (at: Moment, slot: Slot, answer: string) => begin(Call.AnswerMade, at).slot(slot).text(answer).done(),
  answerFailed: (at: Moment, slot: Slot) => begin(Call.AnswerFailed, at).slot(slot).done(),
  linkOpen: (at: Moment, slot: Slot) => begin(Call.LinkOpen, at).slot(slot).done(),
  linkClosed: (at: Moment, slot: Slot, why: PipeEnd) => begin(Call.LinkClosed, at).slot(slot).u8(why).done(),
  legOpen: (at: Moment, slot: Slot) => begin(Call.LegOpen, at).slot(slot).done(),
  legClosed: (at: Moment, slot: Slot, why: PipeEnd) => begin(Call.LegClosed, at).slot(slot).u8(why).done(),
  carried: (at: Moment, slot: Slot, up: number, down: number) =>
    begin(Call.Carried, at).slot(slot).u64(BigInt(up)).u64(BigInt(down)).done(),
  time: (at: Moment) => begin(Call.Time, at).done(),
  networkChange: (at: Moment) => begin(Call.NetworkChange, at).done(),
  setLimits: (at: Moment, limits: LimitSettings) => writeLimits(begin(Call.SetLimits, at), limits).done(),
  setNetwork: (at: Moment, network: Network) => begin(Call.SetNetwork, at).u8(kNetworks.indexOf(network)).done(),
  restore: (at: Moment, kept: Uint8Array) => begin(Call.Restore, at).blob(kept).done(),
};

// Reads what core.wasm wrote; it throws RangeError where that ends too soon, which is a bug.
class Reader {
  private at = 0;
  private readonly view: DataView;
  constructor(private readonly all: Uint8Array) {
    this.view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  }
  get empty(): boolean {
    return this.at === this.all.length;
  }
  private take(count: number): number {
    this.at += count;
    return this.at - count;
  }
  u8(): number {
    return this.view.getUint8(this.take(1));
  }
  u16(): number {
    return this.view.getUint16(this.take(2));
  }
  u32(): number {
    return this.view.getUint32(this.take(4));
  }
  u64(): bigint {
    return this.view.getBigUint64(this.take(8));
  }
  blob(): Uint8Array {
    const count = this.u32();
    const from = this.take(count);
    if (this.at > this.all.length) throw new RangeError('a record that ends too soon');
    return this.all.slice(from, this.at);
  }
  text(): string {
    return new TextDecoder().decode(this.blob());
  }
  slot(): Slot {
    return { number: this.u8(), epoch: this.u32() };
  }
}

function readCommand(kind: Kind, from: Reader): Command {
  switch (kind) {
    case Kind.Post:
      return { do: 'post', post: from.u64(), way: from.u8(), body: from.blob() };
    case Kind.Cut:
      return { do: 'cut', post: from.u64() };
    case Kind.MakeAnswer:
      return { do: 'makeAnswer', at: from.slot(), offer: from.text() };
    case Kind.DialLeg:
      return { do: 'dialLeg', at: from.slot(), url: from.text() };
    case Kind.StartRelay:
      return { do: 'startRelay', at: from.slot() };
    case Kind.SendOnLink:
      return { do: 'sendOnLink', at: from.slot(), message: from.blob() };
    case Kind.CloseLink:
      return { do: 'closeLink', at: from.slot(), why: from.u8() };
    case Kind.CloseLeg:
      return { do: 'closeLeg', at: from.slot(), why: from.u8() };
    case Kind.Keep:
      return { do: 'keep', record: from.blob() };
    default:
      throw new RangeError(`no record ${kind}`);
  }
}

function readPause(from: Reader): Pause {
  const pause = kPauses[from.u8()];
  if (pause === undefined) throw new RangeError('no such pause');
  return pause;
}

function readCivil(from: Reader): string | null {
  const second = from.u64();
  return second === kNone ? null : civilText(second);
}

function readRecord(from: Reader): HelpingRecord {
  const next = () => Number(from.u64());
  return {
    helpedToday: next(),
    helped: next(),
    upToday: next(),
    downToday: next(),
    up: next(),
    down: next(),
    thisMonth: next(),
  };
}

// From where it is in a table: 0 is unknown, the others follow the alphabet.
function countryAt(index: number): string {
  const letter = (number: number) => String.fromCharCode(65 + number);
  return index === 0 ? '??' : letter(Math.floor((index - 1) / 26)) + letter((index - 1) % 26);
}

function readCountries(from: Reader): CoreStatus['countries'] {
  return Array.from({ length: from.u8() }, () => ({ country: countryAt(from.u16()), people: from.u8() }));
}

function readStatus(from: Reader): CoreStatus {
  return {
    on: from.u8() !== 0,
    heard: from.u8() !== 0,
    people: from.u8(),
    standby: from.u8(),
    pause: readPause(from),
    recordLost: from.u8() !== 0,
    changesAt: readCivil(from),
    record: readRecord(from),
    trouble: from.text(),
    countries: readCountries(from),
  };
}

export function parseAnswer(bytes: Uint8Array): Answer {
  const from = new Reader(bytes);
  const commands: Command[] = [];
  let deadline: number | null = null;
  let status: CoreStatus | null = null;
  while (!from.empty) {
    const kind: Kind = from.u8();
    if (kind === Kind.Deadline) {
      const micros = from.u64();
      deadline = micros === kNone ? null : Number(micros) / 1000;
    } else if (kind === Kind.Status) {
      status = readStatus(from);
    } else {
      commands.push(readCommand(kind, from));
    }
  }
  if (status === null) throw new RangeError('an answer without a status');
  return { commands, deadline, status };
}
