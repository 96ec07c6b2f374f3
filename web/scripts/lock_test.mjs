// A lock that was written against a registry without some optional package lacks it, and then `npm ci` refuses all of it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

test('the lock lists every optional package, also of systems that are not this one', async () => {
  const { packages } = JSON.parse(await readFile(new URL('../package-lock.json', import.meta.url), 'utf8'));
  const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  assert.ok(wanted.length > 0);
  const missing = wanted.filter((name) => !(`node_modules/${name}` in packages));
  assert.deepEqual(missing, []);
});
