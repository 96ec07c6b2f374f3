import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { kDefaultAppearance, parseAppearance } from '@footbridge/frame/appearance';
import { appearanceOf, attributeOf, embedSnippet, kDefaults, kNames, readSettings, type Settings } from './settings.js';

const from = (attributes: Record<string, string>) => readSettings((name) => attributes[name] ?? null);

test('nothing written is the defaults', () => {
  assert.deepEqual(from({}), kDefaults);
});

test('every attribute has its word', () => {
  const written = {
    'data-layout': 'floating',
    'data-theme': 'AUTO',
    'data-globe': 'false',
    'data-exit': '0',
    'data-toast': '',
    'data-menu': 'true',
    'data-keep-text': 'false',
    'data-mobile-bg': 'true',
    'data-desktop-bg': 'false',
    'data-collapse': 'false',
    'data-branding': 'false',
    'data-title': '1',
    'data-share': 'true',
    'data-info-link': 'https://example.org/about',
    lang: 'fa',
    'data-editor': 'true',
    'data-mock': 'helping',
    'data-target': 'web',
  };
  assert.deepEqual(Object.keys(written), kNames.map(attributeOf));
  assert.deepEqual(from(written), {
    layout: 'floating',
    theme: 'auto',
    globe: false,
    exit: false,
    toast: true,
    menu: true,
    keepText: false,
    mobileBg: true,
    desktopBg: false,
    collapse: false,
    branding: false,
    title: true,
    share: true,
    infoLink: 'https://example.org/about',
    lang: 'fa',
    editor: true,
    mock: 'helping',
    target: 'web',
  });
});

test('what is not a value is the default, not an error', () => {
  for (const wrong of ['<script>', 'javascript:alert(1)', 'maybe', ' ', '"><img src=x>', 'a'.repeat(10_000)]) {
    const everywhere = readSettings((name) => (name === 'data-toast' || name === 'data-mock' ? null : wrong));
    const expected = wrong.trim() === '' ? { ...everywhere, infoLink: '' } : kDefaults;
    assert.deepEqual({ ...everywhere }, expected, wrong);
    assert.notEqual(parseAppearance(appearanceOf(everywhere)), null);
  }
});

test('a link of the embedder is https or nothing', () => {
  for (const link of [
    'http://example.org',
    'javascript:alert(1)',
    'data:text/html,x',
    '/about',
    'https://a:b@example.org',
  ]) {
    assert.equal(from({ 'data-info-link': link }).infoLink, '', link);
  }
});

test('an extension draws a panel and no extras', () => {
  const popup = from({ 'data-target': 'extension-popup', 'data-layout': 'floating', 'data-editor': 'true' });
  assert.equal(popup.layout, 'panel');
  assert.equal(popup.editor || popup.exit || popup.toast || popup.share, false);
});

test('the frame understands every setting it is sent', () => {
  assert.deepEqual(appearanceOf(from({})), kDefaultAppearance);
});

test('the snippet says what differs from the defaults, quoted', () => {
  const settings: Settings = { ...kDefaults, layout: 'panel', infoLink: 'https://example.org/?a="b"&c', editor: true };
  assert.equal(
    embedSnippet(settings, 'https://volunteer.example/widget.js'),
    '<script type="module" src="https://volunteer.example/widget.js"></script>\n' +
      '<footbridge-widget data-layout="panel" data-info-link="https://example.org/?a=&quot;b&quot;&amp;c"></footbridge-widget>',
  );
});

test('the documentation lists every attribute with its default', async () => {
  const page = await readFile(new URL('../../../../docs/ops/widget.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `((?:data-)?[a-z-]+)` \| (\S[^|]*?) \|/gm)].map(([, name, value]) => [
    name,
    value,
  ]);
  const shown = (value: string | boolean) => (value === '' ? 'none' : `\`${value}\``);
  const ours = kNames.map((name) => [attributeOf(name), name === 'lang' ? "the page's" : shown(kDefaults[name])]);
  assert.deepEqual(rows, ours);
});
