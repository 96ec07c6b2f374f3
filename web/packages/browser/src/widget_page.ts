// WidgetPage: a page with a widget, as a visitor's hand and eye have it: where the switch is, what the box says, how to agree.
import type { Chromium } from './chromium.js';
import type { Page } from './page.js';

const kFrame = '/frame.html';
const kElement = "document.querySelector('footbridge-widget')";
// Nobody has agreed to anything yet, whatever an earlier test has done.
const kForget = 'try { localStorage.clear() } catch {}';
const kInBox = "document.querySelector('footbridge-box').renderRoot";

export class WidgetPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(
    chromium: Chromium,
    url: string,
    options: { width?: number; height?: number; init?: string } = {},
  ): Promise<WidgetPage> {
    const init = options.init ?? kForget;
    const it = new WidgetPage(await chromium.open(url, { ...options, init }));
    await it.page.eventually(
      `${kElement}?.querySelector('iframe')?.clientHeight > 40`,
      '',
      'the frame says its height',
    );
    await it.inFrame("!!document.querySelector('footbridge-box')?.renderRoot?.querySelector('.switch')");
    return it;
  }

  // Until it is true in the frame.
  inFrame(expression: string): Promise<void> {
    return this.page.eventually(expression, kFrame);
  }

  inBox(selector: string): Promise<string> {
    return this.page.value<string>(
      `${kInBox}.querySelector(${JSON.stringify(selector)})?.textContent.trim() ?? ''`,
      kFrame,
    );
  }

  frameValue<T>(expression: string): Promise<T> {
    return this.page.value<T>(expression, kFrame);
  }

  state(): Promise<string> {
    return this.page.value<string>(`${kElement}.state`);
  }

  untilState(state: string): Promise<void> {
    return this.page.eventually(`${kElement}.state === ${JSON.stringify(state)}`, '', `state ${state}`);
  }

  async click(selector: string): Promise<void> {
    await this.inFrame(`!!${kInBox}.querySelector(${JSON.stringify(selector)})`);
    const box = `${kInBox}.querySelector(${JSON.stringify(selector)})`;
    await this.#settled();
    await this.page.click(box, kFrame, `${kElement}.querySelector('iframe')`);
  }

  // Until the frame is as high as what is in it and both have been drawn so: a hand aims at what it sees.
  async #settled(): Promise<void> {
    const drawn =
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))';
    for (;;) {
      const wanted = await this.frameValue<number>(
        "Math.ceil(document.querySelector('footbridge-box').getBoundingClientRect().height)",
      );
      await this.frameValue(drawn);
      await this.page.value(drawn);
      if ((await this.page.value<number>(`${kElement}.querySelector('iframe').clientHeight`)) === wanted) return;
    }
  }

  // Enter, at what the selector names: a gesture that no page can misplace.
  async key(selector: string): Promise<void> {
    await this.#settled();
    await this.page.value(`${kElement}.querySelector('iframe').focus()`);
    await this.frameValue(`${kInBox}.querySelector(${JSON.stringify(selector)}).focus()`);
    await this.page.press('Enter', 'Enter', '\r');
  }

  // Switches on and agrees, after it could be read: the box takes no click on what has just appeared.
  async agree(): Promise<void> {
    await this.click('.switch');
    await this.inFrame(`!!${kInBox}.querySelector('.yes')`);
    await this.#settled();
    await this.frameValue(`${kInBox}.querySelector('.yes').scrollIntoView({ block: 'center', behavior: 'instant' })`);
    await this.clickInSight('.yes');
  }

  // To be on the network's map.
  async showOnMap(): Promise<void> {
    await this.inFrame(`!!${kInBox}.querySelector('.reports input')`);
    await this.#settled();
    await this.frameValue(
      `${kInBox}.querySelector('.reports').scrollIntoView({ block: 'center', behavior: 'instant' })`,
    );
    await this.clickInSight('.reports input', `${kInBox}.querySelector('.reports [role=status]').textContent !== ''`);
  }

  // Clicks once the box has been seen for a while, and again where a slow machine's word of that came late.
  async clickInSight(
    selector: string,
    isRefused = "document.querySelector('footbridge-box').volunteer.reason === 'covered'",
  ): Promise<void> {
    for (let tries = 5; tries > 0; --tries) {
      await this.page.value('new Promise((done) => setTimeout(done, 900))');
      await this.click(selector);
      if (!(await this.frameValue(isRefused))) return;
    }
  }

  set(attribute: string, value: string): Promise<unknown> {
    return this.page.value(`${kElement}.setAttribute(${JSON.stringify(attribute)}, ${JSON.stringify(value)})`);
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
