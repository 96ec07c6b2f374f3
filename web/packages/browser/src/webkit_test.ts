// Safari is not on this machine. What the bundles use of a browser is compared with what Mozilla's tables say that Safari has: what it lacks
// is either looked for before it is used, which is said here, or it is a mistake.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const kBuilt = fileURLToPath(new URL('../../../../build/web/', import.meta.url));
const kSafari = 16.4; // the first with what our bundles are written in
// What these bundles use although Safari lacks it, and what they do without.
const kWithout: Record<string, string> = {
  connection: 'nobody is asked what the line costs then',
  userAgentData: 'a coarse pointer tells a handheld then',
};

interface Support {
  version_added?: string | boolean;
  flags?: unknown;
  version_removed?: string;
}
interface Entry {
  __compat?: { support: { safari?: Support | Support[] } };
  [name: string]: Entry | unknown;
}

function lacking(entry: Entry): boolean {
  const said = entry.__compat?.support.safari;
  const support = Array.isArray(said) ? said[0] : said;
  if (support === undefined) return false;
  const { version_added: added, flags, version_removed: removed } = support;
  const since = typeof added === 'string' ? Number.parseFloat(added.replace('≤', '')) : Number.NaN;
  return added === false || flags !== undefined || removed !== undefined || since > kSafari;
}

// Words by which a bundle would name something that Safari lacks: an interface, or a member of what everybody has one of.
function missing(): Map<string, RegExp> {
  const tables = createRequire(import.meta.url)('@mdn/browser-compat-data') as { api: Record<string, Entry> };
  const found = new Map<string, RegExp>();
  const add = (word: string, pattern: string) => found.set(word, new RegExp(pattern));
  const addGlobal = (name: string) => add(name, `(?<![.\\w$-])(?:globalThis\\.|window\\.)?${name}(?=\\??[.(])`);
  for (const [name, entry] of Object.entries(tables.api)) {
    if (lacking(entry) && /^[a-z]/.test(name)) addGlobal(name);
    else if (lacking(entry))
      add(name, `(?:new |instanceof |typeof |extends |globalThis\\.|window\\.)${name}\\b|(?<![\\w$.-])${name}\\.\\w`);
    for (const [member, of] of Object.entries(entry)) {
      if (member === '__compat' || !lacking(of as Entry)) continue;
      const own = member.replace('_static', '');
      if (own !== member) add(`${name}.${own}`, `\\b${name}\\.${own}\\b`);
      else if (name === 'Navigator') add(own, `\\bnavigator\\??\\.${own}\\b`);
      else if (name === 'Window') addGlobal(own);
    }
  }
  return found;
}

test('the bundles need nothing that Safari lacks', async () => {
  const words = missing();
  assert.ok(words.size > 300 && words.has('WebSocketStream') && words.has('requestIdleCallback'), `${words.size}`);
  const files = (await readdir(kBuilt, { recursive: true })).filter(
    (name) => /\.js$/.test(name) && !/^extension/.test(name),
  );
  assert.ok(files.some((name) => name.endsWith('worker.js')) && files.includes('widget.js'), `${files}`);
  const used = new Set<string>();
  const mistakes: string[] = [];
  for (const file of files) {
    const text = await readFile(kBuilt + file, 'utf8');
    for (const [word, pattern] of words) {
      if (!pattern.test(text)) continue;
      used.add(word);
      if (!(word in kWithout)) mistakes.push(`${file} uses ${word}, which Safari ${kSafari} lacks`);
    }
  }
  assert.deepEqual(mistakes, []);
  assert.deepEqual(
    Object.keys(kWithout).filter((word) => !used.has(word)),
    [],
    'not used any more',
  );
});
