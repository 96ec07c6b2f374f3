// Whether a visitor wants the network's map to be told how his browser helps, kept between visits where the box is a page by itself. In
// other people's pages nothing is kept, and each visit begins with no.
const kKey = 'footbridge-reports';

type Box = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export class ReportsStore {
  readonly #box: () => Box; // throws where nothing may be kept

  constructor(box: () => Box) {
    this.#box = box;
  }

  load(): boolean {
    try {
      return this.#box().getItem(kKey) === 'yes';
    } catch {
      return false;
    }
  }

  save(on: boolean): void {
    try {
      if (on) this.#box().setItem(kKey, 'yes');
      else this.#box().removeItem(kKey);
    } catch {
      // it holds as long as the page does
    }
  }
}

// `own`: the box is a page by itself.
export function reportsStore(own: boolean): ReportsStore {
  return new ReportsStore(() => {
    if (!own) throw new Error('nothing is kept in a page of others');
    return window.localStorage;
  });
}
