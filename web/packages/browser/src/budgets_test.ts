// What a page with a widget fetches stays small: each file as a web server compresses it, with all that it loads at once.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const kBuilt = fileURLToPath(new URL('../../../../build/web/', import.meta.url));
const kWidgetKb = 15; // all that the embedding page loads
const kGlobeKb = 40; // when it is first shown
const kFrameKb = 60; // before any language but English, with all scripts that carry

async function compressedKb(file: string): Promise<number> {
  return gzipSync(await readFile(kBuilt + file), { level: 9 }).length / 1000;
}

// A file and what it imports when it is loaded, by their names in build/web.
async function withImports(file: string): Promise<string[]> {
  const text = await readFile(kBuilt + file, 'utf8');
  const named = [...text.matchAll(/(?:from|import)\s*"\.\/((?:chunks\/)?chunk-[\w-]+\.js)"/g)].map(
    ([, name]) => `chunks/${name?.replace('chunks/', '')}`,
  );
  return [...new Set([file, ...named])];
}

test('the widget is one small file', async () => {
  assert.deepEqual(await withImports('widget.js'), ['widget.js']);
  assert.ok((await compressedKb('widget.js')) <= kWidgetKb);
});

test('the globe, with its map, is a small file of its own', async () => {
  const globes = (await readdir(`${kBuilt}chunks`)).filter((name) => name.startsWith('globe_view-'));
  assert.equal(globes.length, 1);
  assert.ok((await compressedKb(`chunks/${globes[0]}`)) <= kGlobeKb);
  assert.ok(!(await readFile(`${kBuilt}frame.js`, 'utf8')).includes('arcs'), 'the map is in the frame');
});

test('the frame is small', async () => {
  const files = await withImports('frame.js');
  assert.ok(files.length > 1, 'its imports were not found');
  const engine = (await readdir(`${kBuilt}chunks`)).filter((name) => name.startsWith('engine-'));
  assert.equal(engine.length, 1, 'what carries is fetched by itself');
  const carrying = await Promise.all([`chunks/${engine[0]}`, 'worker.js'].map(withImports));
  const sizes = await Promise.all([...new Set([...files, ...carrying.flat()])].map(compressedKb));
  assert.ok(sizes.reduce((sum, size) => sum + size) <= kFrameKb, `${sizes}`);
});
