// What a page tells netstate of itself, in bytes: proto/netstate.proto, of which only what a page may say is here. It checks nothing of
// what it is given but the bounds that a page can reach; docs/spec/18-netstate.md §6 has them.

// NTS-B7, NTS-B9, NTS-B10, NTS-B11.
export const kMaxReportLegs = 16;
export const kMaxReportedCount = 1_000_000;
export const kMaxReportedKib = 2 ** 50;
export const kReportedKibStep = 64;

// As the format numbers them.
export const kRoles = { widget: 2, extension: 3 } as const;
export const kStates = { ready: 1, helping: 2, paused: 3, draining: 4, gone: 5 } as const;
export type NodeRole = (typeof kRoles)[keyof typeof kRoles];
export type NodeState = keyof typeof kStates;

export interface ReportedLeg {
  egress: Uint8Array; // 16
  people: number;
}

export interface StateReport {
  node: Uint8Array; // 16
  role: NodeRole;
  sequence: number; // from 1
  state: NodeState;
  legs: readonly ReportedLeg[];
  upKib: number;
  downKib: number;
}

const kReportContext = new TextEncoder().encode('footbridge state report 1\0');

// KiB as reports say them: whole steps, rounded down.
export function inSteps(bytes: number): number {
  const kib = Math.floor(bytes / 1_024);
  return Math.min(kib - (kib % kReportedKibStep), kMaxReportedKib);
}

export function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

// Beyond 32 bits too, where shifts would not do.
function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  return Uint8Array.from([...out, rest]);
}

// Nothing stands for 0.
function number(field: number, value: number): Uint8Array {
  return value === 0 ? new Uint8Array() : join(varint(field * 8), varint(value));
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return join(varint(field * 8 + 2), varint(value.length), value);
}

export function encodeReport(report: StateReport): Uint8Array<ArrayBuffer> {
  const legs = report.legs
    .slice(0, kMaxReportLegs)
    .map(({ egress, people }) => bytes(5, join(bytes(1, egress), number(2, Math.min(people, kMaxReportedCount)))));
  return join(
    bytes(1, report.node),
    number(2, report.role),
    number(3, report.sequence),
    number(4, kStates[report.state]),
    ...legs,
    number(10, report.upKib),
    number(11, report.downKib),
  );
}

// What the reporter's key signs.
export function signedText(report: Uint8Array, timeMs: number): Uint8Array<ArrayBuffer> {
  const time = new DataView(new ArrayBuffer(8));
  time.setBigUint64(0, BigInt(timeMs));
  return join(kReportContext, new Uint8Array(time.buffer), report);
}

// The body of POST /report with one report.
export function encodeBatch(
  report: Uint8Array,
  timeMs: number,
  signature: Uint8Array,
  chain: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return bytes(
    1,
    join(bytes(1, report), number(2, timeMs), bytes(3, signature), bytes(4, chain)),
  ) as Uint8Array<ArrayBuffer>;
}
