// The widget's settings: data-attributes that whoever embeds it writes, and what they mean when they are missing or wrong: the
// default. One table; the documentation's table is compared with it.
import { type Appearance, isLanguageTag, kDefaultAppearance, kLayouts, kThemes } from '@footbridge/frame/appearance';

export type Target = 'web' | 'extension-popup' | 'extension-offscreen';

export interface Settings extends Appearance {
  exit: boolean;
  toast: boolean;
  share: boolean;
  // An address with https of the embedder's own words about this; empty: none.
  infoLink: string;
  editor: boolean;
  // Empty, "true", or the state to stay in.
  mock: string;
  target: Target;
}

export type SettingName = keyof Settings;

export const kTargets: readonly Target[] = ['web', 'extension-popup', 'extension-offscreen'];
const kMocks = ['true', 'starting', 'waiting', 'helping', 'paused', 'unavailable', 'risky'];

export const kDefaults: Readonly<Settings> = {
  ...kDefaultAppearance,
  exit: true,
  toast: false,
  share: false,
  infoLink: '',
  editor: false,
  mock: '',
  target: 'web',
};

// In the order of the documentation.
export const kNames: readonly SettingName[] = [
  'layout',
  'theme',
  'globe',
  'exit',
  'toast',
  'menu',
  'keepText',
  'mobileBg',
  'desktopBg',
  'collapse',
  'branding',
  'title',
  'share',
  'infoLink',
  'lang',
  'editor',
  'mock',
  'target',
];

export function attributeOf(name: SettingName): string {
  return name === 'lang' ? 'lang' : `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function oneOf<T extends string>(text: string, known: readonly T[], otherwise: T): T {
  return known.find((name) => name === text.trim().toLowerCase()) ?? otherwise;
}

// true and 1, or the bare attribute, are yes; false and 0 are no; all else is the default.
function flag(text: string, otherwise: boolean): boolean {
  const word = text.trim().toLowerCase();
  if (word === '' || word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : otherwise;
}

export function secureLink(text: string): string {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : '';
  } catch {
    return '';
  }
}

function parse(name: SettingName, text: string): Settings[SettingName] {
  if (name === 'layout') return oneOf(text, kLayouts, kDefaults.layout);
  if (name === 'theme') return oneOf(text, kThemes, kDefaults.theme);
  if (name === 'target') return oneOf(text, kTargets, kDefaults.target);
  if (name === 'lang') return isLanguageTag(text) ? text : '';
  if (name === 'mock') return text === '' ? 'true' : oneOf(text, kMocks, '');
  if (name === 'infoLink') return secureLink(text);
  return flag(text, kDefaults[name]);
}

// `attribute` returns what is written there, null if nothing is. A popup of an extension is a panel and nothing else.
export function readSettings(attribute: (name: string) => string | null): Settings {
  const settings: Record<string, unknown> = {};
  for (const name of kNames) {
    const text = attribute(attributeOf(name));
    settings[name] = text === null ? kDefaults[name] : parse(name, text);
  }
  const read = settings as unknown as Settings;
  if (read.target === 'web') return read;
  return { ...read, layout: 'panel', exit: false, toast: false, share: false, editor: false };
}

export function appearanceOf(settings: Settings): Appearance {
  const names = Object.keys(kDefaultAppearance) as (keyof Appearance)[];
  return Object.fromEntries(names.map((name) => [name, settings[name]])) as unknown as Appearance;
}

// The tag that gives these settings, for the page of who embeds it.
export function embedSnippet(settings: Settings, script: string): string {
  const quoted = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  const written = kNames.filter((name) => name !== 'editor' && settings[name] !== kDefaults[name]);
  const attributes = written.map((name) => ` ${attributeOf(name)}="${quoted(String(settings[name]))}"`);
  return `<script type="module" src="${quoted(script)}"></script>\n<footbridge-widget${attributes.join('')}></footbridge-widget>`;
}
