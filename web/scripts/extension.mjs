// Packs the extension for one network:
//     node scripts/extension.mjs --config FILE [--out FOLDER] [--gecko-id ID]
// FILE is the network's config.json; FOLDER (build/extension) gets footbridge-chrome.zip and footbridge-firefox.zip, and both
// unpacked beside them. The same FILE makes the same bytes. docs/ops/extension.md says more.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const kMostBytes = 400_000; // of a zip
const kGeckoId = /^[\w.-]+@[\w.-]+$/;

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

function fail(...lines) {
  for (const line of lines) console.error(`extension: ${line}`);
  process.exit(2);
}

function options() {
  const known = { config: { type: 'string' }, out: { type: 'string' }, 'gecko-id': { type: 'string' } };
  try {
    return parseArgs({ options: known }).values;
  } catch (error) {
    return fail(error.message);
  }
}

const {
  config: file,
  out = at('../build/extension'),
  'gecko-id': geckoId = 'volunteer@footbridge.invalid',
} = options();
if (file === undefined)
  fail('--config FILE is missing: the config.json of the network that it helps (make extension CONFIG=FILE)');
if (!kGeckoId.test(geckoId)) fail(`--gecko-id is like volunteer@network.example, and not ${geckoId}`);

const { icons } = await import('../packages/extension/tools/icons.mjs');
const { locales } = await import('../packages/extension/tools/locales.mjs');
const { chromeManifest, firefoxManifest } = await import('../packages/extension/tools/manifest.mjs');
const { zip } = await import('../packages/extension/tools/zip.mjs');
const { kLanguages } = await import('../packages/frame/build/strings/strings.js');
const { wordsOf } = await import('../packages/extension/build/words/words.js');
const { parseConfig } = await import('../packages/relay/build/index.js');

function readConfig() {
  try {
    const config = JSON.parse(readFileSync(file, 'utf8'));
    parseConfig(config);
    return config;
  } catch (error) {
    return fail(`${file} is not a network's config.json: ${error.message}`);
  }
}

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => [path.slice(folder.length + 1), readFileSync(path)]);
}

const json = (value) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

function pack(browser, manifest, common) {
  const files = [...common, ...filesOf(at(`../build/extension/parts/${browser}`)), ['manifest.json', json(manifest)]];
  const folder = join(out, browser);
  rmSync(folder, { recursive: true, force: true });
  for (const [name, content] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const packed = zip(files.map(([name, content]) => [name, Buffer.from(content)]));
  if (packed.length > kMostBytes) fail(`the one for ${browser} has ${packed.length} bytes, over ${kMostBytes}`);
  const path = join(out, `footbridge-${browser}.zip`);
  writeFileSync(path, packed);
  console.log(`${path}: ${packed.length} bytes`);
}

const config = readConfig();
const { version } = JSON.parse(readFileSync(at('packages/extension/package.json'), 'utf8'));
const common = [
  ...filesOf(at('../build/extension/parts/shared')),
  ...icons(),
  ...locales(kLanguages, wordsOf),
  ['config.json', json(config)],
];
pack('chrome', chromeManifest(config, { version }), common);
pack('firefox', firefoxManifest(config, { version, geckoId }), common);
