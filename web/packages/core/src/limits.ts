// What a volunteer wishes for, and what became of it: hours, allowances, people and bytes. The same as core::Hours,
// core::LimitSettings and core::HelpingRecord; the core decides, these are its words.

// A stretch of the week by the clock on the wall.
export interface Hours {
  days: number; // bit 0: Monday … bit 6: Sunday; on which it begins
  from: number; // minutes after midnight, 0 to 1439
  until: number; // the same, up to 1440; not after `from`: of the next day. Never equal to it
}

export interface LimitSettings {
  hours: Hours[]; // at most kMostHours; none: always
  bytesPerDay: number | null; // carried, both ways together; null: no limit
  bytesPerMonth: number | null;
}

export const kMostHours = 14;
const kDayMinutes = 1440;

export const kNoLimits: LimitSettings = { hours: [], bytesPerDay: null, bytesPerMonth: null };

export function isStretch({ days, from, until }: Hours): boolean {
  const within = (value: number, least: number, most: number) =>
    Number.isSafeInteger(value) && value >= least && value <= most;
  return within(days, 1, 127) && within(from, 0, kDayMinutes - 1) && within(until, 0, kDayMinutes) && from !== until;
}

// The core stops for others.
export function areLimits({ hours, bytesPerDay, bytesPerMonth }: LimitSettings): boolean {
  const isAllowance = (value: number | null) => value === null || (Number.isSafeInteger(value) && value >= 0);
  return hours.length <= kMostHours && hours.every(isStretch) && isAllowance(bytesPerDay) && isAllowance(bytesPerMonth);
}

// Why nobody may come, though it is switched on.
export type Pause = 'none' | 'hours' | 'day-used' | 'month-used';
export const kPauses: readonly Pause[] = ['none', 'hours', 'day-used', 'month-used'];

// What the installation remembers of its help. A person who has several links, or comes back to the same core within an hour, is one.
export interface HelpingRecord {
  helpedToday: number; // people
  helped: number; // people ever
  upToday: number; // bytes from clients, since midnight on the wall
  downToday: number;
  up: number; // bytes ever
  down: number;
  thisMonth: number; // bytes both ways, as the month's allowance counts them
}

// A second on the clock of the wall, as it is written: '2026-11-21T18:00:00', which Date reads as local time.
export function civilText(second: bigint): string {
  return new Date(Number(second) * 1000).toISOString().slice(0, 19);
}
