// <footbridge-box>: what the visitor sees in the frame: switch, status in words, consent, what was done, and what becomes of
// his data. It decides nothing: gestures go to the Volunteer, everything shown comes from it.
import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { type Appearance, kDefaultAppearance } from './appearance.js';
import { numbers, passing } from './box_facts.js';
import { boxStyles } from './box_styles.js';
import type { GlobeView } from './globe/globe_view.js';
import { LimitFields } from './limits/limit_fields.js';
import { kNewsForMs, News } from './news.js';
import { reportsField } from './reports_field.js';
import { riskNotice } from './risk_notice.js';
import { Sight } from './sight.js';
import { en } from './strings/en.js';
import { pausedUntil, plural, type ReasonKey, type Speech, type Strings } from './strings/strings.js';
import type { Gesture } from './switch_gate.js';
import type { Volunteer } from './volunteer.js';

const kLookMs = 1_000; // not oftener than what is looked at changes
const kMark = svg`<svg class="mark" viewBox="0 0 36 36" fill="none" stroke="currentColor" stroke-width="2.6"
  stroke-linecap="round" aria-hidden="true"><path d="M3 25c6-13 24-13 30 0M3 25h30M10 25v-6.6M18 25v-9.6M26 25v-6.6"/></svg>`;
const kChevron = svg`<svg viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round"
  stroke-linejoin="round" aria-hidden="true"><path d="M4 7.5 10 13l6-5.5"/></svg>`;

export class VolunteerBox extends LitElement {
  static override styles = boxStyles;
  static override properties = {
    appearance: { attribute: false },
    speech: { attribute: false },
    framed: { attribute: false },
    mock: { attribute: false },
    folded: { state: true },
    news: { state: true },
  };

  declare appearance: Appearance;
  declare speech: Speech;
  // In another page: then no link can be followed from here, as the sandbox opens no windows.
  declare framed: boolean;
  declare mock: boolean;
  declare folded: boolean;
  declare news: boolean; // somebody new is helped, and it is being said
  volunteer!: Volunteer;
  readonly #sight = new Sight();
  #watched: Element[] = [];
  #globe: GlobeView | null = null;
  readonly #newcomers = new News();
  #newsTimer: ReturnType<typeof setTimeout> | undefined;
  #lookTimer: ReturnType<typeof setInterval> | undefined; // while somebody looks at what passes
  #fields: { speech: Speech; it: LimitFields } | null = null;
  #reportsRefused = false;
  #warned: Element | null = null; // what had the focus when the notice came

  constructor() {
    super();
    this.appearance = { ...kDefaultAppearance };
    this.speech = { lang: 'en', dir: 'ltr', strings: en };
    this.framed = false;
    this.mock = false;
    this.folded = false;
    this.news = false;
  }

  protected override render(): TemplateResult {
    const { layout, branding, title } = this.appearance;
    const { strings, lang, dir } = this.speech;
    const warns = this.volunteer.isWarning;
    const asks = warns || this.volunteer.isAsking || this.volunteer.isConfirming;
    const open = !this.#foldable || !this.folded;
    return html`<main class=${layout} lang=${lang} dir=${dir}>
      <div class="row" ?inert=${warns}>
        <div class="brand">
          ${branding ? kMark : nothing}
          <div class="words">
            <h1 class=${title || layout === 'panel' ? '' : 'unseen'}>${strings.title}</h1>
            <p class="status ${this.volunteer.state}" role="status" id="status">${this.#statusText()}</p>
          </div>
        </div>
        ${this.#controls(open)}
      </div>
      ${this.#note()} <p class="news" role="status">${this.news ? strings.news : nothing}</p>
      ${this.mock ? html`<p class="mock">${strings.mock}</p>` : nothing}
      ${warns ? this.#risk() : asks ? this.#consent() : nothing}
      <div class="more ${this.#showsGlobe ? 'with-globe' : ''}" id="more" ?hidden=${!open || asks}>${open ? this.#more() : nothing}</div>
      ${open || asks ? nothing : this.#asides()}
    </main>`;
  }

