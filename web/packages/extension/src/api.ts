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
    getManifest(): { optional_permissions?: string[] };
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
      get(key: string | null): Promise<Record<string, unknown>>; // null: all
      set(values: Record<string, unknown>): Promise<void>;
      clear(): Promise<void>;
    };
  };
  alarms: {
    create(name: string, when: { when?: number; periodInMinutes?: number }): Promise<void> | void;
    clear(name: string): Promise<boolean>;
    get(name: string): Promise<object | undefined>;
    onAlarm: Happening<[{ name: string }]>;
  };
  permissions: {
    getAll(): Promise<{ permissions?: string[] }>;
    // Only in the midst of a gesture. False: the person said no.
    request(what: { permissions: string[] }): Promise<boolean>;
    remove(what: { permissions: string[] }): Promise<boolean>;
    onRemoved: Happening<[unknown]>;
  };
  // There while it is permitted.
  notifications?: {
    create(id: string, what: { type: 'basic'; iconUrl: string; title: string; message: string }): Promise<string>;
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
