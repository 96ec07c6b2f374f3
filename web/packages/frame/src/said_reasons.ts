// What a relay says is wrong, and what a network answers it, in the words that people are told; of the rest they are told nothing,
// as it passes.
import type { ReasonKey } from './strings/strings.js';

export const kSaid: Readonly<Record<string, ReasonKey>> = {
  'no-webrtc': 'no-webrtc',
  'not-loaded': 'not-loaded',
  'worker-lost': 'fault',
  'core-broken': 'fault',
  restarted: 'restarted',
  'broker-silent': 'broker-silent',
  'invite-needed': 'invite-needed',
  'invite-over': 'invite-needed',
  'invite-revoked': 'invite-needed',
  'invite-used-up': 'invite-needed',
  unreachable: 'unreachable',
  version: 'version',
  slow: 'slow',
  'risky-place': 'risky-place',
  hours: 'hours',
  'day-used': 'day-used',
  'month-used': 'month-used',
};
