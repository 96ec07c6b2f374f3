// What the relay frame and whoever shows it (widget, extension, page) say to each other: status outwards, commands
// inwards. Both cross origins, so both are parsed: what does not fit is null, and is to be dropped without a word.
// Nothing here names a person: countries are two letters, and they, people and bytes are counts.

export type RelayState = 'off' | 'starting' | 'waiting' | 'helping' | 'paused' | 'unavailable';

// How well people elsewhere can reach this browser, as far as it can find out. open: no address translation;
// moderate: one port for everybody; restricted: another port for each destination; no-udp: nothing gets out, or WebRTC is
// shut; unknown: not measured, or too little was answered.
export type RelayNetwork = 'open' | 'moderate' | 'restricted' | 'no-udp' | 'unknown';

// How many people are in one country, as their matches said: nobody looks up where anybody is.
export interface CountryCount {
  country: string; // ISO 3166-1 alpha-2, upper case, or kUnknownCountry
  people: number; // 1 to kMaxPeople
}

export interface RelayStatus {
  // helping: somebody's bytes may pass. waiting: the broker knows of us and has nobody for us now.
  state: RelayState;
  // Why it is off, paused or unavailable: a stable identifier, not a sentence.
  reason?: string;
  helpingNow: number;
  // People since midnight of this machine, earlier visits included.
  helpedToday: number;
  // Towards the internet, and back, since the relay was loaded.
  bytesUp: number;
  bytesDown: number;
  // Of the people who are helped now, each country once.
  countries: CountryCount[];
  // People who are connected and have nothing to carry at the moment: not part of helpingNow.
  standbyNow?: number;
  // Paused: when that ends by itself; else: when the hours end. On the clock of this machine's wall, '2026-11-21T18:00:00'.
  changesAt?: string;
  record?: RelayRecord;
  // What was kept of earlier visits could not be read: of an allowance, as much counts as used as must be feared.
  recordLost?: boolean;
  // Missing: it was not looked at yet.
  network?: RelayNetwork;
  // Missing: nobody has said for some seconds that he looks (`watch`), or it is off.
  line?: RelayLine;
  // Whether it tells the network's map (netstate) how it is. Missing: there is none to tell, or this browser cannot.
  reports?: boolean;
}

// Of a relay that is off and has done nothing.
export const kNothing: RelayStatus = {
  state: 'off',
  helpingNow: 0,
  helpedToday: 0,
  bytesUp: 0,
  bytesDown: 0,
  countries: [],
};

// Of this visit and the earlier ones. A person with several connections, or who is back within an hour, counts once; after a
// reload or a failure of ours the same one counts again, as nothing is kept of who it was.
export interface RelayRecord {
  helpedToday: number; // people, since midnight of this machine
  helped: number; // people ever
  upToday: number; // bytes, towards the internet
  downToday: number;
  up: number;
  down: number;
  thisMonth: number; // both ways, as an allowance counts them
}

// What passes now, for who looks.
export interface RelayLine {
  upPerSecond: number; // bytes, towards the internet
  downPerSecond: number;
  roundTripMs: number | null; // to those who are helped, on the average; null: not known
  links: number; // of those who are helped
  runningSeconds: number; // since it was switched on
  restarts: number; // of the core, since the relay was loaded
}

// A stretch of the week, by the clock on this machine's wall.
export interface RelayHours {
  days: number; // bit 0: Monday … bit 6: Sunday; on which it begins
  from: number; // minutes after midnight, up to 1439
  until: number; // the same, up to 1440; not after `from`: of the next day. Never equal to it
}

export interface RelayLimits {
  // People at once, 1 to kMaxPeople.
  people: number;
  // Bytes per second in each direction; null: no limit.
  bytesPerSecond: number | null;
  // Carried, both ways together, before nobody new may come until midnight, or the first of the month; null: no limit.
  bytesPerDay: number | null;
  bytesPerMonth: number | null;
  // When people may come, at most kMaxHours; none: always.
  hours: RelayHours[];
}

// resume: ends a pause for a slow line. watch: somebody looks, for the next seconds. evenIfRisky: a person was warned that helping
// may be dangerous where he is ('risky-place'), and wants to. setReports: whether he wants the network's map to be told how it is.
export type RelayCommand =
  | { command: 'start'; evenIfRisky?: boolean }
  | { command: 'stop' | 'resume' | 'watch' }
  | { command: 'setLimits'; limits: RelayLimits }
  | { command: 'setReports'; on: boolean };

export const kMaxPeople = 10; // slots that one volunteer may offer
export const kMaxHours = 14; // two stretches on each day of the week
export const kMinBytesPerSecond = 16_384; // less would time out rather than help
export const kMaxReasonChars = 64;
export const kUnknownCountry = '??';
export const kDefaultLimits: RelayLimits = {
  people: 3,
  bytesPerSecond: null,
  bytesPerDay: null,
  bytesPerMonth: null,
  hours: [],
};
const kCommands = ['start', 'stop', 'resume', 'watch'] as const;
const kDayMinutes = 1440;

const kStates: readonly RelayState[] = ['off', 'starting', 'waiting', 'helping', 'paused', 'unavailable'];
const kNetworks: readonly RelayNetwork[] = ['open', 'moderate', 'restricted', 'no-udp', 'unknown'];

type Fields = Record<string, unknown>;

