// What a host page and the frame in it say to each other, across origins. The host has two words: its wishes for the looks,
// and stop. It has none for starting or agreeing, so neither can be forged. The frame says how high it wants to be, what
// state it is in, and that the host should open the confirmation window. Neither hears where the people helped are from.
// Whatever does not parse is dropped without a word.
import type { RelayState } from '@footbridge/protocol';
import { type Appearance, parseAppearance } from './appearance.js';
import type { Question } from './switch_gate.js';

export type HostMessage = { type: 'appearance'; appearance: Appearance } | { type: 'stop' };

// consent-required: somebody wants it on, and the visitor has not agreed where we can be sure that he saw it.
export type PublicState = RelayState | 'consent-required';

export type FrameMessage =
  | { type: 'size'; height: number }
  | { type: 'state'; state: PublicState; helpingNow: number }
  | { type: 'confirm'; nonce: string; lang: string; question: Question };

export const kMark = 'footbridge/1'; // of every message, so that others on the page's channel are not taken for ours
export const kMaxHeightPx = 4_000; // all that is folded, open in a narrow page; what is higher is scrolled in the frame
export const kMaxShownPeople = 1_000;
const kNonce = /^[0-9a-f]{32}$/;
const kStates: readonly PublicState[] = [
  'off',
  'starting',
  'waiting',
  'helping',
  'paused',
  'unavailable',
  'consent-required',
];

function ours(value: unknown): Record<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Record<string, unknown>;
  return fields.mark === kMark ? fields : null;
}

function isWithin(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

export function isNonce(value: unknown): value is string {
  return typeof value === 'string' && kNonce.test(value);
}

export function marked<T extends HostMessage | FrameMessage>(message: T): T & { mark: string } {
  return { ...message, mark: kMark };
}

export function parseHostMessage(value: unknown): HostMessage | null {
  const fields = ours(value);
  if (fields?.type === 'stop') return { type: 'stop' };
  if (fields?.type !== 'appearance') return null;
  const appearance = parseAppearance(fields.appearance);
  return appearance && { type: 'appearance', appearance };
}

export function parseFrameMessage(value: unknown): FrameMessage | null {
  const fields = ours(value);
  if (!fields) return null;
  if (fields.type === 'size') {
    return isWithin(fields.height, kMaxHeightPx) ? { type: 'size', height: fields.height } : null;
  }
  if (fields.type === 'state') {
    const state = kStates.find((name) => name === fields.state);
    if (!state || !isWithin(fields.helpingNow, kMaxShownPeople)) return null;
    return { type: 'state', state, helpingNow: fields.helpingNow };
  }
  const question = fields.question === 'consent' || fields.question === 'risk' ? fields.question : null;
  if (fields.type === 'confirm' && isNonce(fields.nonce) && typeof fields.lang === 'string' && question) {
    return { type: 'confirm', nonce: fields.nonce, lang: fields.lang, question };
  }
  return null;
}
