// Where the volunteer's record is kept between visits: a small text that nobody but the core reads. Storage may be refused,
// as in a frame on somebody else's page, or full: then it lives as long as the page does.
export interface Keeper {
  // What was kept last; null: nothing.
  load(): Promise<Uint8Array | null>;
  save(record: Uint8Array): void;
}

const kKey = 'footbridge-record';

// Strange text is a strange record: the core says what that means.
function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function toText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// For as long as its owner lives.
export function memoryKeeper(): Keeper {
  let kept: Uint8Array | null = null;
  return {
    async load() {
      return kept;
    },
    save(record) {
      kept = record;
    },
  };
}

// True for one tab of this origin, until it is gone; true where a browser has no locks, as nobody can tell there.
function claimRecord(): Promise<boolean> {
  const { locks } = globalThis.navigator ?? {};
  if (!locks) return Promise.resolve(true);
  return new Promise((known, failed) => {
    const held = (lock: Lock | null) => {
      known(lock !== null);
      return lock === null ? Promise.resolve() : new Promise<void>(() => {});
    };
    locks.request(kKey, { ifAvailable: true }, held).catch(failed);
  });
}

// Of several tabs one has the record, so that none undoes what another has counted; the others keep theirs as long as they live.
// Nothing is kept for long before load(). `storage` is asked each time, because asking may throw, too.
export function storageKeeper(
  storage: () => Pick<Storage, 'getItem' | 'setItem'> = () => localStorage,
  claim: () => Promise<boolean> = claimRecord,
): Keeper {
  const here = memoryKeeper();
  let claimed: Promise<boolean> | undefined;
  let mine = false;
  return {
    async load() {
      try {
        claimed ??= claim();
        mine = await claimed;
        const text = mine ? storage().getItem(kKey) : null;
        return text === null ? here.load() : toBytes(text);
      } catch {
        return here.load();
      }
    },
    save(record) {
      here.save(record);
      if (!mine) return;
      try {
        storage().setItem(kKey, toText(record));
      } catch {
        // kept here, for as long as this page lives
      }
    },
  };
}
