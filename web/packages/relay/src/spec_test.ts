// The tables of docs/spec name constants of this package; the values are the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import * as probe from './network_probe.js';
import * as watch from './network_watch.js';

const kModules: Record<string, object> = { 'network_probe.ts': probe, 'network_watch.ts': watch };
const kRow = /^\| ([A-Z]+-[BT]\d+) \| `(k\w+)` in `web\/packages\/relay\/src\/([\w.]+)` \| (\d+)( s| ms)? \|/gm;
const kMilliseconds: Record<string, number> = { ' s': 1000, ' ms': 1 };

test('what a page asks, and how long it waits, is as its specification says', () => {
  const text = readFileSync(new URL('../../../../docs/spec/13-nat-discovery.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(kRow)];
  assert.equal(rows.length, 4);
  for (const [, id, name = '', file = '', value, unit = ''] of rows) {
    const constants = Object.entries(kModules[file] ?? {});
    const [, found] = constants.find(([each]) => each === name) ?? [];
    assert.equal(found, Number(value) * (kMilliseconds[unit] ?? 1), id);
  }
});
