// Where the volunteer's record is kept between visits: a small text that nobody but the core reads. Storage may be refused,
// as in a frame on somebody else's page, or full: then it lives as long as the page does.
export interface Keeper {
  // What was kept last; null: nothing.
  load(): Promise<Uint8Array | null>;
  save(record: Uint8Array): void;
  // The volunteer has stopped: others may have the record until the next load().
  release(): void;
}

// Gives the record back; ends when others can have it.
export type Release = () => Promise<unknown>;

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
    release() {},
  };
}

// null: another tab of this origin has it. Where a browser has no locks nobody can tell.
function claimRecord(): Promise<Release | null> {
  const { locks } = globalThis.navigator ?? {};
  if (!locks) return Promise.resolve(() => Promise.resolve());
  return new Promise((known, failed) => {
    const held = (lock: Lock | null) =>
      new Promise<void>((free) => {
        if (lock === null) free();
        known(
          lock &&
            (() => {
              free();
              return over;
            }),
        );
      });
    const over = locks.request(kKey, { ifAvailable: true }, held);
    over.catch(failed);
  });
}

// Of several tabs one has the record while it relays, so that none undoes what another has counted, and an allowance that one has
// used is used in the next. Whoever relays without it keeps his own as long as he lives. Nothing is kept for long before load().
// `storage` is asked each time, because asking may throw, too.
export function storageKeeper(
  storage: () => Pick<Storage, 'getItem' | 'setItem'> = () => localStorage,
  claim: () => Promise<Release | null> = claimRecord,
): Keeper {
  const here = memoryKeeper();
  let text: string | null = null; // as this tab has read or written it last
  let claimed: Promise<Release | null> | null = null;
  let given: Promise<unknown> = Promise.resolve(); // what this tab has given back is there again
  let mine = false;
  let late = false; // it was until the volunteer stopped, whose last word is on its way

  return {
    async load() {
      late = false;
      claimed ??= given.then(claim);
      const asked = claimed;
      try {
        const got = (await asked) !== null;
        if (claimed !== asked) return here.load(); // given back meanwhile
        mine = got;
        if (!mine) claimed = null;
        const found = mine ? storage().getItem(kKey) : null;
        if (found !== null && found !== text) here.save(toBytes(found));
        text = found ?? text;
      } catch {
        if (claimed === asked && !mine) claimed = null;
      }
      return here.load();
    },
    save(record) {
      here.save(record);
      try {
        if (!mine && !(late && storage().getItem(kKey) === text)) return; // another tab has counted since
        const next = toText(record);
        storage().setItem(kKey, next);
        text = next;
      } catch {
        // kept here, for as long as this page lives
      }
    },
    release() {
      late = mine;
      mine = false;
      given = claimed?.then((release) => release?.()).catch(() => {}) ?? given;
      claimed = null;
    },
  };
}
