// Counts some of which netstate does not tell ("fewer than 8"): a sum says what is known and how many are not.
import { kFewerThan } from '../feed/messages.js';

export interface Sum {
  known: number;
  few: number; // how many of the counts in it are fewer than eight
}

export const kNothing: Readonly<Sum> = { known: 0, few: 0 };

export function add(sum: Sum, count: number | null): Sum {
  return count === null ? { known: sum.known, few: sum.few + 1 } : { known: sum.known + count, few: sum.few };
}

export function sumText({ known, few }: Sum): string {
  if (few === 0) return numberText(known);
  if (known === 0) return few === 1 ? `fewer than ${kFewerThan}` : `fewer than ${kFewerThan} each`;
  return `${numberText(known)}+`;
}

export function countText(count: number | null): string {
  return count === null ? `fewer than ${kFewerThan}` : numberText(count);
}

// What stands in a group of nodes that the page itself has counted: in public no group smaller than eight is told by its number.
export function groupText(count: number, isPrivate: boolean): string {
  return !isPrivate && count > 0 && count < kFewerThan ? `fewer than ${kFewerThan}` : numberText(count);
}

const kNumbers = new Intl.NumberFormat('en');

export function numberText(count: number): string {
  return kNumbers.format(count);
}

const kUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

export function rateText(bytesPerSecond: number): string {
  let value = bytesPerSecond;
  let unit = 0;
  while (value >= 1000 && unit < kUnits.length - 1) {
    value /= 1000;
    ++unit;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${kUnits[unit]}/s`;
}
