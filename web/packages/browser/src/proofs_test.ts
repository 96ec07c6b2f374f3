// The specification of the browser volunteer names tests and constants: they are there, and say the same.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const kTop = fileURLToPath(new URL('../../../../', import.meta.url));

// Cells of its rows that have as many.
async function rows(cells: number): Promise<string[][]> {
  const text = await readFile(`${kTop}docs/spec/17-browser-volunteer.md`, 'utf8');
  const tables = text.split('\n').filter((line) => line.startsWith('|') && !line.startsWith('|---'));
  return tables
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
    .filter((row) => row.length === cells);
}

test('each promise of a browser volunteer is shown by a test that there is', async () => {
  const promises = (await rows(4)).filter(([, , file]) => /\.(ts|py|cpp)$/.test(file ?? ''));
  assert.ok(promises.length > 15, `${promises.length}`);
  for (const [, promise, file, words] of promises) {
    const text = await readFile(kTop + file, 'utf8');
    assert.ok(words && text.includes(words), `${promise}: nothing in ${file} is called ${words}`);
  }
});

test('its constants have the values that are written down', async () => {
  const constants = (await rows(4)).filter(([id]) => /^BRV-[TB]\d+$/.test(id ?? ''));
  assert.ok(constants.length >= 6, `${constants.length}`);
  for (const [id, at, value] of constants) {
    const [file, name] = (at ?? '').split(':');
    const text = await readFile(`${kTop}web/packages/${file}`, 'utf8');
    const [, is] = new RegExp(`const ${name} = ([\\d_ *]+);`).exec(text) ?? assert.fail(`${id}: no ${name} in ${file}`);
    const number = (is ?? '').split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1);
    assert.equal(number, Number(value), `${id}, ${name}`);
  }
});
