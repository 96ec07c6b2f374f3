// What a page that relays is told by a file beside it: brokers and relays of its network. Keys are hexadecimal there.
import type { VolunteerConfig, Way } from '@footbridge/core';
import { kMaxReporterChainBytes, type NetstateConfig } from './netstate_config.js';

export interface RelayConfig {
  volunteer: Omit<VolunteerConfig, keyof Installation | 'evenIfRisky'>;
  iceServers: RTCIceServer[];
  netstate: NetstateConfig | null; // null: nobody is to be told anything
}

// Who the volunteer is: which the file does not say, as it is one file for all.
export type Installation = Pick<VolunteerConfig, 'form' | 'selfTag' | 'key'>;

type Fields = Record<string, unknown>;

const kMostListed = 64;
const kNameBytes = 16;

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object');
  return value as Fields;
}

function list<T>(value: unknown, each: (item: unknown) => T): T[] {
  if (!Array.isArray(value) || value.length > kMostListed) throw new TypeError('not a list, or too long');
  return value.map(each);
}

function url(value: unknown, ...schemes: string[]): string {
  if (typeof value !== 'string' || !schemes.includes(new URL(value).protocol)) throw new TypeError('not such a URL');
  return value;
}

function hex(value: unknown, least: number, most = least): Uint8Array {
  if (typeof value !== 'string' || !/^([0-9a-f]{2})*$/.test(value)) throw new TypeError('not hexadecimal');
  if (value.length < 2 * least || value.length > 2 * most) throw new TypeError('too short, or too long');
  return Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function key(value: unknown): Uint8Array {
  return hex(value, 32);
}

function second(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new TypeError('not a time');
  return value as number;
}

function way(value: unknown): Way {
  const { url: at, secret, keys } = fields(value);
  const out: Way = { url: url(at, 'https:', 'http:') };
  if (secret === undefined) return out;
  const read = (each: unknown) => {
    const { x25519, from, until } = fields(each);
    return { x25519: key(x25519), from: second(from), until: second(until) };
  };
  return { ...out, seal: { secret: key(secret), keys: list(keys, read) } };
}

function netstate(value: unknown, onOneMachine: boolean): NetstateConfig {
  const said = fields(value);
  const names = Object.entries(fields(said.names));
  return {
    url: url(said.url, 'https:', ...(onOneMachine ? ['http:'] : [])),
    key: key(said.key),
    chain: hex(said.chain, 1, kMaxReporterChainBytes),
    names: new Map(names.slice(0, kMostListed).map(([relay, name]) => [relay, hex(name, kNameBytes)])),
  };
}

// Throws TypeError where the file is not what it should be: then nothing is started.
export function parseConfig(value: unknown): RelayConfig {
  const { brokers, relays, stun, allowPrivate, netstate: told } = fields(value);
  const onOneMachine = allowPrivate === true;
  const ways = list(brokers, way);
  const sealed = ways.filter((each) => each.seal !== undefined).length;
  if (ways.length === 0 || (sealed !== 0 && sealed !== ways.length)) throw new TypeError('some brokers are not sealed');
  return {
    volunteer: {
      relays: list(relays, (each) => url(each, 'wss:', ...(onOneMachine ? ['ws:'] : []))),
      ways,
      allowPrivate: onOneMachine,
    },
    iceServers: list(stun ?? [], (each) => ({ urls: url(each, 'stun:') })),
    netstate: told === undefined ? null : netstate(told, onOneMachine),
  };
}
