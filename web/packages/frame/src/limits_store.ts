// What the visitor has limited, kept between visits where the box is a page by itself. In other people's pages, and where the
// browser refuses, it holds as long as the page does: save() says which.
import { type RelayLimits, readLimits } from '@footbridge/protocol';

const kKey = 'footbridge-limits';

type Box = Pick<Storage, 'getItem' | 'setItem'>;

export class LimitsStore {
  readonly #box: () => Box; // throws where nothing may be kept

  constructor(box: () => Box) {
    this.#box = box;
  }

  load(): RelayLimits {
    try {
      return readLimits(JSON.parse(this.#box().getItem(kKey) ?? 'null'));
    } catch {
      return readLimits(null);
    }
  }

  // False: it is not kept.
  save(limits: RelayLimits): boolean {
    try {
      this.#box().setItem(kKey, JSON.stringify(limits));
      return true;
    } catch {
      return false;
    }
  }
}

// `own`: the box is a page by itself.
export function limitsStore(own: boolean): LimitsStore {
  return new LimitsStore(() => {
    if (!own) throw new Error('nothing is kept in a page of others');
    return window.localStorage;
  });
}