function fieldsOf(message: unknown): Fields | null {
  return typeof message === 'object' && message !== null && !Array.isArray(message) ? (message as Fields) : null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseCountry(message: unknown): CountryCount | null {
  const { country, people } = fieldsOf(message) ?? {};
  if (typeof country !== 'string' || !(/^[A-Z]{2}$/.test(country) || country === kUnknownCountry)) return null;
  return isCount(people) && people >= 1 && people <= kMaxPeople ? { country, people } : null;
}

// No more than there can be people; each country once.
function parseCountries(message: unknown): CountryCount[] | null {
  if (!Array.isArray(message) || message.length > kMaxPeople) return null;
  const counts = message.map(parseCountry).filter((each) => each !== null);
  return new Set(counts.map(({ country }) => country)).size === message.length ? counts : null;
}

export function parseHours(message: unknown): RelayHours | null {
  const { days, from, until } = fieldsOf(message) ?? {};
  if (!isCount(days) || days < 1 || days > 127) return null;
  if (!isCount(from) || from >= kDayMinutes || !isCount(until) || until > kDayMinutes || from === until) return null;
  return { days, from, until };
}

function isAllowance(value: unknown): value is number | null {
  return value === null || isCount(value);
}

export function parseLimits(message: unknown): RelayLimits | null {
  const { people, bytesPerSecond, bytesPerDay, bytesPerMonth, hours } = fieldsOf(message) ?? {};
  if (!isCount(people) || people < 1 || people > kMaxPeople) return null;
  if (bytesPerSecond !== null && !(isCount(bytesPerSecond) && bytesPerSecond >= kMinBytesPerSecond)) return null;
  if (!isAllowance(bytesPerDay) || !isAllowance(bytesPerMonth)) return null;
  if (!Array.isArray(hours) || hours.length > kMaxHours) return null;
  const stretches = hours.map(parseHours);
  if (!stretches.every((each) => each !== null)) return null;
  return { people, bytesPerSecond, bytesPerDay, bytesPerMonth, hours: stretches };
}

// What was stored by another version, or is torn, field by field: a strange one becomes what nobody has set.
export function readLimits(value: unknown): RelayLimits {
  const said = fieldsOf(value) ?? {};
  let out = kDefaultLimits;
  for (const name of Object.keys(kDefaultLimits)) out = parseLimits({ ...out, [name]: said[name] }) ?? out;
  return out;
}

export function parseCommand(message: unknown): RelayCommand | null {
  const { command, limits, evenIfRisky, on } = fieldsOf(message) ?? {};
  if (command === 'start' && evenIfRisky === true) return { command, evenIfRisky };
  const simple = kCommands.find((known) => known === command);
  if (simple) return { command: simple };
  if (command === 'setReports') return typeof on === 'boolean' ? { command, on } : null;
  if (command !== 'setLimits') return null;
  const parsed = parseLimits(limits);
  return parsed && { command, limits: parsed };
}

const kRecordFields = ['helpedToday', 'helped', 'upToday', 'downToday', 'up', 'down', 'thisMonth'] as const;

function parseRecord(message: unknown): RelayRecord | null {
  const said = fieldsOf(message) ?? {};
  if (!kRecordFields.every((name) => isCount(said[name]))) return null;
  return Object.fromEntries(kRecordFields.map((name) => [name, said[name]])) as unknown as RelayRecord;
}

function parseLine(message: unknown): RelayLine | null {
  const { upPerSecond, downPerSecond, roundTripMs, links, runningSeconds, restarts } = fieldsOf(message) ?? {};
  if (!isCount(upPerSecond) || !isCount(downPerSecond) || !isAllowance(roundTripMs)) return null;
  if (!isCount(links) || !isCount(runningSeconds) || !isCount(restarts)) return null;
  return { upPerSecond, downPerSecond, roundTripMs, links, runningSeconds, restarts };
}

// What a status may have; null: something of it does not fit.
function parseExtras(message: unknown): Partial<RelayStatus> | null {
  const { standbyNow, changesAt, record, recordLost, network, line, reports } = fieldsOf(message) ?? {};
  const out: Partial<RelayStatus> = {};
  if (standbyNow !== undefined) {
    if (!isCount(standbyNow)) return null;
    out.standbyNow = standbyNow;
  }
  if (changesAt !== undefined) {
    if (typeof changesAt !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(changesAt)) return null;
    out.changesAt = changesAt;
  }
  if (record !== undefined) {
    const parsed = parseRecord(record);
    if (parsed === null) return null;
    out.record = parsed;
  }
  if (recordLost !== undefined) {
    if (typeof recordLost !== 'boolean') return null;
    out.recordLost = recordLost;
  }
  if (network !== undefined) {
    const known = kNetworks.find((name) => name === network);
    if (known === undefined) return null;
    out.network = known;
  }
  if (line !== undefined) {
    const parsed = parseLine(line);
    if (parsed === null) return null;
    out.line = parsed;
  }
  if (reports !== undefined) {
    if (typeof reports !== 'boolean') return null;
    out.reports = reports;
  }
  return out;
}

export function parseStatus(message: unknown): RelayStatus | null {
  const { state, reason, helpingNow, helpedToday, bytesUp, bytesDown, countries } = fieldsOf(message) ?? {};
  const known = kStates.find((name) => name === state);
  if (known === undefined) return null;
  if (!isCount(helpingNow) || !isCount(helpedToday) || !isCount(bytesUp) || !isCount(bytesDown)) return null;
  const counts = parseCountries(countries);
  const extras = parseExtras(message);
  if (counts === null || extras === null) return null;
  const status: RelayStatus = {
    state: known,
    helpingNow,
    helpedToday,
    bytesUp,
    bytesDown,
    countries: counts,
    ...extras,
  };
  if (reason === undefined) return status;
  if (typeof reason !== 'string' || !new RegExp(`^[a-z-]{1,${kMaxReasonChars}}$`).test(reason)) return null;
  return { ...status, reason };
}