  protected override willUpdate(): void {
    if (!this.#newcomers.look(performance.now(), this.volunteer.status.helpingNow)) return;
    this.news = true;
    clearTimeout(this.#newsTimer);
    this.#newsTimer = setTimeout(() => {
      this.news = false;
    }, kNewsForMs);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#newsTimer);
    this.#look(false);
  }

  protected override updated(): void {
    this.#look(this.renderRoot.querySelector<HTMLDetailsElement>('.passing')?.open ?? false);
    const seen = (name: string) => this.renderRoot.querySelector(name);
    const watched = [seen('.switch'), seen('.yes'), seen('.anyway'), seen('.consent'), ...this.#reportsSeen()].filter(
      (it) => it !== null,
    );
    for (const element of this.#watched) if (!watched.includes(element)) this.#sight.forget(element);
    for (const element of watched) if (!this.#watched.includes(element)) this.#sight.watch(element);
    this.#watched = watched;
    this.#moveFocus();
    void this.#showGlobe(this.renderRoot.querySelector('canvas'));
  }

  #reportsSeen(): (Element | null)[] {
    return ['.reports input', '.reports'].map((name) => this.renderRoot.querySelector(name));
  }

  get #looking(): boolean {
    return this.#lookTimer !== undefined;
  }

  #look(open: boolean): void {
    if (open === this.#looking) return;
    clearInterval(this.#lookTimer);
    this.#lookTimer = undefined;
    if (!open) return;
    this.#lookTimer = setInterval(() => this.volunteer.watch(), kLookMs);
    this.volunteer.watch();
    this.requestUpdate();
  }

  get #foldable(): boolean {
    return this.appearance.layout !== 'panel';
  }

