// What we use of a browser's interface for extensions, and no more: Chrome's and Firefox's agree in it. Everything asynchronous
// is a promise.

interface Happening<T extends unknown[]> {
  addListener(listener: (...what: T) => void): void;
}

export interface Sender {
  id?: string;
}

export type OnMessage = (message: unknown, sender: Sender, answer: (value: unknown) => void) => boolean | undefined;

export interface Badge {
  setBadgeText(what: { text: string }): Promise<void>;
  setBadgeBackgroundColor(what: { color: string }): Promise<void>;
  setTitle(what: { title: string }): Promise<void>;
  setIcon(what: { path: Record<number, string> }): Promise<void>;
}

export interface Api {
  runtime: {
    id: string;
    getURL(path: string): string;
    // Rejects when nobody listens.
    sendMessage(message: unknown): Promise<unknown>;
    openOptionsPage(): Promise<void>;
    reload(): void;
    onMessage: { addListener(listener: OnMessage): void };
    onInstalled: Happening<[{ reason: string }]>;
    onStartup: Happening<[]>;
    onUpdateAvailable: Happening<[]>;
    // Chrome's.
    getContexts?(filter: { contextTypes: string[] }): Promise<unknown[]>;
  };
  storage: {
    local: {
      get(key: string): Promise<Record<string, unknown>>;
      set(values: Record<string, unknown>): Promise<void>;
    };
  };
  alarms: {
    create(name: string, when: { when?: number; periodInMinutes?: number }): Promise<void> | void;
    clear(name: string): Promise<boolean>;
    onAlarm: Happening<[{ name: string }]>;
  };
  tabs: { create(what: { url: string }): Promise<unknown> };
  action?: Badge; // Chrome's, manifest 3
  browserAction?: Badge; // Firefox's, manifest 2
  offscreen?: {
    createDocument(what: { url: string; reasons: string[]; justification: string }): Promise<void>;
    closeDocument(): Promise<void>;
  };
}

const here = globalThis as unknown as { browser?: Api; chrome: Api };

// Firefox's `chrome` has no promises; only its `browser` has.
export const api: Api = here.browser ?? here.chrome;
