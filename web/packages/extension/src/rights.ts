// Rights that the extension has only while a person wants what they are for. A page of ours asks for one in the very click that
// ticks it; the hub gives it back as soon as nothing needs it, and unticks what the browser has taken away.
import type { Kept } from './kept.js';

export type Right = 'notifications' | 'background';
export const kRights: readonly Right[] = ['notifications', 'background'];

export interface RightsHost {
  // Those of kRights that it has now.
  rights(): Promise<readonly Right[]>;
  giveBack(right: Right): Promise<void>;
}

const kSetting = { notifications: 'notify', background: 'background' } as const;

// A browser that stays without a window stays for who is helped: not while it is off.
function needs(kept: Kept, right: Right): boolean {
  return kept.settings[kSetting[right]] && (right === 'notifications' || kept.on);
}

// Makes settings and rights agree.
export async function settleRights(kept: Kept, host: RightsHost): Promise<void> {
  const had = await host.rights();
  for (const right of kRights) {
    if (had.includes(right) && !needs(kept, right)) await host.giveBack(right);
    if (!had.includes(right) && needs(kept, right)) kept.settings = { ...kept.settings, [kSetting[right]]: false };
  }
}