  get #showsGlobe(): boolean {
    return this.appearance.globe;
  }

  #controls(open: boolean): TemplateResult {
    const { strings } = this.speech;
    const usable = this.volunteer.status.state !== 'unavailable';
    return html`<div class="controls">
      <span class="lend" id="lend">${strings.lend}</span>
      <button class="switch" type="button" role="switch" aria-checked=${this.volunteer.isOn ? 'true' : 'false'}
        aria-disabled=${usable ? 'false' : 'true'} aria-labelledby="lend" aria-describedby="status" @click=${this.#onSwitch}></button>
      ${
        this.#foldable
          ? html`<button class="fold" type="button" aria-expanded=${open ? 'true' : 'false'} aria-controls="more"
              aria-label=${open ? strings.less : strings.more} @click=${this.#onFold}>${kChevron}</button>`
          : nothing
      }
    </div>`;
  }

  #statusText(): string {
    const { strings, lang } = this.speech;
    const { state } = this.volunteer;
    if (state === 'helping') return plural(strings.helping, this.volunteer.status.helpingNow, lang);
    return state === 'consent-required' ? strings.decide : strings[state];
  }

  #note(): TemplateResult | typeof nothing {
    const { resume, retry } = this.speech.strings;
    const { reason, state, canRetry } = this.volunteer;
    const text = this.#noteText();
    if (text === '') return nothing;
    const button = (name: string, says: string, act: (event: Event) => void) =>
      html`<div class="choices"><button type="button" class=${name} @click=${act}>${says}</button></div>`;
    return html`<p class="note" role="status">${text}</p>
      ${reason === 'slow' && state === 'paused' ? button('resume', resume, this.#onResume) : nothing}
      ${canRetry ? button('retry', retry, this.#onRetry) : nothing}`;
  }

  #noteText(): string {
    const { reasons, networks, costly } = this.speech.strings;
    const { reason, state, isWarning } = this.volunteer;
    if (isWarning && reason === 'risky-place') return ''; // the notice says it
    if (reason && Object.hasOwn(reasons, reason)) return `${reasons[reason as ReasonKey]} ${this.#until()}`;
    if (this.volunteer.isShutOut) return `${networks['no-udp'].is} ${networks['no-udp'].step}`;
    return state === 'off' && this.volunteer.costly !== null ? costly : '';
  }

  #until(): string {
    const { state, changesAt } = this.volunteer.status;
    return state === 'paused' && changesAt ? pausedUntil(Date.parse(changesAt), Date.now(), this.speech) : '';
  }

  #consent(): TemplateResult {
    const { strings } = this.speech;
    const confirming = this.volunteer.isConfirming;
    return html`<section class="consent" aria-labelledby="before">
      <h2 id="before" tabindex="-1">${strings.consentTitle}</h2>
      ${this.volunteer.costly ? html`<p class="note">${strings.costly}</p>` : nothing}
      <ul>${strings.consent.map((line) => html`<li>${line}</li>`)}</ul>
      ${confirming ? html`<p class="note">${strings.confirm}</p>` : nothing}
      <div class="choices">
        <button type="button" class="yes" @click=${confirming ? this.#onReopen : this.#onAgree}>
          ${confirming ? strings.openWindow : strings.agree}
        </button>
        <button type="button" @click=${this.#onDecline}>${strings.decline}</button>
      </div>
      ${this.#privacy(strings)}
    </section>`;
  }

  #risk(): TemplateResult {
    return riskNotice(this.speech.strings, this.volunteer.isConfirming, {
      stayOff: this.#onDecline,
      helpAnyway: (event) => this.volunteer.onHelpAnyway(this.#gesture(event)),
      reopen: this.#onReopen,
    });
  }

  // To the notice when it comes, and back; not out of the page around, when its visitor is there.
  #moveFocus(): void {
    const { isWarning } = this.volunteer;
    if (isWarning === (this.#warned !== null)) return;
    const before = this.#warned;
    this.#warned = isWarning ? (this.shadowRoot?.activeElement ?? this.renderRoot.querySelector('.switch')) : null;
    const next = isWarning ? this.renderRoot.querySelector('.stay') : before;
    if (document.hasFocus() && next instanceof HTMLElement) next.focus();
  }

  #more(): TemplateResult {
    const { strings } = this.speech;
    return html`${this.#showsGlobe ? html`<canvas class="globe" role="img" aria-label=${strings.globe}></canvas>` : nothing}
      <div class="facts">
        <p class="lead">${strings.lead}</p>
        ${numbers(this.volunteer.status, this.speech, !this.framed)}
        ${this.#network()}
        ${this.appearance.keepText && this.volunteer.isOn ? html`<p class="keep">${strings.keepOpen}</p>` : nothing}
        <div>${this.#limits()} ${this.#passing()}</div>
        ${this.#reports()} ${this.#news()} ${this.#asides()}
      </div>`;
  }

  // Of what passes now nothing is asked, and nothing is computed, while it is folded away.
  #passing(): TemplateResult {
    const { strings } = this.speech;
    return html`<details class="passing" @toggle=${this.#onLook}><summary>${strings.details.title}</summary>
      ${this.#looking ? passing(this.volunteer.status, this.speech) : nothing}</details>`;
  }

  #reports(): TemplateResult | typeof nothing {
    const { reports } = this.volunteer;
    if (reports === null || !this.#sight.vouches) return nothing;
    return reportsField(this.speech.strings, reports, this.#reportsRefused, this.#onReports);
  }

  #news(): TemplateResult {
    return html`<label class="field news-field">${this.speech.strings.tellNews}
      <input type="checkbox" ?checked=${this.#newcomers.wanted} @change=${this.#onWantNews}></label>`;
  }

  // One element for each language, which goes on when the rest is drawn anew.
  #limits(): TemplateResult {
    const { limits } = this.speech.strings;
    if (this.#fields?.speech !== this.speech) {
      const it = new LimitFields(this.speech, (chosen) => this.volunteer.setLimits(chosen));
      this.#fields = { speech: this.speech, it };
    }
    this.#fields.it.show(this.volunteer.limits);
    const kept = this.volunteer.areLimitsKept ?? (this.framed ? false : null);
    return html`<details class="limits"><summary>${limits.title}</summary>
      ${this.#fields.it.element}
      <p class="aside" role="status">${kept === null ? nothing : kept ? limits.kept : limits.notKept}</p></details>`;
  }

  #network(): TemplateResult | typeof nothing {
    const { strings } = this.speech;
    const { network } = this.volunteer.status;
    if (network === undefined || !this.volunteer.isOn || this.volunteer.isShutOut) return nothing;
    const { is, step } = strings.networks[network];
    return html`<div class="network"><p>${is}</p>${this.#details(strings.networkAsk, [step])}</div>`;
  }

  #asides(): TemplateResult {
    const { strings } = this.speech;
    return html`<div class="asides">
      ${this.appearance.menu ? this.#details(strings.how, strings.howText) : nothing} ${this.#privacy(strings)}
      ${this.framed ? nothing : html`<a href="privacy.html" target="_blank" rel="noopener">${strings.privacy}</a>`}
    </div>`;
  }

  #privacy(strings: Strings): TemplateResult {
    const { privacyText, privacyOwn } = strings;
    return this.#details(strings.privacyAsk, this.framed ? privacyText : [...privacyText, privacyOwn]);
  }

  #details(summary: string, lines: string[]): TemplateResult {
    return html`<details><summary>${summary}</summary><div class="text">${lines.map((line) => html`<p>${line}</p>`)}</div></details>`;
  }

  #gesture(event: Event): Gesture {
    return this.#sight.gesture(event, event.currentTarget as Element, this.renderRoot.querySelector('.consent'));
  }

  readonly #onSwitch = async (event: Event): Promise<void> => {
    const asked = this.volunteer.isAsking;
    this.volunteer.onSwitch(this.#gesture(event));
    if (asked || !this.volunteer.isAsking) return;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('#before')?.focus();
  };

  readonly #onAgree = (event: Event): void => {
    this.volunteer.onAgree(this.#gesture(event));
    this.#focusSwitch();
  };

  readonly #onReopen = (event: Event): void => this.volunteer.onReopen(this.#gesture(event));

  readonly #onDecline = (event: Event): void => {
    this.volunteer.onDecline(this.#gesture(event));
    this.#focusSwitch();
  };

  readonly #onResume = (event: Event): void => this.volunteer.onResume(this.#gesture(event));

  readonly #onRetry = (event: Event): void => this.volunteer.onRetry(this.#gesture(event));

  readonly #onLook = (): void => this.requestUpdate();

  readonly #onWantNews = (event: Event): void => {
    this.#newcomers.wanted = (event.target as HTMLInputElement).checked;
  };

  // It is ticked once it is done, not before.
  readonly #onReports = (event: Event): void => {
    event.preventDefault();
    const [input, text] = this.#reportsSeen();
    if (!input || !text) return;
    const done = this.volunteer.setReports(this.#sight.gesture(event, input, text), !this.volunteer.reports);
    this.#reportsRefused = event.isTrusted && !done;
    this.requestUpdate();
  };

  readonly #onFold = (): void => {
    this.folded = !this.folded;
  };

  #focusSwitch(): void {
    if (this.volunteer.isAsking || this.volunteer.isConfirming) return;
    this.renderRoot.querySelector<HTMLElement>('.switch')?.focus();
  }

  // Loaded when it is first shown. Without it the box works: countries are in words, too.
  async #showGlobe(canvas: HTMLCanvasElement | null): Promise<void> {
    const { countries } = this.volunteer.status;
    if (this.#globe?.canvas !== canvas) this.#globe?.close();
    if (!canvas) {
      this.#globe = null;
      return;
    }
    const dark = this.getAttribute('theme') === 'dark';
    if (this.#globe?.canvas === canvas) return this.#globe.show(countries, dark);
    try {
      const { GlobeView: View } = await import('./globe/globe_view.js');
      if (this.renderRoot.querySelector('canvas') !== canvas || this.#globe?.canvas === canvas) return;
      this.#globe = new View(canvas);
      this.#globe.show(this.volunteer.status.countries, dark);
    } catch {
      canvas.hidden = true;
    }
  }
}
