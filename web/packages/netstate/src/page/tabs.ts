// Tabs: which view is shown. The address's fragment says so, too: it can be kept as a bookmark.
import { make } from '@footbridge/frame/dom';
import { words } from '../words.js';

export const kViews = ['overview', 'graph', 'world', 'table', 'history'] as const;
export type ViewName = (typeof kViews)[number];

export class Tabs {
  readonly element = make('nav', { class: 'tabs', 'aria-label': words.viewsLabel });
  readonly #onShow: (name: ViewName) => void;

  constructor(onShow: (name: ViewName) => void) {
    this.#onShow = onShow;
    for (const name of kViews) this.element.append(make('a', { href: `#${name}` }, words.views[name]));
    addEventListener('hashchange', () => this.show());
  }

  show(): void {
    const name = kViews.find((each) => `#${each}` === location.hash) ?? 'overview';
    for (const link of this.element.querySelectorAll('a')) {
      if (link.getAttribute('href') === `#${name}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    this.#onShow(name);
  }
}
