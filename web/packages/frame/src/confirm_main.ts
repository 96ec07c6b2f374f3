// The confirmation window: the consent text in a window of our own, where no other page can cover it. It says yes only to who
// opened it, only after a real click, and only when it is a window by itself.
import { html, LitElement, type TemplateResult } from 'lit';
import { boxStyles } from './box_styles.js';
import { confirmTo, kButtonAfterMs } from './confirmation.js';
import { loadStrings, type Strings } from './strings/strings.js';
import type { Question } from './switch_gate.js';

class ConfirmBox extends LitElement {
  static override styles = boxStyles;
  static override properties = { done: { state: true }, ready: { state: true } };
  declare done: boolean;
  declare ready: boolean;
  strings!: Strings;
  nonceOfFrame = '';
  question: Question = 'consent';

  constructor() {
    super();
    this.done = false;
    this.ready = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    setTimeout(() => {
      this.ready = true;
    }, kButtonAfterMs);
  }

  protected override render(): TemplateResult {
    const { strings } = this;
    if (this.done)
      return html`<main class="panel"><h1>${strings.title}</h1><p role="status">${strings.closeWindow}</p></main>`;
    const { risk } = strings;
    const [title, text, yes, no] =
      this.question === 'risk'
        ? [risk.title, risk.text, risk.helpAnyway, risk.stayOff]
        : [strings.consentTitle, strings.consent, strings.agree, strings.decline];
    return html`<main class="panel">
      <h1>${strings.title}</h1>
      <section class="consent" aria-labelledby="before">
        <h2 id="before">${title}</h2>
        <ul>${text.map((line) => html`<li>${line}</li>`)}</ul>
        <div class="choices">
          <button type="button" class="yes" ?disabled=${!this.ready} @click=${this.#onAgree}>${yes}</button>
          <button type="button" @click=${() => window.close()}>${no}</button>
        </div>
      </section>
      <div class="text">${strings.privacyText.map((line) => html`<p>${line}</p>`)}</div>
    </main>`;
  }

  readonly #onAgree = (event: Event): void => {
    if (!event.isTrusted || !this.ready) return;
    this.done = confirmTo(window.opener as Window | null, this.nonceOfFrame, this.question, window.location.origin);
    if (this.done) window.close();
  };
}

async function show(): Promise<void> {
  if (window.top !== window) return; // in a frame it could be covered
  const [nonce = '', lang = '', question] = window.location.hash.slice(1).split('.');
  const speech = await loadStrings([lang, ...navigator.languages].filter((wish) => wish !== ''));
  customElements.define('footbridge-confirm', ConfirmBox);
  const box = new ConfirmBox();
  box.strings = speech.strings;
  box.nonceOfFrame = nonce;
  if (question === 'risk') box.question = question;
  box.setAttribute('theme', matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  document.documentElement.lang = speech.lang;
  document.documentElement.dir = speech.dir;
  document.title = speech.strings.title;
  document.body.append(box);
}

void show();
