// Counts: what this installation has carried, ever and today, out of what each relay says of itself since it was loaded. A
// relay that is loaded anew begins at 0; a run tells one from the next.
import type { RelayStatus } from '@footbridge/protocol';

export interface Amounts {
  people: number;
  bytesUp: number; // towards the internet
  bytesDown: number;
}

export interface Counts {
  ever: Amounts;
  today: Amounts;
  day: string; // that `today` is of, in the person's time zone
  last: { run: string } & Amounts; // what was counted already of that run
}

export const kNoAmounts: Readonly<Amounts> = { people: 0, bytesUp: 0, bytesDown: 0 };

const kParts = ['people', 'bytesUp', 'bytesDown'] as const;

export function dayOf(now: Date): string {
  return `${now.getFullYear()}-${now.getMonth() + 1}-${now.getDate()}`;
}

// A person is counted on the day on which he came.
export function count(before: Counts, run: string, status: RelayStatus, now: Date): Counts {
  const said: Amounts = { people: status.helpedToday, bytesUp: status.bytesUp, bytesDown: status.bytesDown };
  const day = dayOf(now);
  const ever = { ...before.ever };
  const today = day === before.day ? { ...before.today } : { ...kNoAmounts };
  for (const part of kParts) {
    const counted = run === before.last.run ? before.last[part] : 0;
    const more = said[part] >= counted ? said[part] - counted : said[part]; // less than before: it began anew, as at midnight
    ever[part] += more;
    today[part] += more;
  }
  return { ever, today, day, last: { run, ...said } };
}

export function todayOf(counts: Counts, now: Date): Amounts {
  return counts.day === dayOf(now) ? counts.today : { ...kNoAmounts };
}

function readAmounts(value: unknown): Amounts {
  const fields = (value ?? {}) as Record<string, unknown>;
  const amount = (part: unknown) => (Number.isSafeInteger(part) && (part as number) >= 0 ? (part as number) : 0);
  return { people: amount(fields.people), bytesUp: amount(fields.bytesUp), bytesDown: amount(fields.bytesDown) };
}

export function readCounts(value: unknown): Counts {
  const { ever, today, day, last } = (value ?? {}) as Record<string, unknown>;
  const run = (last as { run?: unknown } | undefined)?.run;
  return {
    ever: readAmounts(ever),
    today: readAmounts(today),
    day: typeof day === 'string' ? day : '',
    last: { run: typeof run === 'string' ? run : '', ...readAmounts(last) },
  };
}
