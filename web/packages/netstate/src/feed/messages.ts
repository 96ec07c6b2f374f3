// What netstate says (docs/spec/18-netstate.md), as this page reads it. Whatever is not one of these shapes is null: a page of an
// operator shows nothing rather than something wrong. Unknown fields are ignored.

export const kRoles = ['volunteer', 'page', 'extension', 'broker', 'egress'] as const;
export const kStates = ['ready', 'helping', 'paused', 'draining', 'silent'] as const;
export type Role = (typeof kRoles)[number];
export type NodeState = (typeof kStates)[number];

export interface NodeFacts {
  id: string;
  role: Role;
  state: NodeState;
  country: string; // two letters, "other" or "??"
  people: number | null; // null: fewer than eight
  since: number;
  tag?: string;
}

export interface EdgeFacts {
  from: string;
  to: string;
  people: number | null;
}

export interface Totals {
  nodes: Partial<Record<Role, number>>;
  people: number | null;
  sessions: number | null;
  bytes_per_second: number | null;
}

export interface Snapshot {
  version: number;
  at: number;
  private: boolean;
  nodes: NodeFacts[];
  edges: EdgeFacts[];
  totals: Totals;
}

export interface Delta {
  version: number;
  at: number;
  nodes: NodeFacts[];
  gone: string[];
  edges: EdgeFacts[];
  cut: [string, string][];
  totals: Totals;
}

export const kMaxNodes = 20_000;
export const kMaxEdges = 40_000;
export const kFewerThan = 8;

type Fields = Record<string, unknown>;
const kId = /^[0-9a-f]{8}$/;
const kCountry = /^([A-Z]{2}|other|\?\?)$/;
const kTag = /^(?!.*[0-9a-f]{8})[a-z0-9-]{0,16}$/;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCountOrFew(value: unknown): value is number | null {
  return value === null || isCount(value);
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && kId.test(value);
}

// All of them, or null if one is not what it should be or there are too many.
function listOf<T>(value: unknown, most: number, parse: (each: unknown) => T | null): T[] | null {
  if (!Array.isArray(value) || value.length > most) return null;
  const out: T[] = [];
  for (const each of value) {
    const parsed = parse(each);
    if (parsed === null) return null;
    out.push(parsed);
  }
  return out;
}

function parseNode(value: unknown): NodeFacts | null {
  if (!isFields(value)) return null;
  const { id, country, people, since, tag } = value;
  const role = kRoles.find((name) => name === value.role);
  const state = kStates.find((name) => name === value.state);
  if (!isId(id) || !role || !state || typeof country !== 'string' || !kCountry.test(country)) return null;
  if (!isCountOrFew(people) || !isCount(since)) return null;
  const node: NodeFacts = { id, role, state, country, people, since };
  if (tag === undefined) return node;
  return typeof tag === 'string' && kTag.test(tag) ? { ...node, tag } : null;
}

function parseEdge(value: unknown): EdgeFacts | null {
  if (!isFields(value)) return null;
  const { from, to, people } = value;
  return isId(from) && isId(to) && isCountOrFew(people) ? { from, to, people } : null;
}

function parsePair(value: unknown): [string, string] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [from, to] = value as unknown[];
  return isId(from) && isId(to) ? [from, to] : null;
}

function parseTotals(value: unknown): Totals | null {
  if (!isFields(value) || !isFields(value.nodes)) return null;
  const { people, sessions, bytes_per_second } = value;
  if (!isCountOrFew(people) || !isCountOrFew(sessions) || !isCountOrFew(bytes_per_second)) return null;
  const nodes: Partial<Record<Role, number>> = {};
  for (const role of kRoles) {
    const count = value.nodes[role];
    if (count === undefined) continue;
    if (!isCount(count)) return null;
    nodes[role] = count;
  }
  return { nodes, people, sessions, bytes_per_second };
}

export function parseSnapshot(value: unknown): Snapshot | null {
  if (!isFields(value) || !isCount(value.version) || !isCount(value.at) || typeof value.private !== 'boolean')
    return null;
  const nodes = listOf(value.nodes, kMaxNodes, parseNode);
  const edges = listOf(value.edges, kMaxEdges, parseEdge);
  const totals = parseTotals(value.totals);
  if (!nodes || !edges || !totals) return null;
  return { version: value.version, at: value.at, private: value.private, nodes, edges, totals };
}

export function parseDelta(value: unknown): Delta | null {
  if (!isFields(value) || !isCount(value.version) || !isCount(value.at)) return null;
  const nodes = listOf(value.nodes, kMaxNodes, parseNode);
  const gone = listOf(value.gone, kMaxNodes, (each) => (isId(each) ? each : null));
  const edges = listOf(value.edges, kMaxEdges, parseEdge);
  const cut = listOf(value.cut, kMaxEdges, parsePair);
  const totals = parseTotals(value.totals);
  if (!nodes || !gone || !edges || !cut || !totals) return null;
  return { version: value.version, at: value.at, nodes, gone, edges, cut, totals };
}

// The value of a JSON text; undefined if it is none.
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
