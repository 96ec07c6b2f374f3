// What the relay frame and whoever shows it (widget, extension, page) say to each other: status outwards, commands
// inwards. Both cross origins, so both are parsed: what does not fit is null, and is to be dropped without a word.
// Nothing here names a person: countries are two letters, people and bytes are counts.

export type RelayState = 'off' | 'starting' | 'waiting' | 'helping' | 'paused' | 'unavailable';

export interface RelayStatus {
  // helping: somebody's bytes may pass. waiting: the broker knows of us and has nobody for us now.
  state: RelayState;
  // Why it is off, paused or unavailable: a stable identifier, not a sentence.
  reason?: string;
  helpingNow: number;
  // People since the relay was loaded, or since midnight of this machine if that is later.
  helpedToday: number;
  // Towards the internet, and back, since the relay was loaded.
  bytesUp: number;
  bytesDown: number;
  // ISO 3166-1 alpha-2, upper case, without repetition, as the match said; of people who are helped now.
  countries: string[];
}

export interface RelayLimits {
  // People at once, 1 to kMaxPeople.
  people: number;
  // Bytes per second in each direction; null: no limit.
  bytesPerSecond: number | null;
}

export type RelayCommand = { command: 'start' } | { command: 'stop' } | { command: 'setLimits'; limits: RelayLimits };

export const kMaxPeople = 10; // slots that one volunteer may offer
export const kMinBytesPerSecond = 16_384; // less would time out rather than help
export const kMaxReasonChars = 64;
export const kMaxCountries = 250; // there are not more

const kStates: readonly RelayState[] = ['off', 'starting', 'waiting', 'helping', 'paused', 'unavailable'];

type Fields = Record<string, unknown>;

function fieldsOf(message: unknown): Fields | null {
  return typeof message === 'object' && message !== null && !Array.isArray(message) ? (message as Fields) : null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCountry(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z]{2}$/.test(value);
}

export function parseLimits(message: unknown): RelayLimits | null {
  const { people, bytesPerSecond } = fieldsOf(message) ?? {};
  if (!isCount(people) || people < 1 || people > kMaxPeople) return null;
  if (bytesPerSecond !== null && !(isCount(bytesPerSecond) && bytesPerSecond >= kMinBytesPerSecond)) return null;
  return { people, bytesPerSecond };
}

export function parseCommand(message: unknown): RelayCommand | null {
  const { command, limits } = fieldsOf(message) ?? {};
  if (command === 'start' || command === 'stop') return { command };
  if (command !== 'setLimits') return null;
  const parsed = parseLimits(limits);
  return parsed && { command, limits: parsed };
}

export function parseStatus(message: unknown): RelayStatus | null {
  const { state, reason, helpingNow, helpedToday, bytesUp, bytesDown, countries } = fieldsOf(message) ?? {};
  const known = kStates.find((name) => name === state);
  if (known === undefined) return null;
  if (!isCount(helpingNow) || !isCount(helpedToday) || !isCount(bytesUp) || !isCount(bytesDown)) return null;
  if (!Array.isArray(countries) || countries.length > kMaxCountries || !countries.every(isCountry)) return null;
  const status: RelayStatus = { state: known, helpingNow, helpedToday, bytesUp, bytesDown, countries: [...countries] };
  if (reason === undefined) return status;
  if (typeof reason !== 'string' || !new RegExp(`^[a-z-]{1,${kMaxReasonChars}}$`).test(reason)) return null;
  return { ...status, reason };
}
