// Kept: all that the extension stores, as one value, so that it is never half of one moment and half of another. It lives
// through kills, restarts and updates. What does not parse counts as never stored: off, and nothing agreed to.
import { kConsentVersion } from '@footbridge/frame/consent';
import { type Helped, readHelped } from './helped.js';
import { readSettings, type Settings } from './settings.js';

export const kPauseMs = 3_600_000;
export const kNotifyEveryMs = 600_000; // a notification is a disturbance: not one for each person on a busy day
export const kUpdateJitterMs = 3_600_000; // volunteers of one network must not all leave at once

export interface Kept {
  consent: { version: number; time: number } | null; // Unix milliseconds; to a text that has changed since: null
  on: boolean; // what the person wants
  lapsed: boolean; // it was on, by consent to a text that has changed since: he is to be asked again
  pausedUntil: number | null; // Unix milliseconds
  notifiedAt: number | null; // Unix milliseconds; when it last told of somebody who came
  updateAt: number | null; // an update waits until then; once it is past, for those who are helped to go
  // The network says that helping may be dangerous here. asked: nobody is asked for until he has decided.
  risk: 'asked' | 'accepted' | null;
  settings: Settings;
  helped: Helped;
  record: string | null; // the relay's own, hexadecimal: by it a person counts once, and an allowance is used up once
  // Of this installation, hexadecimal: the broker knows a volunteer that proved itself by the key, and pairs nobody with
  // himself by the tag. Made when it is first switched on.
  identity: { selfTag: string; key: string } | null;
}

function moment(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : null;
}

function isHex(value: unknown, bytes: number): value is string {
  return typeof value === 'string' && value.length === 2 * bytes && /^[0-9a-f]*$/.test(value);
}

export function readKept(value: unknown): Kept {
  const fields = (value ?? {}) as Record<string, unknown>;
  const { consent, on, lapsed, settings, helped, record, identity } = fields;
  const { version, time } = (consent ?? {}) as Record<string, unknown>;
  const { selfTag, key } = (identity ?? {}) as Record<string, unknown>;
  const agreed = version === kConsentVersion;
  return {
    consent: agreed ? { version: kConsentVersion, time: moment(time) ?? 0 } : null,
    on: agreed && on === true,
    lapsed: !agreed && (lapsed === true || (on === true && moment(version) !== null)),
    pausedUntil: moment(fields.pausedUntil),
    notifiedAt: moment(fields.notifiedAt),
    updateAt: moment(fields.updateAt),
    risk: agreed && (fields.risk === 'asked' || fields.risk === 'accepted') ? fields.risk : null,
    settings: readSettings(settings),
    helped: readHelped(helped),
    record: typeof record === 'string' && /^([0-9a-f]{2})*$/.test(record) ? record : null,
    identity: isHex(selfTag, 16) && isHex(key, 32) ? { selfTag, key } : null,
  };
}

// A clock that is set back leaves no moment later than it can have been chosen.
export function dropImpossible(kept: Kept, now: number): void {
  if (kept.pausedUntil !== null && kept.pausedUntil > now + kPauseMs) kept.pausedUntil = null;
  if (kept.notifiedAt !== null && kept.notifiedAt > now) kept.notifiedAt = null;
  if (kept.updateAt !== null && kept.updateAt > now + kUpdateJitterMs) kept.updateAt = null;
}
