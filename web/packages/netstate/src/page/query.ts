// Query: who is looked for. Words are found in the id, the tag, the country's code and name, the role and the state; all of them must be.
import { kRoles, kStates, type NodeFacts, type NodeState, type Role } from '../feed/messages.js';

export interface Query {
  text: string;
  role: Role | '';
  state: NodeState | '';
  country: string; // empty: any
}

export const kEverybody: Readonly<Query> = { text: '', role: '', state: '', country: '' };

export function isEverybody({ text, role, state, country }: Query): boolean {
  return text.trim() === '' && role === '' && state === '' && country === '';
}

export function queryOf(fields: Record<keyof Query, string>): Query {
  return {
    text: fields.text.slice(0, 64),
    role: kRoles.find((role) => role === fields.role) ?? '',
    state: kStates.find((state) => state === fields.state) ?? '',
    country: fields.country,
  };
}

export function matches(node: NodeFacts, { text, role, state, country }: Query): boolean {
  if (role !== '' && node.role !== role) return false;
  if (state !== '' && node.state !== state) return false;
  if (country !== '' && node.country !== country) return false;
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  const all = [node.id, node.tag ?? '', node.country, countryName(node.country), node.role, node.state];
  const said = all.join(' ').toLowerCase();
  return wanted.split(/\s+/).every((word) => said.includes(word));
}

const kNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });
const known = new Map<string, string>();

export function countryName(country: string): string {
  if (country === 'other') return 'Other countries';
  if (country === '??') return 'Unknown';
  let name = known.get(country);
  if (name === undefined) {
    name = kNames.of(country) ?? country;
    known.set(country, name);
  }
  return name;
}
