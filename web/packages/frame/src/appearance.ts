// How a volunteer's frame looks, as its host page wishes it: the only thing a host may set. Everything here comes from a
// stranger: parseAppearance returns null when any value is not one of those named, and the message is dropped.

export type Layout = 'banner' | 'panel' | 'floating';
export type Theme = 'light' | 'dark' | 'auto';

export interface Appearance {
  layout: Layout;
  theme: Theme;
  // BCP 47; empty: what the browser prefers.
  lang: string;
  globe: boolean;
  // Starts folded; banner and floating only.
  collapse: boolean;
  branding: boolean;
  title: boolean;
  menu: boolean;
  keepText: boolean;
  // Goes on while the page is hidden, on a device held in the hand and on others.
  mobileBg: boolean;
  desktopBg: boolean;
}

export const kLayouts: readonly Layout[] = ['banner', 'panel', 'floating'];
export const kThemes: readonly Theme[] = ['light', 'dark', 'auto'];

export const kDefaultAppearance: Readonly<Appearance> = {
  layout: 'banner',
  theme: 'light',
  lang: '',
  globe: true,
  collapse: true,
  branding: true,
  title: false,
  menu: false,
  keepText: true,
  mobileBg: false, // a telephone's plan and battery are small
  desktopBg: true,
};

const kFlags = ['globe', 'collapse', 'branding', 'title', 'menu', 'keepText', 'mobileBg', 'desktopBg'] as const;
const kLanguageTag = /^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3})?$/;

export function isLanguageTag(value: unknown): value is string {
  return typeof value === 'string' && kLanguageTag.test(value);
}

export function parseAppearance(value: unknown): Appearance | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const wish = value as Record<string, unknown>;
  const layout = kLayouts.find((name) => name === wish.layout);
  const theme = kThemes.find((name) => name === wish.theme);
  if (!layout || !theme || !isLanguageTag(wish.lang)) return null;
  const parsed: Appearance = { ...kDefaultAppearance, layout, theme, lang: wish.lang };
  for (const flag of kFlags) {
    const set = wish[flag];
    if (typeof set !== 'boolean') return null;
    parsed[flag] = set;
  }
  return parsed;
}
