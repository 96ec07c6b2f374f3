// FirefoxPage: one tab of Firefox, with the few deeds of a Page that tests of both browsers share.
import type { Fields } from './chromium.js';
import { eventually } from './eventually.js';
import type { Firefox } from './firefox.js';

export class FirefoxPage {
  readonly #firefox: Firefox;
  readonly context: string;

  private constructor(firefox: Firefox, context: string) {
    this.#firefox = firefox;
    this.context = context;
  }

  // `init` runs in every document of the tab, before any of its own scripts.
  static async open(firefox: Firefox, url: string, options: { init?: string }): Promise<FirefoxPage> {
    const { context } = await firefox.send('browsingContext.create', { type: 'tab' });
    if (options.init !== undefined) {
      const functionDeclaration = `() => { ${options.init} }`;
      await firefox.send('script.addPreloadScript', { functionDeclaration, contexts: [context] });
    }
    await firefox.send('browsingContext.navigate', { context, url, wait: 'complete' });
    return new FirefoxPage(firefox, context as string);
  }

  static async opened(firefox: Firefox, part: string): Promise<FirefoxPage> {
    const found = await eventually(async () => {
      const { contexts } = await firefox.send('browsingContext.getTree');
      return (contexts as Fields[]).find(({ url }) => String(url).includes(part));
    }, `a tab of ${part}`);
    return new FirefoxPage(firefox, found.context as string);
  }

  // The value of an expression, as JSON has it. Promises are awaited.
  async value<T = unknown>(expression: string): Promise<T> {
    const params = {
      expression: `(async () => JSON.stringify(await (${expression})))()`,
      target: { context: this.context },
      awaitPromise: true,
    };
    const { result, exceptionDetails } = await this.#firefox.send('script.evaluate', params);
    if (exceptionDetails) throw new Error(`${expression}: ${(exceptionDetails as { text: string }).text}`);
    const { value } = result as { value?: string };
    return (value === undefined ? undefined : JSON.parse(value)) as T;
  }

  // Runs what is no expression, whatever the page's policy says of code.
  async run(script: string): Promise<void> {
    const target = { context: this.context };
    const { exceptionDetails } = await this.#firefox.send('script.evaluate', {
      expression: `${script}; null`,
      target,
      awaitPromise: false,
    });
    if (exceptionDetails) throw new Error((exceptionDetails as { text: string }).text);
  }

  async eventually(expression: string, why = expression): Promise<void> {
    await eventually(() => this.value<boolean>(expression), why);
  }

  // A click of a hand, in the middle of what the selector names.
  async click(selector: string): Promise<void> {
    const locator = { type: 'css', value: selector };
    const { nodes } = await this.#firefox.send('browsingContext.locateNodes', { context: this.context, locator });
    const [element] = nodes as Fields[];
    if (element === undefined) throw new Error(`nothing is called ${selector}`);
    const { sharedId } = element;
    const actions = [
      { type: 'pointerMove', x: 0, y: 0, origin: { type: 'element', element: { sharedId } } },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ];
    await this.#firefox.send('input.performActions', {
      context: this.context,
      actions: [{ type: 'pointer', id: 'hand', actions }],
    });
  }

  // The document of another origin in this one, by a part of its address.
  async frame(part: string): Promise<FirefoxPage> {
    const found = await eventually(async () => {
      const { contexts } = await this.#firefox.send('browsingContext.getTree', { root: this.context });
      const [own] = contexts as { children?: Fields[] }[];
      return own?.children?.find(({ url }) => String(url).includes(part));
    }, `a frame of ${part}`);
    return new FirefoxPage(this.#firefox, found.context as string);
  }

  // The same for what an expression names, as selectors do not reach into a shadow tree.
  async clickOn(element: string): Promise<void> {
    const at = await this.value<{ x: number; y: number }>(`(() => {
      const e = ${element}; e.scrollIntoView({ block: 'center', behavior: 'instant' });
      const r = e.getBoundingClientRect(); return { x: Math.round(r.x + r.width / 2), y: Math.round(r.y + r.height / 2) }; })()`);
    const actions = [
      { type: 'pointerMove', ...at, origin: 'viewport' },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ];
    await this.#firefox.send('input.performActions', {
      context: this.context,
      actions: [{ type: 'pointer', id: 'hand', actions }],
    });
  }

  async bringToFront(): Promise<void> {
    await this.#firefox.send('browsingContext.activate', { context: this.context });
  }

  async close(): Promise<void> {
    await this.#firefox.send('browsingContext.close', { context: this.context });
  }
}
