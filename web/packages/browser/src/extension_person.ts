// A person with a browser that has our extension, for tests in other languages: reads commands from standard input, one JSON list
// in each line, and answers each with one line of JSON: {"value": …} or {"error": "…"}.
//     node build/extension_person.js chromium|firefox FOLDER-OF-EXTENSION PROFILE [PREFS]
// The browser ends with the input.
import { createInterface } from 'node:readline';
import { type ExtensionBrowser, type Kind, launch, type Tab } from './extension_browser.js';

const [kind = '', folder = '', profile = '', prefs = '{}'] = process.argv.slice(2);
const kView = "(globalThis.browser ?? chrome).runtime.sendMessage({ to: 'hub', ask: 'view' })";

class Person {
  #watching: Tab | null = null; // a tab with the popup, which is how the popup is seen by who opens it

  constructor(private readonly browser: ExtensionBrowser) {}

  // Answers what the page asks that opens after the installation.
  async answer(choice: 'yes' | 'no'): Promise<string> {
    const page = await this.browser.opened('welcome.html');
    await page.eventually(`!!document.querySelector('.${choice}')`);
    await page.click(`.${choice}`);
    await page.eventually("document.querySelector('.answer').textContent !== ''");
    const said = await page.value<string>("document.querySelector('.answer').textContent");
    await page.close();
    return said;
  }

  async press(selector: string): Promise<void> {
    const page = await this.#popup();
    await page.eventually(`!!document.querySelector(${JSON.stringify(selector)})`);
    await page.click(selector);
  }

  async view(): Promise<unknown> {
    return (await this.#popup()).value(kView);
  }

  // What the popup says.
  async read(): Promise<unknown> {
    const text = (selector: string) => `document.querySelector('${selector}').textContent`;
    return (await this.#popup()).value(
      `({ status: ${text('.status')}, note: ${text('.note')}, from: ${text('.from')}, figures: [...document.querySelectorAll('dd')].map((it) => it.textContent) })`,
    );
  }

  // The badge's text and the button's title.
  async badge(): Promise<unknown> {
    const action = 'const b = globalThis.browser ?? chrome, a = b.action ?? b.browserAction';
    return (await this.#popup()).value(
      `(async () => { ${action}; return [await a.getBadgeText({}), await a.getTitle({})]; })()`,
    );
  }

  async set(name: string, value: string): Promise<void> {
    const page = await this.browser.open('options.html');
    await page.eventually("!!document.querySelector('#people')?.value"); // which is never empty
    await page.value(
      `(() => { const it = document.querySelector('#${name}'); it.value = ${JSON.stringify(value)}; it.dispatchEvent(new Event('change')); })()`,
    );
    await page.eventually("document.querySelector('.saved').textContent !== ''");
    await page.close();
  }

  // A box among the options that needs a right. Firefox grants it unasked where a test's prefs say so.
  async tick(name: string): Promise<void> {
    const page = await this.browser.open('options.html');
    await page.eventually("!!document.querySelector('#people')?.value");
    await page.click(`#${name}`);
    await page.eventually("document.querySelector('.saved').textContent !== ''");
    await page.close();
  }

  // What the person is told outside our pages from now on, once the browser has taken it: without a window Firefox shows none,
  // and says so nowhere. Firefox's only.
  async listen(): Promise<void> {
    await (await this.#popup()).value(`(() => {
      const page = browser.extension.getBackgroundPage();
      const { notifications } = page.browser;
      const real = notifications.create;
      page.told = [];
      notifications.create = async (name, what) => { await real(name, what); page.told.push(what.message); return name; };
    })()`);
  }

  async heard(): Promise<unknown> {
    return (await this.#popup()).value('browser.extension.getBackgroundPage().told');
  }

  closePopup(): Promise<void> {
    const closed = this.#watching?.close() ?? Promise.resolve();
    this.#watching = null;
    return closed;
  }

  stopWorker(): Promise<void> {
    return this.browser.stopWorker();
  }

  update(): Promise<void> {
    return this.browser.update();
  }

  relayDocument(): Promise<string | null> {
    return this.browser.relayDocument();
  }

  async #popup(): Promise<Tab> {
    this.#watching ??= await this.browser.open('popup.html');
    await this.#watching.eventually("!!document.querySelector('.status')?.textContent");
    return this.#watching;
  }
}

const browser = await launch(kind as Kind, folder, profile, JSON.parse(prefs));
const person = new Person(browser) as unknown as Record<string, (...words: string[]) => Promise<unknown>>;
const answer = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);
answer({ value: 'ready' });
for await (const line of createInterface({ input: process.stdin })) {
  const [deed, ...words] = JSON.parse(line) as string[];
  try {
    answer({ value: (await person[deed as string]?.(...words)) ?? null });
  } catch (error) {
    answer({ error: String(error) });
  }
}
await browser.close();
