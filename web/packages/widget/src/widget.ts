// <footbridge-widget>: puts the relay frame into somebody's page. It can be styled by its data-attributes, at any time, and told
// to stop; it cannot start anything, as that takes a visitor who sees the frame and agrees in it. Each says what it is in
// by the event "footbridge-state" and the property `state`.

import type { FrameMessage, PublicState } from '@footbridge/frame/messages';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { watchExit } from './exit_intent.js';
import { RelayFrame } from './relay_frame.js';
import { appearanceOf, attributeOf, kNames, readSettings, type Settings } from './settings.js';
import { widgetStyles } from './widget_styles.js';
import { type Spoken, wordsFor } from './words.js';

const kToastMs = 4_000;
const kBase = import.meta.url;

export class FootbridgeWidget extends LitElement {
  static override styles = widgetStyles;
  static override properties = { toast: { state: true }, said: { state: true } };

  declare toast: string;
  declare said: string;
  #settings: Settings = readSettings(() => null);
  #spoken: Spoken = wordsFor([]);
  #frame: RelayFrame | null = null;
  #state: PublicState = 'off';
  #toastTimer: ReturnType<typeof setTimeout> | undefined;
  #endExit: (() => void) | null = null;
  #warned = false;
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  readonly #repaint = () => this.requestUpdate();
  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') this.toast = '';
  };

  constructor() {
    super();
    this.toast = '';
    this.said = '';
  }

  static override get observedAttributes(): string[] {
    // biome-ignore lint/complexity/noThisInStatic: Lit's getter finishes the class that it is asked of
    return [...super.observedAttributes, ...kNames.map(attributeOf)];
  }

  get state(): PublicState {
    return this.#state;
  }

  stop(): void {
    this.#frame?.stop();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#read();
    this.#dark.addEventListener('change', this.#repaint);
    document.addEventListener('keydown', this.#onKey);
    // The relay of an extension runs in its offscreen document; there is nobody there to look at a widget.
    if (this.#settings.target === 'extension-offscreen') return;
    this.#frame = new RelayFrame(kBase, this.#settings.mock, this.#spoken.words.frame, (message) =>
      this.#heard(message),
    );
    this.append(this.#frame.element);
    this.#frame.show(appearanceOf(this.#settings));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#dark.removeEventListener('change', this.#repaint);
    document.removeEventListener('keydown', this.#onKey);
    clearTimeout(this.#toastTimer);
    this.#watchExit(false);
    this.#frame?.close();
    this.#frame = null;
    this.#enter('off');
  }

  override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    super.attributeChangedCallback(name, old, value);
    if (old === value || !this.isConnected) return;
    this.#read();
    this.#frame?.show(appearanceOf(this.#settings));
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const { layout, theme, infoLink, share } = this.#settings;
    const { words, lang, dir } = this.#spoken;
    const dark = theme === 'dark' || (theme === 'auto' && this.#dark.matches);
    return html`<div class="around ${layout} ${dark ? 'dark' : ''}" lang=${lang} dir=${dir}>
      <slot></slot>
      <div class="foot">
        <a href=${new URL(`privacy.html#${lang}`, kBase).href} target="_blank" rel="noopener noreferrer">${words.privacy}</a>
        ${infoLink ? html`<a href=${infoLink} target="_blank" rel="noopener noreferrer">${words.about}</a>` : nothing}
        ${share ? html`<button type="button" @click=${this.#onShare}>${words.share}</button>` : nothing}
        <span role="status">${this.said}</span>
      </div>
      ${
        this.toast
          ? html`<div class="toast" role="alert"><span>${this.toast}</span>
              <button type="button" @click=${this.#onCloseToast}>${words.close}</button></div>`
          : nothing
      }
      <div id="editor"></div>
    </div>`;
  }

  protected override updated(_: PropertyValues): void {
    if (this.#settings.editor) void this.#showEditor();
  }

  #read(): void {
    const page = this.closest<HTMLElement>('[lang]')?.lang ?? '';
    this.#settings = readSettings((name) => this.getAttribute(name));
    this.#settings.lang ||= page;
    this.#spoken = wordsFor([this.#settings.lang, ...navigator.languages]);
    this.#watchExit(this.#settings.exit);
  }

  #heard(message: FrameMessage): void {
    if (message.type === 'state') this.#enter(message.state);
    // The frame's sandbox opens no window; the click in it lets this page do so.
    if (message.type === 'confirm') {
      const url = new URL(`confirm.html#${message.nonce}.${message.lang}.${message.question}`, kBase);
      window.open(url.href, '_blank', 'popup,width=460,height=700');
    }
  }

  #enter(state: PublicState): void {
    if (state === this.#state) return;
    const ran = this.#isRunning;
    this.#state = state;
    if (this.#isRunning && !ran && this.#settings.toast) this.#showToast(this.#spoken.words.started);
    this.dispatchEvent(new CustomEvent('footbridge-state', { detail: { state }, bubbles: true, composed: true }));
  }

  get #isRunning(): boolean {
    return this.#state === 'waiting' || this.#state === 'helping';
  }

  #watchExit(wanted: boolean): void {
    if (!wanted) {
      this.#endExit?.();
      this.#endExit = null;
      return;
    }
    this.#endExit ??= watchExit(() => {
      if (this.#warned || !this.#isRunning) return;
      this.#warned = true; // once a visit
      this.#showToast(this.#spoken.words.leaving);
    });
  }

  #showToast(text: string): void {
    clearTimeout(this.#toastTimer);
    this.toast = text;
    this.#toastTimer = setTimeout(() => {
      this.toast = '';
    }, kToastMs);
  }

  readonly #onCloseToast = (): void => {
    this.toast = '';
  };

  readonly #onShare = async (): Promise<void> => {
    const url = window.location.href;
    try {
      if (navigator.share) return await navigator.share({ url, title: document.title });
      await navigator.clipboard.writeText(url);
      this.said = this.#spoken.words.copied;
    } catch {
      // Given up by the visitor, or forbidden by the page.
    }
  };

  async #showEditor(): Promise<void> {
    const place = this.renderRoot.querySelector<HTMLElement>('#editor');
    if (!place || place.hasChildNodes()) return;
    const { renderEditor } = await import('./editor.js');
    if (!place.hasChildNodes()) renderEditor(place, this, kBase);
  }
}

if (!customElements.get('footbridge-widget')) customElements.define('footbridge-widget', FootbridgeWidget);
