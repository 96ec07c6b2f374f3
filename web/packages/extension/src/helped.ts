// What this installation has helped, as the relay said it last: for pages that are opened while no relay runs. The relay counts.
import type { RelayRecord } from '@footbridge/protocol';

export interface Amounts {
  people: number;
  bytesUp: number; // towards the internet
  bytesDown: number;
}

export interface Helped {
  today: Amounts;
  ever: Amounts;
  day: string; // that `today` is of, on the clock of this machine's wall
}

const kNoAmounts: Readonly<Amounts> = { people: 0, bytesUp: 0, bytesDown: 0 };

function dayOf(now: Date): string {
  return `${now.getFullYear()}-${now.getMonth() + 1}-${now.getDate()}`;
}

export function helpedAt(record: RelayRecord, now: Date): Helped {
  return {
    today: { people: record.helpedToday, bytesUp: record.upToday, bytesDown: record.downToday },
    ever: { people: record.helped, bytesUp: record.up, bytesDown: record.down },
    day: dayOf(now),
  };
}

export function todayOf({ today, day }: Helped, now: Date): Amounts {
  return day === dayOf(now) ? today : { ...kNoAmounts };
}

function readAmounts(value: unknown): Amounts {
  const fields = (value ?? {}) as Record<string, unknown>;
  const amount = (part: unknown) => (Number.isSafeInteger(part) && (part as number) >= 0 ? (part as number) : 0);
  return { people: amount(fields.people), bytesUp: amount(fields.bytesUp), bytesDown: amount(fields.bytesDown) };
}

// What is strange counts as nothing.
export function readHelped(value: unknown): Helped {
  const { today, ever, day } = (value ?? {}) as Record<string, unknown>;
  return { today: readAmounts(today), ever: readAmounts(ever), day: typeof day === 'string' ? day : '' };
}
