// What is packed: for whom, with which rights, from where its code comes, and that the same network gives the same bytes.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const kScript = fileURLToPath(new URL('../../../scripts/extension.mjs', import.meta.url));
const kKey = 'ab'.repeat(32);
const kConfig = {
  brokers: [
    { url: 'https://broker.example/path', secret: kKey, keys: [{ x25519: kKey, from: 0, until: 2_000_000_000 }] },
  ],
  relays: ['wss://egress.example/leg', 'wss://egress.example/other'],
  stun: ['stun:stun.example:3478'],
};
const kMostBytes = 400_000;

const folder = mkdtempSync(join(tmpdir(), 'packed-'));
after(() => rmSync(folder, { recursive: true }));
const config = join(folder, 'config.json');
writeFileSync(config, JSON.stringify(kConfig));
const netstate = { url: 'https://netstate.example:443/report', key: kKey, chain: 'cd'.repeat(200), names: {} };
const telling = join(folder, 'telling.json');
writeFileSync(telling, JSON.stringify({ ...kConfig, netstate }));
for (const [out, from] of [
  ['one', config],
  ['two', config],
  ['told', telling],
])
  execFileSync('node', [kScript, '--config', from, '--out', join(folder, out)]);

const read = (path) => readFileSync(join(folder, path));
const manifest = (browser, of = 'one') => JSON.parse(read(`${of}/${browser}/manifest.json`));
const directives = (policy) => Object.fromEntries(policy.split('; ').map((each) => each.split(/ (.*)/).slice(0, 2)));

function files(browser) {
  return readdirSync(join(folder, 'one', browser), { recursive: true })
    .map((name) => [name, join('one', browser, name)])
    .filter(([, path]) => statSync(join(folder, path)).isFile());
}

for (const browser of ['chrome', 'firefox']) {
  test(`${browser}: twice the same bytes, and few`, () => {
    const [one, two] = ['one', 'two'].map((out) => read(`${out}/footbridge-${browser}.zip`));
    assert.ok(one.equals(two));
    assert.ok(one.length <= kMostBytes, `${one.length}`);
  });

  test(`${browser}: another's unzip finds in it what stands unpacked beside it`, () => {
    const program =
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])';
    const out = join(folder, `${browser}-unzipped`);
    execFileSync('python3', ['-c', program, join(folder, `one/footbridge-${browser}.zip`), out]);
    const names = files(browser).map(([name]) => name);
    assert.deepEqual(
      readdirSync(out, { recursive: true })
        .filter((name) => statSync(join(out, name)).isFile())
        .sort(),
      names.sort(),
    );
    for (const name of names) assert.ok(readFileSync(join(out, name)).equals(read(`one/${browser}/${name}`)), name);
  });

  test(`${browser}: no right to any page, and none that it does not need`, () => {
    const { permissions, optional_permissions, ...rest } = manifest(browser);
    assert.deepEqual(permissions, [...(browser === 'chrome' ? ['offscreen'] : []), 'storage', 'alarms']);
    assert.deepEqual(optional_permissions, ['notifications', ...(browser === 'chrome' ? ['background'] : [])]);
    for (const more of [
      'host_permissions',
      'optional_host_permissions',
      'content_scripts',
      'externally_connectable',
      'web_accessible_resources',
      'update_url',
    ]) {
      assert.ok(!(more in rest), more);
    }
  });

  test(`${browser}: its policy lets it run its own code only, and speak to its network only`, () => {
    const { content_security_policy: said } = manifest(browser);
    const policy = directives(said.extension_pages ?? said);
    assert.equal(policy['default-src'], "'none'");
    assert.equal(policy['script-src'], "'self' 'wasm-unsafe-eval'");
    assert.equal(policy['worker-src'], "'self'");
    assert.equal(policy['connect-src'], "'self' https://broker.example wss://egress.example");
  });

  test(`${browser}: it may speak to the netstate that its network's file names`, () => {
    const said = manifest(browser, 'told').content_security_policy;
    const policy = directives(said.extension_pages ?? said);
    assert.equal(policy['connect-src'], "'self' https://broker.example wss://egress.example https://netstate.example");
  });

  test(`${browser}: no code from elsewhere, none made of text, no HTML made of text`, () => {
    const forbidden =
      /\beval\s*\(|new Function\b|\binnerHTML\b|outerHTML|insertAdjacentHTML|document\.write|importScripts/;
    let scripts = 0;
    for (const [name, path] of files(browser)) {
      const text = read(path).toString();
      if (name.endsWith('.html')) {
        for (const [, from] of text.matchAll(/(?:src|href)="([^"]*)"/g)) assert.match(from, /^[\w.]+$/, name);
        assert.doesNotMatch(text, /<script(?![^>]* src=)|\son\w+=/, name);
      } else if (name.endsWith('.js')) {
        ++scripts;
        assert.doesNotMatch(text, forbidden, name);
        for (const [, from] of text.matchAll(/(?:(?<=[}\s*])from|\bimport)\s*\(?\s*["']([^"']*)["']/g))
          assert.match(from, /^\.\.?\//, name);
        assert.doesNotMatch(text, /https?:\/\/[^"'`\s]*\.(m?js|wasm)/, name);
      } else {
        assert.match(name, /\.(json|css|png|wasm)$/);
      }
    }
    assert.ok(scripts >= 5);
  });

  test(`${browser}: all that its manifest and its pages name is in it`, () => {
    const names = new Set(files(browser).map(([name]) => name));
    const text = [...names]
      .filter((name) => /\.(html|js|json)$/.test(name))
      .map((name) => read(`one/${browser}/${name}`).toString());
    const wanted = text.flatMap((each) => [
      ...each.matchAll(/["'`]((?:icons\/)?[\w-]+\.(?:html|js|wasm|css|png))["'`]/g),
    ]);
    for (const [, name] of wanted) assert.ok(names.has(name), name);
    for (const picture of ['off', 'ready', 'active']) assert.ok(names.has(`icons/${picture}-16.png`));
  });
}

test('firefox: its shop is told that it collects nothing about a person', () => {
  const { gecko } = manifest('firefox').browser_specific_settings;
  assert.deepEqual(gecko.data_collection_permissions, { required: ['none'] });
});

test('a network that is not given, or is none, is refused with a word on what is missing', () => {
  const run = (...words) => spawnSync('node', [kScript, ...words], { encoding: 'utf8' });
  const without = run();
  assert.equal(without.status, 2);
  assert.match(without.stderr, /--config FILE is missing/);
  const none = join(folder, 'none.json');
  writeFileSync(none, '{"brokers": []}');
  assert.match(run('--config', none).stderr, /is not a network's config\.json/);
  assert.match(run('--config', config, '--gecko-id', 'x').stderr, /--gecko-id/);
  assert.match(run('--strange').stderr, /strange/);
});
